"""Task for a worker: work that a program outside asks for, does, and reports on."""

from __future__ import annotations

from typing import Any

from workflows.nodes.base import Context, Node, Params, WorkerTask, setting
from workflows.nodes.lengths import LONGEST, Unit, length

TASK_TYPE = r"^[^/\x00-\x1f]{1,200}$"
LONGEST_LEASE = 30 * 24 * 60 * 60


class WorkerTaskSettings(Params):
    task_type: str = setting(
        title="Task type",
        description="By which workers ask for it.",
        pattern=TASK_TYPE,
        placeholder="send_invoice",
    )
    input: Any = setting(
        None,
        title="Input",
        description="What the worker gets, any JSON; without it this node's input.",
        widget="json",
    )
    respond_within: float = setting(
        0,
        title="Response time",
        description="After so many seconds without word from its worker another one gets the task; "
        "0 is as the task type says, else an hour.",
        ge=0,
        le=LONGEST_LEASE,
    )
    at_most: float = setting(
        0,
        title="At most",
        description="How long it may take in all, before it fails; 0 is as the task type says, else for ever.",
        ge=0,
    )
    unit: Unit = setting("seconds", title="Unit", description="What this time counts.")


class TaskForAWorker(Node):
    kind = "worker_task"
    title = "Task for a worker"
    category = "action"
    description = "Waits until a worker outside has taken this task and done it; its output is what the worker reports."
    icon = "hard-hat"
    keywords = ("external", "poll", "queue", "job", "simple", "conductor")
    params = WorkerTaskSettings

    async def run(self, params: WorkerTaskSettings, ctx: Context) -> WorkerTask:
        given = params.input if "input" in params.model_fields_set else ctx.input
        timeout = min(length(params.at_most, params.unit), LONGEST) if params.at_most else None
        return WorkerTask(params.task_type, given, params.respond_within or None, timeout)

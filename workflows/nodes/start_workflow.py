"""Start workflow: starts a run of another workflow and goes on."""

from __future__ import annotations

from typing import Any

from workflows.nodes.base import Context, Node, Params, StartChild, setting


class StartWorkflowSettings(Params):
    workflow: str = setting(
        title="Workflow",
        description="The workflow to start; its published version is used.",
        widget="workflow",
        min_length=1,
    )
    payload: Any = setting(
        None,
        title="Payload",
        description="What it starts with, any JSON; without it this node's input.",
        widget="json",
    )


class StartWorkflow(Node):
    kind = "start_workflow"
    title = "Start workflow"
    category = "flow"
    description = "Starts a run of another workflow and goes on at once; the output names that run."
    icon = "rocket"
    keywords = ("trigger", "fire", "forget", "child", "async", "run")
    params = StartWorkflowSettings

    async def run(self, params: StartWorkflowSettings, ctx: Context) -> StartChild:
        payload = params.payload if "payload" in params.model_fields_set else ctx.input
        return StartChild(params.workflow, payload, wait=False)

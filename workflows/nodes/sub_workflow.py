"""Sub-workflow: starts a run of another workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.nodes.base import Alias, Context, Node, Params, StartChild, setting

TRIGGER_WORKFLOW = "trigger_workflow"


class SubWorkflowSettings(Params):
    workflow: str = setting(
        title="Workflow",
        description="The workflow to run; its published version is used.",
        widget="workflow",
        min_length=1,
    )
    payload: Any = setting(
        None,
        title="Payload",
        description="What it starts with, any JSON; without it this node's input.",
        widget="json",
    )
    wait: bool = setting(
        True,
        title="Wait for its end",
        description="On: the output is the other run's output. Off: the output names the run, and this one goes on.",
    )


class SubWorkflow(Node):
    kind = "sub_workflow"
    title = "Sub-workflow"
    category = "flow"
    description = "Runs another workflow as part of this one."
    icon = "workflow"
    keywords = ("call", "child", "reuse", "nested", "run")
    aliases = (Alias(TRIGGER_WORKFLOW, "Trigger workflow"),)
    params = SubWorkflowSettings

    def adapt(self, kind: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Under its other name the id is `workflow_id`, and the answer is the started run."""
        if kind != TRIGGER_WORKFLOW:
            return settings
        return {"workflow": settings.get("workflow_id"), "wait": False, **settings}

    async def run(self, params: SubWorkflowSettings, ctx: Context) -> StartChild:
        payload = params.payload if "payload" in params.model_fields_set else ctx.input
        return StartChild(params.workflow, payload, params.wait)

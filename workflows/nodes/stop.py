"""Stop: ends the whole run."""

from __future__ import annotations

from typing import Any, Literal

from workflows.nodes.base import Alias, Context, Node, Params, Stop, Text, setting


class StopSettings(Params):
    status: Literal["completed", "failed", "terminated"] = setting(
        "completed", title="Status", description="How the run ends."
    )
    output: Any = setting(
        None,
        title="Output",
        description="The run's output, any JSON; without it the node's input.",
        widget="json",
        show_if={"status": ["completed", "terminated"]},
    )
    message: Text = setting(
        "",
        title="Message",
        description="What the run's error says, or why it was ended.",
        widget="multiline",
        placeholder="The order was refused",
        show_if={"status": ["failed", "terminated"]},
    )


class StopRun(Node):
    kind = "stop"
    title = "Stop"
    category = "flow"
    description = "Ends the run at once: nothing else starts, and what runs is cancelled."
    icon = "octagon-x"
    keywords = ("end", "terminate", "exit", "abort", "fail", "finish")
    aliases = (Alias("terminate", "Terminate"),)
    params = StopSettings
    pure = True
    can_fail = False

    async def run(self, params: StopSettings, ctx: Context) -> Stop:
        output = params.output if "output" in params.model_fields_set else ctx.input
        return Stop(params.status, output, params.message)

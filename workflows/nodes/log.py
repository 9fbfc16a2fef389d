"""Log: writes a line into the run's record."""

from __future__ import annotations

from typing import Literal

from workflows.nodes.base import Context, Node, Output, Params, Text, setting


class LogSettings(Params):
    message: Text = setting(
        title="Message",
        description="The text to record.",
        widget="multiline",
        placeholder="Order {{ input.id }} has {{ len(input.items) }} items",
    )
    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", title="Level", description="How much it matters."
    )


class Log(Node):
    kind = "log"
    title = "Log"
    category = "action"
    description = "Writes a message into the run's record and passes its input on."
    icon = "scroll-text"
    keywords = ("message", "print", "debug", "note", "record")
    params = LogSettings
    pure = True

    async def run(self, params: LogSettings, ctx: Context) -> Output:
        ctx.log(params.message, params.level)
        return Output(ctx.input)

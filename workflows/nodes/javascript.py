"""Code in JavaScript: a program run in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.nodes.base import Context, Node, Output, Params, Source, setting
from workflows.nodes.program import check_program, run_program, time_limit


class JavaScriptSettings(Params):
    source: Source = setting(
        title="Code",
        description="JavaScript; what it returns, or else the value of its last statement, is the output.",
        widget="code",
        language="javascript",
        placeholder="const total = $.items.reduce((sum, item) => sum + item.price, 0);\nreturn { total };",
        max_length=100_000,
    )
    inputs: dict[str, Any] | None = setting(
        None,
        title="Inputs",
        description="What the program finds in `$`, by names; without any, `$` is this node's input.",
        widget="mapping",
    )
    seconds: float = time_limit()


class JavaScript(Node):
    kind = "javascript"
    title = "Code (JavaScript)"
    category = "data"
    description = "Runs a program in JavaScript, without files and without the network; console.log goes to the log."
    icon = "braces"
    keywords = ("js", "script", "function", "program", "compute", "inline")
    params = JavaScriptSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return check_program("javascript", "source", settings)

    async def run(self, params: JavaScriptSettings, ctx: Context) -> Output:
        data = ctx.input if params.inputs is None else params.inputs
        return Output(await run_program("javascript", "source", params.source, data, params.seconds, ctx))

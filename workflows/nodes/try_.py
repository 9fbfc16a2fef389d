"""Try: what fails inside ends the container, and the run goes on by its `error` exit."""

from __future__ import annotations

from workflows.nodes.base import ERROR, OUT, Context, Node, Output, Params


class TrySettings(Params):
    pass


class Try(Node):
    kind = "try"
    title = "Try"
    category = "flow"
    description = "Runs the nodes in it; when one fails, the rest of them stop and the run goes on by “error”."
    icon = "shield-check"
    keywords = ("catch", "error", "handle", "failure", "group", "scope")
    params = TrySettings
    pure = True
    is_container = True
    repeats = True
    handles = (OUT, ERROR)
    can_fail = False

    async def run(self, params: TrySettings, ctx: Context) -> Output:
        return Output(ctx.input)

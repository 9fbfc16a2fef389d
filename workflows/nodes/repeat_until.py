"""Repeat until: runs what lies in it again and again, until a condition holds."""

from __future__ import annotations

from typing import Literal

from workflows.nodes.base import Again, Context, Expression, Node, NodeError, Output, Params, setting


class RepeatUntilSettings(Params):
    until: Expression = setting(
        title="Until",
        description="One expression, asked after every pass: true ends the loop. {{ input }} is the pass's result.",
        widget="expression",
        placeholder='input.status == "ready"',
    )
    max_passes: int = setting(
        100, title="Most passes", description="After so many without coming to its end, it fails.", ge=1, le=10_000
    )
    output: Literal["last", "all"] = setting(
        "last",
        title="Output",
        description="What comes out of it at its end.",
        labels={"last": "The result of the last pass", "all": "The results of all passes, as a list"},
    )


class RepeatUntil(Node):
    kind = "repeat_until"
    title = "Repeat until"
    category = "flow"
    description = "Runs the nodes in it again and again, each time with the last result, until a condition holds."
    icon = "rotate-cw"
    keywords = ("loop", "while", "do", "poll", "retry", "until")
    params = RepeatUntilSettings
    pure = True
    is_container = True
    repeats = True
    loop_roots = frozenset({"index"})

    async def run(self, params: RepeatUntilSettings, ctx: Context) -> Output | Again:
        if not isinstance(params.until, bool):
            message = "“Until” must come to true or false."
            raise NodeError("not_a_condition", message, field="until", retryable=False)
        if params.until:
            return Output(list(ctx.results) if params.output == "all" else ctx.input)
        if len(ctx.results) >= params.max_passes:
            message = f"After {len(ctx.results)} passes the condition still does not hold."
            raise NodeError("too_many_passes", message, field="max_passes", retryable=False)
        return Again()

"""Code: a program in Python, run in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from workflows.expressions import Code, CodeError, ExpressionError
from workflows.nodes.base import Context, Node, NodeError, Output, Params, Source, setting
from workflows.nodes.program import limits, log_printed, time_limit


class CodeSettings(Params):
    source: Source = setting(
        title="Code",
        description="Python; what it returns, or else the value of its last line, is the output."
        ' progress(0.5, "half") shows how far it is.',
        widget="code",
        language="python",
        placeholder='total = sum(i["price"] for i in input["items"])\nreturn {"total": total}',
    )
    seconds: float = time_limit()


class CodeNode(Node):
    kind = "code"
    title = "Code"
    category = "data"
    description = "Runs a program in Python, without files and without the network; what it prints goes to the log."
    icon = "code"
    keywords = ("python", "script", "function", "program", "compute")
    params = CodeSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        source = settings.get("source")
        try:
            if isinstance(source, str):
                compiled(source)
        except ExpressionError as error:
            return [("source", error.message)]
        return []

    async def run(self, params: CodeSettings, ctx: Context) -> Output:
        try:
            value, printed = await compiled(params.source).run(ctx.readable(), limits(params.seconds), ctx.progress)
        except ExpressionError as error:
            raise NodeError(error.code, error.message, field="source", retryable=False) from None
        except CodeError as error:
            log_printed(ctx, error.printed)
            raise NodeError(error.code, error.message, field="source") from None
        log_printed(ctx, printed)
        return Output(value)


@lru_cache(maxsize=256)
def compiled(source: str) -> Code:
    return Code(source, "source")

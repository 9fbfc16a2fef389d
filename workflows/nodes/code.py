"""Code: a program in Python, run in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from workflows.expressions import Code, CodeError, ExpressionError, Limits
from workflows.nodes.base import Context, Node, NodeError, Output, Params, Source, setting

MEMORY = 128 * 1024 * 1024
RESULT_CHARS = 5 * 1024 * 1024


class CodeSettings(Params):
    source: Source = setting(
        title="Code",
        description="Python; what it returns, or else the value of its last line, is the output."
        ' progress(0.5, "half") shows how far it is.',
        widget="code",
        placeholder='total = sum(i["price"] for i in input["items"])\nreturn {"total": total}',
    )
    seconds: float = setting(10, title="Time limit", description="Seconds that it may take.", gt=0, le=60)


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
        limits = Limits(params.seconds, MEMORY, RESULT_CHARS)
        try:
            value, printed = await compiled(params.source).run(ctx.readable(), limits, ctx.progress)
        except ExpressionError as error:
            raise NodeError(error.code, error.message, field="source", retryable=False) from None
        except CodeError as error:
            _log(ctx, error.printed)
            raise NodeError(error.code, error.message, field="source") from None
        _log(ctx, printed)
        return Output(value)


def _log(ctx: Context, printed: str) -> None:
    for line in printed.splitlines():
        ctx.log(line)


@lru_cache(maxsize=256)
def compiled(source: str) -> Code:
    return Code(source, "source")

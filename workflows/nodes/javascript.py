"""Code in JavaScript: a program run in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.expressions import Limits
from workflows.nodes.base import Context, Node, NodeError, Output, Params, Source, setting
from workflows.scripts import Language, ScriptError, run_script, syntax_fault

MEMORY = 128 * 1024 * 1024
RESULT_CHARS = 5 * 1024 * 1024


class JavaScriptSettings(Params):
    source: Source = setting(
        title="Code",
        description="JavaScript; what it returns, or else the value of its last statement, is the output.",
        widget="code",
        placeholder="const total = $.items.reduce((sum, item) => sum + item.price, 0);\nreturn { total };",
        max_length=100_000,
    )
    inputs: dict[str, Any] | None = setting(
        None,
        title="Inputs",
        description="What the program finds in `$`, by names; without any, `$` is this node's input.",
        widget="mapping",
    )
    seconds: float = setting(10, title="Time limit", description="Seconds that it may take.", gt=0, le=60)


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


def check_program(language: Language, field: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    source = settings.get(field)
    fault = syntax_fault(language, source) if isinstance(source, str) else None
    return [(field, fault)] if fault else []


async def run_program(language: Language, field: str, source: str, data: Any, seconds: float, ctx: Context) -> Any:
    """What it gives; what it prints goes to the log. Raises NodeError with the codes of the code node."""
    try:
        value, printed = await run_script(language, source, data, Limits(seconds, MEMORY, RESULT_CHARS))
    except ScriptError as error:
        _log(ctx, error.printed)
        raise _explained(error, field, seconds) from None
    _log(ctx, printed)
    return value


def _log(ctx: Context, printed: str) -> None:
    for line in printed.splitlines():
        ctx.log(line)


def _explained(error: ScriptError, field: str, seconds: float) -> NodeError:
    code, message = {
        "syntax": ("code_syntax", error.message),
        "raised": ("code_failed", error.message),
        "timeout": ("code_timeout", f"The code took longer than {seconds:g} s."),
        "memory": ("code_memory", f"The code needs more than {MEMORY // 1024**2} MB."),
        "result_too_large": ("code_result_too_large", f"The result is larger than {RESULT_CHARS:,} characters."),
        "not_json": ("code_result_no_json", f"The result is no JSON value: {error.message}"),
        "crashed": ("code_crashed", error.message),
    }[error.failure]
    return NodeError(code, message, field=field, retryable=error.failure != "syntax")

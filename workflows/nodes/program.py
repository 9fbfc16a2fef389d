"""What the nodes that run a program of the author's have in common, whatever its language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.expressions import MAX_PRINTED, Limits
from workflows.nodes.base import Context, NodeError, setting
from workflows.scripts import Language, ScriptError, run_script, syntax_fault

MEMORY = 128 * 1024 * 1024
RESULT_CHARS = 5 * 1024 * 1024


def time_limit() -> Any:
    """The setting `seconds`."""
    return setting(10, title="Time limit", description="Seconds that it may take.", gt=0, le=60)


def limits(seconds: float) -> Limits:
    return Limits(seconds, MEMORY, RESULT_CHARS)


def log_printed(ctx: Context, printed: str) -> None:
    for line in printed.splitlines():
        ctx.log(line)


def check_program(language: Language, field: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    source = settings.get(field)
    fault = syntax_fault(language, source) if isinstance(source, str) else None
    return [(field, fault)] if fault else []


async def run_program(language: Language, field: str, source: str, data: Any, seconds: float, ctx: Context) -> Any:
    """What it gives; what it prints goes to the log. Raises NodeError."""
    try:
        value, printed = await run_script(language, source, data, limits(seconds))
    except ScriptError as error:
        log_printed(ctx, error.printed)
        raise _explained(error, field, seconds) from None
    log_printed(ctx, printed)
    return value


def _explained(error: ScriptError, field: str, seconds: float) -> NodeError:
    code, message = {
        "syntax": ("code_syntax", error.message),
        "raised": ("code_failed", error.message),
        "timeout": ("code_timeout", f"The code took longer than {seconds:g} s."),
        "memory": ("code_memory", f"The code needs more than {MEMORY // 1024**2} MB."),
        "result_too_large": ("code_result_too_large", f"The result is larger than {RESULT_CHARS:,} characters."),
        "printed_too_much": ("code_printed_too_much", f"The code printed more than {MAX_PRINTED:,} characters."),
        "not_json": ("code_result_no_json", f"The result is no JSON value: {error.message}"),
        "crashed": ("code_crashed", error.message),
    }[error.failure]
    return NodeError(code, message, field=field, retryable=error.failure != "syntax")

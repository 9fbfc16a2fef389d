"""One small workflow's data that the tests read, and short ways to resolve a single setting."""

from typing import Any

from workflows.expressions import DEFAULT_LIMITS, ExpressionError, Limits, Scope, compile_parameters, resolve

NODE_IDS = ["fetch", "http-1", "skipped", "sum", "json"]

SCOPE = Scope(
    roots={
        "trigger": {"user_id": 7, "from": "Bob", "body": {"class": "A", "a b": 1}},
        "input": {
            "items": [{"id": "a", "price": 2, "qty": 3}, {"id": "b", "price": 4.5}],
            "name": "Ada",
            "nothing": None,
            "huge": 10**999,
            "when": "2026-11-22T10:00:00Z",
        },
        "run": {"id": "fl_run_1"},
        "workflow": {"name": "Orders"},
        "vars": {"limit": 3},
    },
    nodes={
        "fetch": {"status": 200, "body": {"items": [{"id": 1}, {"id": 2}]}},
        "http-1": {"x": 5},
        "sum": {"total": 9},
        "json": {"loads": [1]},
    },
)


async def value_of(text: Any, scope: Scope = SCOPE, limits: Limits = DEFAULT_LIMITS) -> Any:
    return (await resolve(compile_parameters({"it": text}, NODE_IDS), scope, limits))["it"]


async def error_of(text: Any, scope: Scope = SCOPE, limits: Limits = DEFAULT_LIMITS) -> ExpressionError:
    try:
        value = await value_of(text, scope, limits)
    except ExpressionError as error:
        return error
    raise AssertionError(f"{text!r} gave {value!r}")

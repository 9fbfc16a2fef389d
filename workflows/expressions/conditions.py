"""Conditions of if and switch nodes: rules `{left, operator, right}`, joined with and/or, nested in groups.

    {"left": 5, "operator": "gt", "right": 3}
    {"logic": "or", "rules": [rule, {"logic": "and", "rules": [rule, rule]}]}

Both sides are values already, expressions are resolved before. A value of the wrong type is an error and
not false: a condition that cannot be answered must not quietly choose a branch. An operator belongs to a
type; where its name serves several (`contains`, `between`), `type` decides or else the left value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflows.expressions.errors import ExpressionError
from workflows.expressions.limits import DEFAULT_LIMITS, Limits
from workflows.expressions.operators import MATCHES, OPERATORS, Operator
from workflows.expressions.sandbox import SandboxError, run_code

MAX_GROUPS = 10
"""Levels of groups within groups."""
MAX_PATTERN = 500
"""Characters of the pattern of `matches`."""

LOGICS = ("and", "or")

_TYPES_BY_VALUE: list[tuple[type, str]] = [(bool, "boolean"), (int, "number"), (float, "number"), (list, "array")]


def _operator(rule: Mapping[str, Any], field: str) -> Operator:
    name, wanted = str(rule.get("operator")), str(rule.get("type") or "")
    fitting = [kind for kind, operators in OPERATORS.items() if name in operators and wanted in ("", kind)]
    if not fitting:
        of_type = OPERATORS[wanted] if wanted in OPERATORS else {name for some in OPERATORS.values() for name in some}
        message = f'There is no operator "{name}" here; there are {", ".join(sorted(of_type))}.'
        raise ExpressionError(message, f"{field}.operator", code="condition_operator")
    if len(fitting) > 1:
        by_value = next((name for kind, name in _TYPES_BY_VALUE if isinstance(rule.get("left"), kind)), None)
        fitting = [by_value] if by_value in fitting else fitting
    return OPERATORS[fitting[0]][name]


# --- evaluation ---


async def evaluate(
    rules: Sequence[Mapping[str, Any]],
    logic: str = "and",
    field: str = "conditions",
    limits: Limits = DEFAULT_LIMITS,
) -> bool:
    """Whether all rules hold ("and") or any ("or"), from first to last and no further than needed."""
    for error in check(rules, logic, field):
        raise error
    return await _evaluate(rules, logic, field, limits)


async def _evaluate(rules: Sequence[Mapping[str, Any]], logic: str, field: str, limits: Limits) -> bool:
    decisive = logic.lower() == "or"
    for index, rule in enumerate(rules):
        place = f"{field}[{index}]"
        if "rules" in rule:
            holds = await _evaluate(rule["rules"], rule.get("logic", "and"), f"{place}.rules", limits)
        else:
            holds = await _holds(rule, place, limits)
        if holds == decisive:
            return decisive
    return not decisive


async def _holds(rule: Mapping[str, Any], field: str, limits: Limits) -> bool:
    operator = _operator(rule, field)
    left = _operand(operator.left, rule.get("left"), f"{field}.left")
    right = None
    if operator.right is not None:
        right = _operand(operator.right, rule.get("right"), f"{field}.right")
    if operator is MATCHES:
        return await _matches(left, str(right), f"{field}.right", limits)
    return operator.test(left, right)


def _operand(read: Callable[[Any], Any], value: Any, field: str) -> Any:
    try:
        return read(value)
    except TypeError as error:
        raise ExpressionError(str(error), field, code="condition_type") from None


async def _matches(text: str, pattern: str, field: str, limits: Limits) -> bool:
    """Whether the pattern is found anywhere in the text."""
    if len(pattern) > MAX_PATTERN:
        raise ExpressionError(f"A pattern may have {MAX_PATTERN} characters.", field, code="condition_pattern")
    try:
        found, _ = await run_code(
            "import re\nre.search(pattern, text) is not None", {"pattern": pattern, "text": text}, limits
        )
    except SandboxError as error:
        raise ExpressionError(f"The pattern failed: {error.message}", field, code="condition_pattern") from None
    return bool(found)


# --- checking ---


def check(rules: Any, logic: Any = "and", field: str = "conditions") -> list[ExpressionError]:
    """Mistakes that show before any value is known: shape, unknown operators, a missing side."""
    return _check_group(rules, logic, field, 1)


def _check_group(rules: Any, logic: Any, field: str, depth: int) -> list[ExpressionError]:
    if not isinstance(logic, str) or logic.lower() not in LOGICS:
        return [_misshapen('Rules are joined by "and" or "or".', field)]
    if not isinstance(rules, list) or not rules:
        return [_misshapen("This needs a list of at least one rule.", field)]
    if depth > MAX_GROUPS:
        return [_misshapen(f"Groups may be nested {MAX_GROUPS} deep, no more.", field)]
    return [error for index, rule in enumerate(rules) for error in _check_rule(rule, f"{field}[{index}]", depth)]


def _check_rule(rule: Any, field: str, depth: int) -> list[ExpressionError]:
    if not isinstance(rule, dict):
        return [_misshapen("A rule has left, operator and right.", field)]
    if "rules" in rule:
        return _check_group(rule["rules"], rule.get("logic", "and"), f"{field}.rules", depth + 1)
    try:
        operator = _operator(rule, field)
    except ExpressionError as error:
        return [error]
    sides = ("left", "right") if operator.right else ("left",)
    return [_misshapen(f"This rule needs a {side} side.", f"{field}.{side}") for side in sides if side not in rule]


def _misshapen(message: str, field: str) -> ExpressionError:
    return ExpressionError(message, field, code="condition_invalid")

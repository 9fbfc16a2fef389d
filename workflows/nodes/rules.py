"""Rules as settings of `if` and `switch`: their form, other ways to write them, and their answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import WithJsonSchema

from workflows.expressions import ExpressionError
from workflows.expressions.conditions import check, evaluate
from workflows.expressions.operators import OPERATORS
from workflows.nodes.base import NodeError

Logic = Literal["and", "or"]
LOGIC_LABELS = {"and": "All of these hold", "or": "Any of these holds"}

WITHOUT_RIGHT = sorted({name for some in OPERATORS.values() for name, one in some.items() if one.right is None})

_RULE = {
    "type": "object",
    "properties": {
        "left": {
            "title": "Value",
            "description": "What is asked about, mostly an expression.",
            "x-widget": "text",
            "x-placeholder": "{{ input.amount }}",
        },
        "type": {
            "type": "string",
            "enum": list(OPERATORS),
            "title": "Type",
            "description": "What the value must be. A value of another type is an error, it is not false.",
        },
        "operator": {
            "type": "string",
            "enum": sorted({name for some in OPERATORS.values() for name in some}),
            "title": "Operator",
            "description": "How the two are compared.",
        },
        "right": {
            "title": "Compare with",
            "description": "The other side; for “between” a list of two, the lowest and the highest.",
            "x-widget": "text",
            "x-placeholder": "100",
        },
    },
    "required": ["left", "operator"],
}
_GROUP = {
    "type": "object",
    "properties": {
        "logic": {
            "type": "string",
            "enum": ["and", "or"],
            "default": "and",
            "title": "Group",
            "description": "Whether all of its rules must hold or any.",
            "x-labels": LOGIC_LABELS,
        },
        "rules": {
            "type": "array",
            "items": {"type": "object"},
            "title": "Rules",
            "description": "Rules and groups, as above.",
        },
    },
    "required": ["rules"],
}

# Checked by workflows.expressions.conditions, which knows the operators; the schema is for forms and programs.
Rules = Annotated[
    list[dict[str, Any]],
    WithJsonSchema(
        {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [_RULE, _GROUP]},
            "x-operators": {kind: list(operators) for kind, operators in OPERATORS.items()},
            "x-without-right": WITHOUT_RIGHT,
        }
    ),
]


async def hold(rules: list[dict[str, Any]], logic: Logic, field: str) -> bool:
    """Whether the rules hold; one that cannot be answered fails the node, it does not choose a branch."""
    try:
        return await evaluate(rules, logic, field)
    except ExpressionError as error:
        raise NodeError(error.code, error.message, field=error.field, retryable=False) from None


def faults(rules: Any, logic: Any, field: str) -> list[tuple[str, str]]:
    """What shows before any value is known. Where an expression gives the rules, nothing does."""
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return []  # the type is wrong or not known yet, which the schema tells
    return [(error.field, error.message) for error in check(rules, logic, field)]


def as_rule(written: Any, kind: str | None = None) -> Any:
    """A rule in our words, from {operand, operator, value} or {left, operator, right}; groups likewise, inside too."""
    if not isinstance(written, Mapping):
        return written
    if "rules" in written:
        inner = written["rules"]
        rules = [as_rule(rule, kind) for rule in inner] if isinstance(inner, list) else inner
        return {"logic": as_logic(written.get("logic", "and")), "rules": rules}
    rule = {name: written[name] for name in ("left", "operator", "right", "type") if name in written}
    for theirs, ours in (("operand", "left"), ("value", "right")):
        if theirs in written:
            rule.setdefault(ours, written[theirs])
    if kind:
        rule.setdefault("type", kind)
    return rule


def as_logic(written: Any) -> Any:
    return written.lower() if isinstance(written, str) else written

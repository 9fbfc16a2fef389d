"""Conditions of if and switch nodes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.expressions import ExpressionError, Limits
from workflows.expressions.conditions import check, evaluate
from workflows.expressions.operators import OPERATORS


def rule(left: Any, operator: str, right: Any = None, **more: Any) -> dict[str, Any]:
    return {"left": left, "operator": operator, "right": right, **more}


HOLDS = [
    rule("a", "equals", "a"),
    rule("a", "not_equals", "A"),
    rule("abc", "contains", "b"),
    rule("abc", "not_contains", "x"),
    rule("abc", "starts_with", "ab"),
    rule("abc", "ends_with", "bc"),
    rule("order-17", "matches", r"^order-\d+$"),
    rule("an order-17", "matches", r"order"),
    rule("", "is_empty"),
    rule(None, "is_empty"),
    rule("x", "is_not_empty"),
    rule(1, "eq", 1.0),
    rule(10**30, "gt", 10**29),
    rule(1, "ne", 2),
    rule(2, "gt", "1"),
    rule(2, "gte", 2),
    rule(1.5, "lt", " 2e0 "),
    rule(2, "lte", 2),
    rule(2, "between", [1, "3"]),
    rule("2026-11-22", "before", "2026-11-22T00:00:01Z"),
    rule("2026-11-22T01:00:00+02:00", "after", "2026-11-21T22:59:59"),
    rule("2026-11-22T01:00:00+02:00", "on", "2026-11-21"),
    rule("2026-11-22", "between", ["2026-11-22", "2026-11-23"], type="date"),
    rule(True, "is_true"),
    rule(False, "is_false"),
    rule([1, "a"], "contains", "a"),
    rule([True, [1, {"a": 1}]], "contains", [1.0, {"a": 1}]),
    rule([True], "not_contains", 1),
    rule([], "is_empty"),
    rule(None, "is_empty", type="array"),
    rule([0], "is_not_empty"),
    rule([0, 1], "count_eq", 2),
    rule([0, 1], "count_gt", "1"),
    rule([0, 1], "count_lt", 3),
]
FAILS = [
    rule("a", "equals", "b"),
    rule("order-x", "matches", r"^order-\d+$"),
    rule("", "is_not_empty"),
    rule(1, "gt", 1),
    rule(4, "between", [1, 3]),
    rule("2026-11-23", "on", "2026-11-22"),
    rule(False, "is_true"),
    rule([1], "contains", True),
    rule([], "count_gt", 0),
]


@pytest.mark.parametrize("holding", HOLDS, ids=str)
async def test_it_holds(holding: dict[str, Any]) -> None:
    assert await evaluate([holding]) is True


@pytest.mark.parametrize("failing", FAILS, ids=str)
async def test_it_does_not_hold(failing: dict[str, Any]) -> None:
    assert await evaluate([failing]) is False


def test_every_operator_of_the_contract_is_tried() -> None:
    tried = {one["operator"] for one in HOLDS}
    assert tried == {name for operators in OPERATORS.values() for name in operators}


@pytest.mark.parametrize(
    ("mismatched", "field", "message"),
    [
        (rule(5, "equals", "5"), "left", "5 is a number, but text is needed here."),
        (rule("5", "equals", 5), "right", "5 is a number, but text is needed here."),
        (rule("5", "gt", 3), "left", '"5" is text, but a number is needed here.'),
        (rule(True, "gt", 0), "left", "true is true or false, but a number is needed here."),
        (rule(5, "gt", "many"), "right", '"many" is text, but a number is needed here.'),
        (rule(5, "gt", "[" * 9999), "right", "is text, but a number is needed here."),
        (rule(5, "gt", "NaN"), "right", "a number is needed"),
        (rule(5, "between", [1]), "right", "[1] is a list, but a list of two"),
        (rule(5, "between", [1, None]), "right", "null is null, but a number"),
        (rule("tomorrow", "before", "2026-11-22"), "left", '"tomorrow" is text, but a date'),
        (rule(1700000000, "on", "2026-11-22"), "left", "is a number, but text"),
        (rule("0001-01-01T00:00:00+10:00", "on", "2026-11-22"), "left", "but a date"),
        (rule(1, "is_true"), "left", "1 is a number, but true or false"),
        (rule("a", "count_eq", 1), "left", '"a" is text, but a list'),
        (rule({"a": 1}, "is_empty"), "left", '{"a": 1} is an object, but text'),
        (rule("x" * 99, "is_true"), "left", "x…"),
    ],
)
async def test_a_type_mismatch_is_an_error_and_not_false(mismatched: Any, field: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        await evaluate([mismatched])
    assert (caught.value.code, caught.value.field) == ("condition_type", f"conditions[0].{field}")
    assert message in caught.value.message


async def test_groups_join_with_and_or_and_nest() -> None:
    yes, no = rule(1, "eq", 1), rule(1, "eq", 2)
    assert await evaluate([yes, yes])
    assert not await evaluate([yes, no])
    assert await evaluate([no, yes], "or")
    assert not await evaluate([no, no], "OR")
    assert await evaluate([no, {"logic": "AND", "rules": [yes, {"logic": "or", "rules": [no, yes]}]}], "or")


async def test_rules_are_asked_in_order_and_no_further_than_needed() -> None:
    broken = rule("x", "gt", 1)
    assert not await evaluate([rule(1, "eq", 2), broken])
    assert await evaluate([rule(1, "eq", 1), broken], "or")
    with pytest.raises(ExpressionError):
        await evaluate([rule(1, "eq", 1), broken])


tree = st.recursive(
    st.booleans(), lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3))
)


@given(tree)
async def test_groups_mean_all_and_any(shape: Any) -> None:
    def meaning(part: Any) -> bool:
        return part if isinstance(part, bool) else {"and": all, "or": any}[part[0]](map(meaning, part[1]))

    def written(part: Any) -> dict[str, Any]:
        if isinstance(part, bool):
            return rule(part, "is_true")
        return {"logic": part[0], "rules": [written(inner) for inner in part[1]]}

    if not check([written(shape)]):
        assert await evaluate([written(shape)]) == meaning(shape)


@pytest.mark.parametrize(
    ("rules", "field", "code"),
    [
        ([], "conditions", "condition_invalid"),
        ("{{ x }}", "conditions", "condition_invalid"),
        ([5], "conditions[0]", "condition_invalid"),
        ([{"operator": "eq", "left": 1}], "conditions[0].right", "condition_invalid"),
        ([{"operator": "is_true"}], "conditions[0].left", "condition_invalid"),
        ([rule(1, "equal", 1)], "conditions[0].operator", "condition_operator"),
        ([rule(1, "equals", 1, type="number")], "conditions[0].operator", "condition_operator"),
        ([{"left": 1, "operator": ["eq"]}], "conditions[0].operator", "condition_operator"),
        ([{"rules": []}], "conditions[0].rules", "condition_invalid"),
        ([{"logic": "xor", "rules": [rule(1, "eq", 1)]}], "conditions[0].rules", "condition_invalid"),
        ([rule(True, "is_true"), {"rules": [5]}], "conditions[1].rules[0]", "condition_invalid"),
    ],
)
async def test_mistakes_show_when_checked_and_are_refused_when_evaluated(rules: Any, field: str, code: str) -> None:
    (error,) = check(rules)
    assert (error.field, error.code) == (field, code)
    with pytest.raises(ExpressionError):
        await evaluate(rules)


def test_rules_whose_sides_are_expressions_pass_the_check() -> None:
    assert (
        check([rule("{{ input.x }}", "contains", "{{ vars.y }}"), rule("{{ input.n }}", "between", "{{ vars.two }}")])
        == []
    )


def test_groups_are_not_nested_without_end() -> None:
    group: dict[str, Any] = rule(True, "is_true")
    for _ in range(50):
        group = {"rules": [group]}
    (error,) = check([group])
    assert "10 deep" in error.message


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 50 + "b"),
        ("(x+x+)+\\1y", "x" * 60),
        ("(?:a?b?){30000}z$|a[ab]{9000}y[ab]", "ab" * 5_000),
        ("[[[", "x"),
        ("x" * 501, "x"),
        ("(" * 250, "x"),
    ],
)
async def test_a_hostile_pattern_answers_or_is_stopped(pattern: str, text: str) -> None:
    try:
        assert await evaluate([rule(text, "matches", pattern)], limits=Limits(seconds=0.5)) is False
    except ExpressionError as error:
        assert (error.code, error.field) == ("condition_pattern", "conditions[0].right")  # noqa: PT017 - either is right

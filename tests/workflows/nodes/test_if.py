from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output

RULE = {"left": "{{ input.age }}", "operator": "gte", "right": 18}


@pytest.mark.parametrize(("age", "handle"), [(18, "true"), (17, "false")])
async def test_it_goes_by_its_rules_and_hands_its_input_on(age: int, handle: str) -> None:
    ctx = FakeContext({"age": age})
    assert await run("if", ctx, conditions=[RULE]) == Output({"age": age}, handle)


@pytest.mark.parametrize(("logic", "handle"), [("and", "false"), ("or", "true"), ("OR", "true")])
async def test_rules_are_joined_by_and_or_or(logic: str, handle: str) -> None:
    other = {"left": "a", "operator": "equals", "right": "b"}
    result = await run("if", FakeContext({"age": 20}), conditions=[RULE, other], logic=logic)
    assert isinstance(result, Output)
    assert result.handle == handle


async def test_groups_lie_in_groups() -> None:
    no = {"left": False, "operator": "is_true"}
    group = {"logic": "or", "rules": [no, {"logic": "and", "rules": [RULE, RULE]}]}
    result = await run("if", FakeContext({"age": 20}), conditions=[RULE, group])
    assert isinstance(result, Output)
    assert result.handle == "true"


async def test_a_pattern_is_found_anywhere() -> None:
    rule = {"left": "{{ input }}", "operator": "matches", "right": r"\d{3}"}
    result = await run("if", FakeContext("abc 123"), conditions=[rule])
    assert isinstance(result, Output)
    assert result.handle == "true"


async def test_a_value_of_another_type_fails_the_node_and_is_not_false() -> None:
    with pytest.raises(NodeError) as caught:
        await run("if", FakeContext({"age": "old"}), conditions=[RULE])
    assert (caught.value.code, caught.value.field) == ("condition_type", "conditions[0].left")
    assert caught.value.retryable is False


@pytest.mark.parametrize(
    ("alias", "settings", "input_", "handle"),
    [
        ("string_condition", {"operator": "starts_with", "value": "A"}, "Ada", "true"),
        ("string_condition", {"operator": "is_empty"}, "Ada", "false"),
        ("string_condition", {"operator": "contains", "value": "d"}, "Ada", "true"),
        ("number_condition", {"operator": "between", "value": [1, 3]}, 2, "true"),
        ("date_condition", {"operator": "before", "value": "2025-01-01"}, "2026-01-01", "false"),
        ("date_condition", {"operator": "between", "value": ["2025-01-01", "2027-01-01"]}, "2026-01-01", "true"),
        ("boolean_condition", {"operator": "is_false"}, False, "true"),
        ("array_condition", {"operator": "contains", "value": 2}, [1, 2], "true"),
        ("array_condition", {"operator": "count_gt", "value": 2}, [1, 2], "false"),
    ],
)
async def test_conditions_of_one_type_are_one_rule(alias: str, settings: Any, input_: Any, handle: str) -> None:
    result = await run(alias, FakeContext(input_), operand="{{ input }}", **settings)
    assert result == Output(input_, handle)


async def test_a_condition_of_one_type_refuses_another() -> None:
    with pytest.raises(NodeError, match="text is needed"):
        await run("string_condition", FakeContext(["a"]), operand="{{ input }}", operator="contains", value="a")


@pytest.mark.parametrize(("logic", "handle"), [("AND", "false"), ("OR", "true")])
async def test_a_logical_group_has_rules_of_its_own_words(logic: str, handle: str) -> None:
    rules = [
        {"operand": "{{ input }}", "operator": "gt", "value": 1},
        {"logic": "AND", "rules": [{"left": "{{ input }}", "operator": "lt", "right": 1}]},
    ]
    result = await run("logical_group", FakeContext(2), logic=logic, rules=rules)
    assert result == Output(2, handle)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({}, ("conditions", "missing_parameter")),
        ({"conditions": []}, ("conditions", "invalid_parameter")),
        ({"conditions": "x"}, ("conditions", "invalid_parameter")),
        ({"conditions": [5]}, ("conditions[0]", "invalid_parameter")),
        ({"conditions": [{"left": 1, "operator": "like"}]}, ("conditions[0].operator", "invalid_parameter")),
        ({"conditions": [{"left": 1, "operator": "gt"}]}, ("conditions[0].right", "invalid_parameter")),
        ({"conditions": [RULE], "logic": "xor"}, ("logic", "invalid_parameter")),
    ],
)
def test_what_is_no_rule_is_told(settings: Any, fault: tuple[str, str]) -> None:
    assert fault in faults("if", **settings)


def test_rules_may_come_from_an_expression() -> None:
    assert faults("if", conditions="{{ trigger.rules }}") == []


def test_an_alias_is_told_what_it_lacks() -> None:
    assert faults("number_condition", operand=1, operator="gt") == [("conditions[0].right", "invalid_parameter")]

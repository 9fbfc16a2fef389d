"""What is wrong with the settings of a document's nodes, each by its path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.documents import chain, document, edge, node, only, told
from workflows.faults import structural
from workflows.graph import check_document


def test_a_missing_parameter_is_a_fault_of_the_settings() -> None:
    fault = only(document([{"id": "a", "data": {"componentId": "set"}}]))
    assert (fault.path, fault.code, fault.group) == ("nodes[0].data.mapping", "missing_parameter", "settings")
    assert (fault.node_id, fault.field, fault.message) == ("a", "mapping", "“Fields” is required.")
    assert structural([fault]) == []


def test_null_is_as_good_as_missing() -> None:
    assert told(document([node("a", mapping=None)])) == [("nodes[0].data.mapping", "missing_parameter")]


def test_nested_parameters_are_understood_and_named_where_they_stand() -> None:
    nested: Any = {"id": "a", "data": {"componentId": "set", "parameters": {"mapping": 5}}}
    assert told(document([nested])) == [("nodes[0].data.parameters.mapping", "invalid_parameter")]
    nested["data"]["parameters"]["mapping"] = {}
    assert told(document([nested])) == []


def test_an_expression_may_stand_for_any_typed_value() -> None:
    assert check_document(document([node("a", "delay", duration="{{ trigger.seconds }}")])) == []
    assert check_document(document([node("a", "delay", duration={"$path": "$.trigger.seconds", "default": 5})])) == []
    assert told(document([node("a", "delay", duration="soon")])) == [("nodes[0].data.duration", "invalid_parameter")]


def test_a_bad_expression_is_told_with_its_place() -> None:
    fault = only(document([node("a", mapping={"total": "{{ 1 + }}"})]))
    assert (fault.path, fault.group) == ("nodes[0].data.mapping.total", "settings")
    assert fault.field == "mapping.total"
    assert "character" in fault.message


def test_a_setting_that_is_one_expression_needs_no_braces() -> None:
    assert check_document(document([node("a", "transform", expression="1 + 2")])) == []
    assert len(check_document(document([node("a", "transform", expression="1 +")]))) == 1


def test_only_nodes_that_come_before_may_be_read() -> None:
    doc = chain("start", "a", "b")
    doc["nodes"][1]["data"]["mapping"] = {"x": "{{ nodes.b.value }}"}
    fault = only(doc)
    assert (fault.path, fault.code, fault.node_id) == ("nodes[1].data.mapping", "not_upstream", "a")
    doc["nodes"][1]["data"]["mapping"] = {"x": "{{ start.value }}", "y": "{{ nodes.start.value }}"}
    assert check_document(doc) == []


def test_a_node_that_is_not_there_cannot_be_read() -> None:
    fault = only(document([node("a", mapping={"x": "{{ nodes.gone.value }}"})]))
    assert fault.field == "mapping.x"
    assert "gone" in fault.message


def test_a_loops_own_names_exist_in_loops_only() -> None:
    assert told(document([node("a", mapping={"x": "{{ item.id }}"})])) == [("nodes[0].data.mapping", "not_in_a_loop")]


@pytest.mark.parametrize(
    ("option", "path"),
    [
        ({"retry": {"count": -1}}, "nodes[0].data.retry.count"),
        ({"retry": {"codes": {"http_status": {"count": 99}}}}, "nodes[0].data.retry.codes.http_status.count"),
        ({"retry": {"backoff": "random"}}, "nodes[0].data.retry.backoff"),
        ({"timeout": 0}, "nodes[0].data.timeout"),
        ({"on_error": "ignore"}, "nodes[0].data.on_error"),
        ({"repeat": "often"}, "nodes[0].data.repeat"),
        ({"disabled": "perhaps"}, "nodes[0].data.disabled"),
        ({"disabled": "yes"}, "nodes[0].data.disabled"),
        ({"retry": {"count": "3"}}, "nodes[0].data.retry.count"),
        ({"timeout": "30"}, "nodes[0].data.timeout"),
        ({"label": 5}, "nodes[0].data.label"),
    ],
)
def test_a_nodes_options_are_checked(option: dict[str, Any], path: str) -> None:
    assert told(document([node("a", **option)])) == [(path, "invalid_option")]


def test_the_settings_of_a_disabled_node_may_be_unfinished() -> None:
    assert check_document(document([node("a", "transform", disabled=True)])) == []


def test_a_schedule_must_be_readable() -> None:
    assert told(document([node("a", "schedule_trigger", schedule_value="every day")])) == [
        ("nodes[0].data.schedule_value", "invalid_parameter")
    ]


def test_a_schedule_trigger_may_stand_for_the_workflows_own_schedule() -> None:
    doc = document([node("a", "schedule_trigger")])
    assert told(doc) == [("nodes[0].data.schedule_value", "missing_parameter")]
    assert told(doc, own_schedule=True) == []


# --- nodes that depend on others ---


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ({}, {}, True),
        ({"path": "orders/{id}"}, {"path": "/orders/{name}/", "methods": ["GET", "POST"]}, True),
        ({"path": "orders/{id}"}, {"path": "orders"}, False),
        ({"methods": ["GET"]}, {"methods": ["POST"]}, False),
        ({}, {"disabled": True}, False),
    ],
)
def test_two_webhooks_may_not_answer_to_the_same_request(
    first: dict[str, Any], second: dict[str, Any], clash: bool
) -> None:
    faults = told(document([node("one", "webhook_trigger", **first), node("two", "webhook_trigger", **second)]))
    assert faults == ([("nodes[1].data.path", "duplicate_webhook")] if clash else [])


def test_a_container_is_not_tried_again() -> None:
    loop = node("loop", "for_each", items="{{ trigger }}")
    inside = {**node("a", retry={"count": 3}), "parentId": "loop"}
    assert told(document([loop, inside])) == []
    loop["data"]["retry"] = {"count": 3}
    fault = only(document([loop, inside]))
    assert (fault.path, fault.code, fault.field) == ("nodes[0].data.retry", "invalid_option", "retry")
    loop["data"]["retry"] = {"codes": {"timeout": {"count": 1}}}
    assert only(document([loop, inside])).field == "retry"
    loop["data"]["retry"] = {"count": 0}
    assert told(document([loop, inside])) == []


@pytest.mark.parametrize(
    ("settings", "branches", "is_fault"),
    [
        ({"wait_for": "count", "count": 3}, 2, True),
        ({"wait_for": "count", "count": 3, "disabled": True}, 2, False),
        ({"wait_for": "count", "count": 2}, 2, False),
        ({"wait_for": "all", "count": 3}, 2, False),
        ({"wait_for": "count", "count": 3}, 0, False),  # nobody has drawn them yet
    ],
)
def test_a_join_waits_for_no_more_branches_than_lead_to_it(
    settings: dict[str, Any], branches: int, is_fault: bool
) -> None:
    sources = [node(f"a{n}") for n in range(branches)]
    edges = [edge(source["id"], "j") for source in sources]
    faults = check_document(document([node("j", "join", **settings), *sources], edges))
    assert [(fault.path, fault.code, fault.group) for fault in faults] == (
        [("nodes[0].data.count", "too_few_branches", "settings")] if is_fault else []
    )

"""What the editor asks while a workflow is being built: pins, last outputs, and what expressions come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runs.models import Log, Run
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, edge, made, node

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


@pytest.fixture
def orders(client: ApiClient) -> Json:
    """Start → Fetch → large? → Report or Forget."""
    rule = {"left": "{{ input.total }}", "type": "number", "operator": "gte", "right": "100"}
    drawing = {
        "name": "Orders",
        "nodes": [
            node("start", "manual_trigger"),
            node("fetch", "set", mapping={"total": 120, "items": [{"price": 60}]}),
            node("large", "if", conditions=[rule]),
            node("report", "set", mapping={"text": "{{ input.total }}"}),
            node("forget", "set", mapping={}),
        ],
        "edges": [
            edge("start", "fetch"),
            edge("fetch", "large"),
            edge("large", "report", sourceHandle="true"),
            edge("large", "forget", sourceHandle="false"),
        ],
    }
    return made(client, drawing)


def ran(client: ApiClient, workflow: Json, outputs: dict[str, Any], hours: int = 0) -> str:
    """A run of the draft, with these outputs on record: by node id, or as "pay@2" in a pass."""
    answer = client.post(f"/workflows/{workflow['id']}/execute", {"version": "draft", "context": {"who": "Ada"}})
    run = Run.objects.get(id=answer.json()["id"])
    at = NOON + timedelta(hours=hours)
    Run.objects.filter(id=run.id).update(created_at=at, started_at=at, epoch=1)
    for seq, (place, (value, handle)) in enumerate(outputs.items(), start=1):
        node_id, _, iteration = place.partition("@")
        Log.objects.create(
            run=run, seq=seq, node_id=node_id, iteration=iteration, kind="set", attempt=1, epoch=1, status="completed",
            handle=handle, output=value, started_at=at, completed_at=at,
        )  # fmt: skip
    return run.id


def samples(client: ApiClient, workflow: Json, query: str = "") -> Json:
    answer = client.get(f"/workflows/{workflow['id']}/samples{query}")
    assert answer.status_code == 200, answer.json()
    told: Json = answer.json()
    return told


def preview(client: ApiClient, workflow: Json, node_id: str, settings: Json, **more: Any) -> Json:
    answer = client.post(f"/workflows/{workflow['id']}/preview", {"node_id": node_id, "settings": settings, **more})
    assert answer.status_code == 200, answer.json()
    results: Json = answer.json()["results"]
    return results


def pinned(client: ApiClient, workflow: Json, **pins: Any) -> Any:
    return client.put(f"/workflows/{workflow['id']}/pins", {"pins": pins})


WHOLE = {"start": ({}, "out"), "fetch": ({"total": 120, "items": [{"price": 60}]}, "out"), "large": ({}, "true")}


# --- last outputs ---


def test_before_the_first_run_there_is_nothing(client: ApiClient, orders: Json) -> None:
    told = samples(client, orders)
    assert (told["nodes"], told["last_run_id"], told["payload"]) == ({}, None, {})


def test_each_node_tells_its_newest_output(client: ApiClient, orders: Json) -> None:
    first = ran(client, orders, WHOLE)
    second = ran(client, orders, {"start": ({"n": 2}, "out")}, hours=1)
    told = samples(client, orders)
    assert told["last_run_id"] == second
    assert told["payload"] == {"who": "Ada"}
    assert (told["nodes"]["start"]["value"], told["nodes"]["start"]["run_id"]) == ({"n": 2}, second)
    fetch = told["nodes"]["fetch"]
    assert (fetch["value"]["total"], fetch["run_id"], fetch["is_pinned"]) == (120, first, False)
    assert fetch["schema"]["properties"]["total"] == {"type": "integer"}
    assert fetch["stale"] == "“start” before it has run since."
    assert "report" not in told["nodes"]


def test_a_large_output_is_told_in_part(client: ApiClient, orders: Json) -> None:
    ran(client, orders, {"fetch": ({"rows": [{"n": number} for number in range(50_000)]}, "out")})
    fetch = samples(client, orders)["nodes"]["fetch"]
    assert fetch["is_shortened"] is True
    assert fetch["value"]["rows"][0] == {"n": 0}
    assert len(fetch["value"]["rows"]) < 100


def test_an_edit_makes_stale_what_follows(client: ApiClient, orders: Json) -> None:
    ran(client, orders, WHOLE)
    assert [told["stale"] for told in samples(client, orders)["nodes"].values()] == [None] * 3
    orders["nodes"][1]["data"]["mapping"] = {"total": 5}
    saved = {"nodes": orders["nodes"], "edges": orders["edges"]}
    assert client.put(f"/workflows/{orders['id']}", saved).status_code == 200
    nodes = samples(client, orders)["nodes"]
    assert nodes["start"]["stale"] is None
    assert nodes["fetch"]["stale"] == "Its settings were changed: mapping."
    assert nodes["large"]["stale"] == "“fetch” before it was changed."


# --- pins ---


def test_a_pin_stands_in_for_the_output(client: ApiClient, orders: Json, alice: Person) -> None:
    ran(client, orders, WHOLE)
    answer = pinned(client, orders, fetch={"value": {"total": 7}})
    assert answer.status_code == 200
    pin = answer.json()["results"][0]
    assert (pin["node_id"], pin["value"], pin["handle"]) == ("fetch", {"total": 7}, "out")
    assert pin["updated_by"]["email"] == alice.user.email
    nodes = samples(client, orders)["nodes"]
    assert (nodes["fetch"]["value"], nodes["fetch"]["is_pinned"], nodes["fetch"]["stale"]) == ({"total": 7}, True, None)
    assert nodes["large"]["stale"] == "“fetch” before it was pinned since."


def test_pins_are_changed_one_by_one_and_change_no_draft(client: ApiClient, orders: Json) -> None:
    pinned(client, orders, fetch={"value": None}, large={"value": 1, "handle": "false"})
    answer = pinned(client, orders, fetch=None)
    assert [pin["node_id"] for pin in answer.json()["results"]] == ["large"]
    assert client.get(f"/workflows/{orders['id']}/pins").json() == answer.json()
    assert client.get(f"/workflows/{orders['id']}").json()["draft_revision"] == orders["draft_revision"]


def test_a_pin_for_a_node_that_is_not_there_stores_nothing(client: ApiClient, orders: Json) -> None:
    answer = pinned(client, orders, fetch={"value": 1}, ghost={"value": 2})
    assert answer.status_code == 422
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] == [("pins.ghost", "unknown_node")]
    assert client.get(f"/workflows/{orders['id']}/pins").json()["results"] == []


def test_the_pin_of_a_deleted_node_waits_for_its_return(client: ApiClient, orders: Json) -> None:
    pinned(client, orders, forget={"value": 1})
    path = f"/workflows/{orders['id']}"
    fewer = {"nodes": orders["nodes"][:-1], "edges": orders["edges"][:-1]}
    client.put(path, fewer)
    assert client.get(f"{path}/pins").json()["results"] == []
    client.put(path, {"nodes": orders["nodes"], "edges": orders["edges"]})
    assert len(client.get(f"{path}/pins").json()["results"]) == 1


# --- previews ---


def test_a_preview_reads_what_came_out_last(client: ApiClient, orders: Json) -> None:
    ran(client, orders, WHOLE)
    settings = {
        "path": "{{ input.total }}",
        "text": "{{ trigger.who }} owes {{ nodes.fetch.total }}",
        "computed": "{{ sum(i.price for i in input['items']) * 2 }}",
        "deep": {"list": ["{{ workflow.name }}", 5]},
    }
    results = preview(client, orders, "large", settings)
    assert {name: result["value"] for name, result in results.items()} == {
        "path": 120, "text": "Ada owes 120", "computed": 120, "deep": {"list": ["Orders", 5]},
    }  # fmt: skip
    assert {result["error"] for result in results.values()} == {None}


def test_a_preview_tells_the_error_that_a_run_would(client: ApiClient, orders: Json) -> None:
    ran(client, orders, WHOLE)
    settings = {"missing": "{{ input.totl }}", "broken": "{{ 1 + }}", "name": "{{ nodes.ghost.x }}", "good": "{{ 1 }}"}
    results = preview(client, orders, "large", settings)
    assert results["good"] == {"value": 1, "is_shortened": False, "error": None}
    errors = {name: result["error"] for name, result in results.items() if result["error"]}
    assert {name: error["code"] for name, error in errors.items()} == {
        "missing": "expression_missing", "broken": "expression_syntax", "name": "expression_unknown_node",
    }  # fmt: skip
    assert errors["missing"]["message"] == 'input has no "totl"'
    assert errors["missing"]["field"] == "missing"
    assert errors["broken"]["position"]["offset"] >= 3


def test_a_preview_is_bounded(client: ApiClient, orders: Json) -> None:
    endless = preview(client, orders, "large", {"a": "{{ sum(1 for _ in range(10**12)) }}"})["a"]
    assert endless["error"]["code"] == "expression_memory"
    large = preview(client, orders, "large", {"a": "{{ 'x' * 400000 }}"})["a"]
    assert (large["is_shortened"], len(large["value"]) < 5_000) == (True, True)


def test_a_preview_takes_other_values_for_given(client: ApiClient, orders: Json) -> None:
    ran(client, orders, WHOLE)
    pinned(client, orders, fetch={"value": {"total": 7}})
    setting = {"a": "{{ input.total }}"}
    assert preview(client, orders, "large", setting)["a"]["value"] == 7
    given = {"fetch": {"value": {"total": 8}}}
    assert preview(client, orders, "large", setting, outcomes=given)["a"]["value"] == 8
    assert preview(client, orders, "large", {"a": "{{ trigger.n }}"}, payload={"n": 9})["a"]["value"] == 9


def test_a_preview_on_the_way_not_taken_reads_what_would_come(client: ApiClient, orders: Json) -> None:
    ran(client, orders, {**WHOLE, "large": ({"total": 120}, "true")})
    assert preview(client, orders, "forget", {"a": "{{ input.total }}"})["a"]["value"] == 120


def test_a_preview_before_the_first_run(client: ApiClient, orders: Json) -> None:
    results = preview(client, orders, "fetch", {"a": "{{ input }}", "b": "{{ nodes.start }}"}, payload={"n": 1})
    assert [result["value"] for result in results.values()] == [{"n": 1}, {"n": 1}]
    error = preview(client, orders, "report", {"a": "{{ nodes.fetch.total }}"})["a"]["error"]
    assert error["message"] == 'The node "fetch" has no output here: it has not run before this.'


def test_a_preview_for_an_unknown_node_is_refused(client: ApiClient, orders: Json) -> None:
    answer = client.post(f"/workflows/{orders['id']}/preview", {"node_id": "ghost", "settings": {}})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_node")


@pytest.fixture
def loop(client: ApiClient) -> Json:
    nodes = [
        node("start", "manual_trigger"),
        node("each", "for_each", items="{{ trigger.orders }}"),
        {**node("pay", "set", mapping={}), "parentId": "each"},
        {**node("tell", "set", mapping={}), "parentId": "each"},
    ]
    return made(client, {"name": "Loop", "nodes": nodes, "edges": [edge("start", "each"), edge("pay", "tell")]})


def test_a_preview_inside_a_loop_is_about_one_pass(client: ApiClient, loop: Json) -> None:
    settings = {"item": "{{ item.price }}", "input": "{{ input.price }}", "index": "{{ index }}"}
    payload = {"orders": [{"price": 5}, {"price": 6}]}
    for more, expected in [({}, (5, 5, 0)), ({"iteration": "1"}, (6, 6, 1))]:
        results = preview(client, loop, "pay", settings, payload=payload, **more)
        assert tuple(result["value"] for result in results.values()) == expected
    ran(client, loop, {"pay@0": ({"paid": True}, "out"), "pay@1": ({"paid": False}, "out")})
    for iteration, paid in [("", True), ("1", False)]:
        told = preview(client, loop, "tell", {"a": "{{ input.paid }}"}, payload={"orders": [1, 2]}, iteration=iteration)
        assert told["a"]["value"] is paid
    empty = preview(client, loop, "pay", {"a": "{{ item }}"}, payload={"orders": []})["a"]["error"]
    assert empty["code"] == "expression_missing"


def test_a_preview_inside_a_loop_sees_batches(client: ApiClient, loop: Json) -> None:
    loop["nodes"][1]["data"]["batch_size"] = 2
    client.put(f"/workflows/{loop['id']}", {"nodes": loop["nodes"], "edges": loop["edges"]})
    told = preview(client, loop, "pay", {"a": "{{ item }}"}, payload={"orders": [1, 2, 3]}, iteration="1")
    assert told["a"]["value"] == [3]


def test_samples_inside_a_loop_are_of_one_pass(client: ApiClient, loop: Json) -> None:
    run_id = ran(client, loop, {"each": ([], "out"), "pay@0": ({"n": 0}, "out"), "pay@1": ({"n": 1}, "out")})
    opened = {"items": [{"price": 5}, {"price": 6}], "at_once": 1, "keep_going": False}
    Log.objects.filter(run=run_id, node_id="each").update(passes=opened)
    first, second = samples(client, loop), samples(client, loop, "?node_id=tell&iteration=1")
    assert [told["nodes"]["pay"]["value"] for told in (first, second)] == [{"n": 0}, {"n": 1}]
    assert first["passes"]["each"] == {"number": 0, "known": 2, "value": {"price": 5}, "is_shortened": False}
    assert second["passes"]["each"]["value"] == {"price": 6}
    assert samples(client, loop, "?node_id=pay&iteration=2")["passes"] == {}
    deep = client.get(f"/workflows/{loop['id']}/samples?node_id=pay&iteration=0.0")
    assert (deep.status_code, deep.json()["errors"][0]["code"]) == (422, "no_such_pass")


def test_a_preview_in_an_iterator_reads_its_first_item(client: ApiClient) -> None:
    nodes = [node("start", "manual_trigger"), node("each", "iterator", items="{{ trigger.rows }}", workflow="none")]
    body = {"name": "Iterator", "nodes": nodes, "edges": [edge("start", "each")], "allow_incomplete": True}
    setting = {"payload": "{{ [item, index] }}"}
    assert preview(client, made(client, body), "each", setting, payload={"rows": [7]})["payload"]["value"] == [7, 0]

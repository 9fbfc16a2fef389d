"""Runs of a part of the draft, started over the API and run by a real engine."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Log, Run
from runs.services import Retry, retry_run
from tests.people import ApiClient, Person
from tests.runs.engine.making import ended, engine
from tests.workflows.api.drawings import Json, edge, made, node
from workflows.nodes.registry import REGISTRY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


@pytest.fixture
def orders(client: ApiClient) -> Json:
    """Start → Fetch → Large? → Report (true) or Forget (false); beside it an unfinished call."""
    rule = {"left": "{{ input.total }}", "type": "number", "operator": "gte", "right": "100"}
    drawing = {
        "name": "Orders",
        "allow_incomplete": True,
        "nodes": [
            node("start", "manual_trigger"),
            node("fetch", "set", mapping={"total": "{{ trigger.total }}"}),
            node("large", "if", conditions=[rule]),
            node("report", "set", mapping={"text": "{{ input.total }} of {{ nodes.fetch.total }}"}),
            node("forget", "set", mapping={"gone": "{{ input.total }}"}),
            node("call", "http_request"),
        ],
        "edges": [
            edge("start", "fetch"),
            edge("fetch", "large"),
            edge("large", "report", sourceHandle="true"),
            edge("large", "forget", sourceHandle="false"),
            edge("start", "call"),
        ],
    }
    return made(client, drawing)


def asked(client: ApiClient, workflow: Json, scope: str, node_id: str | None = None, **more: Any) -> Any:
    part = {"scope": scope, "node_id": node_id, **more}
    body = {"version": "draft", "context": {"total": 120}, "partial": part}
    return client.post(f"/workflows/{workflow['id']}/execute", body)


def ran(client: ApiClient, workflow: Json, *question: Any, **more: Any) -> Json:
    """The record of the run when it has ended."""
    answer = asked(client, workflow, *question, **more)
    assert answer.status_code == 202, answer.json()
    with engine(kinds=REGISTRY):
        ended(Run.objects.get(id=answer.json()["id"]))
    record: Json = client.get(f"/runs/{answer.json()['id']}").json()
    return record


def states(run: Json) -> dict[str, str]:
    return {node_id: "given" if state["is_given"] else state["status"] for node_id, state in run["node_states"].items()}


def test_up_to_a_node_though_others_are_unfinished(client: ApiClient, orders: Json) -> None:
    run = ran(client, orders, "to", "large")
    assert states(run) == {"start": "completed", "fetch": "completed", "large": "completed"}
    assert (run["status"], run["partial"], run["is_draft"]) == (
        "completed",
        {"scope": "to", "node_id": "large", "iteration": ""},
        True,
    )
    refused = client.post(f"/workflows/{orders['id']}/execute", {"version": "draft"})
    assert refused.status_code == 422


def test_only_one_node_on_what_came_out_last(client: ApiClient, orders: Json) -> None:
    ran(client, orders, "to", "large")
    run = ran(client, orders, "only", "report")
    assert states(run) == {"fetch": "given", "large": "given", "report": "completed"}
    assert run["output"] == {"text": "120 of 120"}


def test_only_a_node_that_lies_on_the_other_way(client: ApiClient, orders: Json) -> None:
    ran(client, orders, "to", "large")
    assert ran(client, orders, "only", "forget")["output"] == {"gone": 120}


def test_from_an_edited_value_only_what_follows_runs(client: ApiClient, orders: Json) -> None:
    ran(client, orders, "to", "large")
    run = ran(client, orders, "from", "fetch", outcomes={"fetch": {"value": {"total": 7}}})
    assert states(run) == {"fetch": "given", "large": "completed", "forget": "completed", "report": "skipped"}
    assert run["output"] == {"gone": 7}


def test_pins_serve_the_editor_and_nobody_else(client: ApiClient, orders: Json) -> None:
    path = f"/workflows/{orders['id']}"
    client.put(f"{path}/pins", {"pins": {"fetch": {"value": {"total": 300}}}})
    pinned = ran(client, orders, "to", "report")
    assert states(pinned) == {"fetch": "given", "large": "completed", "report": "completed"}
    assert pinned["output"] == {"text": "300 of 300"}
    finished = [each for each in orders["nodes"] if each["id"] != "call"]
    client.put(path, {"nodes": finished, "edges": orders["edges"][:-1]})
    client.post(f"{path}/publish")
    for version in ("draft", 1):
        run = client.post(f"{path}/execute", {"version": version, "context": {"total": 120}}).json()
        with engine(kinds=REGISTRY):
            assert ended(Run.objects.get(id=run["id"])).output == {"text": "120 of 120"}
    everything = ran(client, orders, "all")
    assert states(everything)["fetch"] == "given"
    assert "start" not in states(everything)


def test_what_is_read_behind_a_pin_has_run_before(client: ApiClient, orders: Json) -> None:
    orders["nodes"][1]["data"]["mapping"] = {"total": "{{ sum(range(2000)) }}"}
    orders["nodes"][3]["data"]["mapping"] = {"text": "{{ nodes.fetch.total }}"}
    client.put(
        f"/workflows/{orders['id']}", {"nodes": orders["nodes"], "edges": orders["edges"], "allow_incomplete": True}
    )
    client.put(f"/workflows/{orders['id']}/pins", {"pins": {"large": {"value": {}, "handle": "true"}}})
    run = ran(client, orders, "to", "report")
    assert states(run) == {"start": "completed", "fetch": "completed", "large": "given", "report": "completed"}
    assert run["output"] == {"text": 1999000}


def test_a_retry_takes_the_same_for_given(client: ApiClient, orders: Json) -> None:
    client.put(f"/workflows/{orders['id']}/pins", {"pins": {"fetch": {"value": {"total": 300}}}})
    run = ran(client, orders, "to", "report")
    for retry in (Retry(), Retry(from_failed=True)):
        Run.objects.filter(id=run["id"]).update(status="failed")
        again = retry_run(Run.objects.get(id=run["id"]), retry)
        with engine(kinds=REGISTRY):
            assert ended(again).output == {"text": "300 of 300"}
        assert states(client.get(f"/runs/{again.id}").json())["fetch"] == "given"


def test_it_goes_on_after_a_crash_on_what_was_given(client: ApiClient, orders: Json) -> None:
    client.put(f"/workflows/{orders['id']}/pins", {"pins": {"fetch": {"value": {"total": 300}}}})
    run = Run.objects.get(id=asked(client, orders, "to", "report").json()["id"])
    Run.objects.filter(id=run.id).update(owner="gone", epoch=2, ready_at=None, status="running")
    with engine(kinds=REGISTRY):
        assert ended(run).output == {"text": "300 of 300"}


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        (("only", "ghost"), 422, "unknown_node"),
        (("only", None), 422, "value_error"),
        (("all", "fetch"), 422, "value_error"),
        (("only", "report"), 409, "no_input"),
        (("to", "call"), 422, "missing_parameter"),
    ],
)
def test_what_cannot_be_run_is_refused(
    client: ApiClient, orders: Json, question: tuple[str, str | None], status: int, code: str
) -> None:
    answer = asked(client, orders, *question)
    told = answer.json()
    assert (answer.status_code, code in (told["code"], *(error["code"] for error in told["errors"]))) == (status, True)
    assert not Run.objects.exists()


def test_only_the_draft_can_be_run_in_part(client: ApiClient, orders: Json) -> None:
    body = {"partial": {"scope": "only", "node_id": "fetch"}}
    assert client.post(f"/workflows/{orders['id']}/execute", body).status_code == 422


# --- inside containers ---


@pytest.fixture
def loop(client: ApiClient) -> Json:
    """Start → Rate → For each order: Price → Tax → Bill; behind it Sum."""

    def inside(name: str, text: str) -> Json:
        return {**node(name, "set", mapping={"v": text}), "parentId": "each"}

    drawing = {
        "name": "Orders",
        "nodes": [
            node("start", "manual_trigger"),
            node("rate", "set", mapping={"v": 2}),
            node("each", "for_each", items="{{ trigger.orders }}"),
            inside("price", "{{ item.n * 10 }}"),
            inside("tax", "{{ input.v * nodes.rate.v }}"),
            inside("bill", "{{ [index, nodes.price.v, input.v] }}"),
            node("sum", "set", mapping={"v": "{{ len(input) }}"}),
        ],
        "edges": [
            edge("start", "rate"),
            edge("rate", "each"),
            edge("price", "tax"),
            edge("tax", "bill"),
            edge("each", "sum"),
        ],
    }
    return made(client, drawing)


ORDERS = {"orders": [{"n": 1}, {"n": 2}, {"n": 3}]}


def ran_loop(client: ApiClient, workflow: Json, scope: str, node_id: str | None = None, **more: Any) -> Json:
    part = {"scope": scope, "node_id": node_id, **more}
    body = {"version": "draft", "context": ORDERS, "partial": part}
    answer = client.post(f"/workflows/{workflow['id']}/execute", body)
    assert answer.status_code == 202, answer.json()
    with engine(kinds=REGISTRY):
        ended(Run.objects.get(id=answer.json()["id"]))
    record: Json = client.get(f"/runs/{answer.json()['id']}").json()
    return record


def inner(run: Json, node_id: str) -> dict[str, Any]:
    return {log["iteration"]: log["output"]["v"] for log in run["logs"] if log["node_id"] == node_id}


def test_up_to_a_node_in_a_loop_its_pass_runs_so_far(client: ApiClient, loop: Json) -> None:
    first = ran_loop(client, loop, "to", "tax")
    assert (first["status"], inner(first, "tax")) == ("completed", {"0": 20})
    assert states(first) == dict.fromkeys(["start", "rate", "each", "price", "tax"], "completed")
    third = ran_loop(client, loop, "to", "tax", iteration="2")
    assert (inner(third, "tax"), third["partial"]["iteration"]) == ({"2": 60}, "2")


def test_only_a_node_in_a_loop_in_a_chosen_pass(client: ApiClient, loop: Json) -> None:
    ran_loop(client, loop, "all")
    run = ran_loop(client, loop, "only", "bill", iteration="1")
    assert inner(run, "bill") == {"1": [1, 20, 40]}
    assert states(run) == {
        "rate": "given", "each": "completed", "price": "given", "tax": "given", "bill": "completed",
    }  # fmt: skip
    assert run["node_states"]["each"]["passes"] == {"over": 1, "known": 1}


def test_from_a_node_in_a_loop_its_pass_runs_to_the_end(client: ApiClient, loop: Json) -> None:
    ran_loop(client, loop, "all")
    run = ran_loop(client, loop, "from", "tax", iteration="2", outcomes={"price": {"value": {"v": 7}}})
    assert (inner(run, "tax"), inner(run, "bill"), inner(run, "price")) == ({"2": 14}, {"2": [2, 7, 14]}, {})
    edited = ran_loop(client, loop, "from", "tax", iteration="2", outcomes={"tax": {"value": {"v": 1}}})
    assert (inner(edited, "bill"), states(edited)["tax"], "sum" in states(edited)) == (
        {"2": [2, 30, 1]},
        "given",
        False,
    )


def test_a_pin_in_a_loop_holds_in_every_pass(client: ApiClient, loop: Json) -> None:
    client.put(f"/workflows/{loop['id']}/pins", {"pins": {"tax": {"value": {"v": 5}}}})
    run = ran_loop(client, loop, "all")
    assert inner(run, "bill") == {"0": [0, 10, 5], "1": [1, 20, 5], "2": [2, 30, 5]}
    assert (inner(run, "tax"), states(run)["tax"], run["output"]) == ({}, "given", {"v": 3})


def test_a_part_in_a_loop_goes_on_after_a_crash_and_can_be_retried(client: ApiClient, loop: Json) -> None:
    ran_loop(client, loop, "all")
    body = {"version": "draft", "context": ORDERS, "partial": {"scope": "only", "node_id": "bill", "iteration": "1"}}
    run = Run.objects.get(id=client.post(f"/workflows/{loop['id']}/execute", body).json()["id"])
    Run.objects.filter(id=run.id).update(owner="gone", epoch=2, ready_at=None, status="running")
    with engine(kinds=REGISTRY):
        ended(run)
        ended(again := retry_run(run))
    for each in (run, again):
        assert inner(client.get(f"/runs/{each.id}").json(), "bill") == {"1": [1, 20, 40]}


def test_in_a_loop_that_repeats_a_later_pass_begins_with_what_the_one_before_gave(client: ApiClient) -> None:
    nodes = [
        node("start", "manual_trigger"),
        node("loop", "repeat_until", until="input.v >= 3"),
        {**node("step", "set", mapping={"v": "{{ input.get('v', 0) + 1 }}"}), "parentId": "loop"},
    ]
    workflow = made(client, {"name": "Loop", "nodes": nodes, "edges": [edge("start", "loop")]})
    ran_loop(client, workflow, "all")
    run = ran_loop(client, workflow, "only", "step", iteration="2")
    assert (inner(run, "step"), run["output"]) == ({"2": 3}, {"v": 3})
    assert inner(ran_loop(client, workflow, "to", "step", iteration="2"), "step") == {"0": 1}


def test_loops_in_loops_are_gone_into_by_their_chosen_passes(client: ApiClient) -> None:
    nodes = [
        node("start", "manual_trigger"),
        node("rows", "for_each", items="{{ trigger.rows }}"),
        {**node("head", "set", mapping={"v": "{{ index }}"}), "parentId": "rows"},
        {**node("cells", "for_each", items="{{ item }}"), "parentId": "rows"},
        {**node("cell", "set", mapping={"v": "{{ [item, nodes.head.v] }}"}), "parentId": "cells"},
    ]
    edges = [edge("start", "rows"), edge("head", "cells")]
    workflow = made(client, {"name": "Rows", "nodes": nodes, "edges": edges})
    path, context = f"/workflows/{workflow['id']}/execute", {"rows": [[1, 2], [3, 4]]}
    for part, expected in [
        ({"scope": "all"}, {"0.0": [1, 0], "0.1": [2, 0], "1.0": [3, 1], "1.1": [4, 1]}),
        ({"scope": "to", "node_id": "cell", "iteration": "1.1"}, {"1.1": [4, 1]}),
        ({"scope": "only", "node_id": "cell", "iteration": "1.0"}, {"1.0": [3, 1]}),
    ]:
        run = client.post(path, {"version": "draft", "context": context, "partial": part}).json()
        with engine(kinds=REGISTRY):
            ended(Run.objects.get(id=run["id"]))
        assert inner(client.get(f"/runs/{run['id']}").json(), "cell") == expected


@pytest.mark.parametrize(
    ("iteration", "status", "code"), [("", 409, "no_input"), ("7", 409, "no_input"), ("0.0", 422, "no_such_pass")]
)
def test_a_pass_that_never_was_is_refused(
    client: ApiClient, loop: Json, iteration: str, status: int, code: str
) -> None:
    if iteration:
        ran_loop(client, loop, "all")
    body = {"version": "draft", "partial": {"scope": "only", "node_id": "price", "iteration": iteration}}
    answer = client.post(f"/workflows/{loop['id']}/execute", body)
    told = answer.json()
    assert (answer.status_code, code in (told["code"], *(error["code"] for error in told["errors"]))) == (status, True)


def test_everything_without_pins_asks_nothing_about_earlier_runs(client: ApiClient, orders: Json) -> None:
    """Of the newest runs and their logs nothing can be taken over: the press of Run does not wait for them."""
    finished = [each for each in orders["nodes"] if each["id"] != "call"]
    client.put(f"/workflows/{orders['id']}", {"nodes": finished, "edges": orders["edges"][:-1]})
    assert ran(client, orders, "all")["partial"] is None
    with CaptureQueriesContext(connection) as asked_for:
        assert asked(client, orders, "all").status_code == 202
    assert not [query["sql"] for query in asked_for if Log._meta.db_table in query["sql"]]

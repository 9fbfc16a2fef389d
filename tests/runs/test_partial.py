"""Runs of a part of the draft, started over the API and run by a real engine."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Run
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
    assert (run["status"], run["partial"], run["is_draft"]) == ("completed", {"scope": "to", "node_id": "large"}, True)
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

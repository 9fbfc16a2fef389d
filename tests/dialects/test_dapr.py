"""Dapr's HTTP API as its contract's tables have it: forms A and B, states, ids, errors, metadata, CloudEvents."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from runs.models import Run
from tests.people import Person
from tests.workflows.api.drawings import Json, hello, made, node

pytestmark = pytest.mark.django_db

FLOW = "hello"
"""The key of what `hello()` makes."""


class Dapr:
    """Calls with the token that Dapr's clients send."""

    def __init__(self, person: Person) -> None:
        _, secret = accounts.create_api_key(person.membership, "dapr")
        self._client = Client(headers={"dapr-api-token": secret})

    def call(self, method: str, path: str, body: str | bytes = "", kind: str = "", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(method, path, body, content_type=kind, headers=named)

    def started(self, instance: str, body: str = "", **headers: str) -> Run:
        answer = self.call("POST", f"/v1.0/workflows/dapr/{FLOW}/start?instanceID={instance}", body, **headers)
        assert (answer.status_code, answer.json()) == (202, {"instanceID": instance}), answer.text
        return Run.objects.get(handle=instance)

    def state(self, instance: str) -> Json:
        answer = self.call("GET", f"/v1.0/workflows/dapr/{instance}")
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told


@pytest.fixture
def dapr(alice: Person) -> Dapr:
    made(alice.client(), published=True)
    return Dapr(alice)


def error(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"errorCode", "message"}
    assert body["message"]
    return answer.status_code, body["errorCode"]


def end(run: Run, status: str = "completed", **more: Any) -> None:
    Run.objects.filter(pk=run.pk).update(status=status, completed_at=timezone.now(), ready_at=None, **more)


# --- starting ---


@pytest.mark.parametrize(
    ("body", "kind", "seen", "told"),
    [
        ('{"a": 1}', "application/json", {"a": 1}, '{"a": 1}'),
        ('{"a":1}', "text/plain", {"a": 1}, '{"a":1}'),
        ("plain", "text/plain", "plain", "plain"),
        ("plain", "application/json", "plain", "plain"),
        ("[1,", "image/png", "[1,", "[1,"),
        ("", "", None, None),
        ("null", "application/json", None, "null"),
    ],
)
def test_the_input_is_opaque_text_whatever_it_is_said_to_be(
    dapr: Dapr, body: str, kind: str, seen: Any, told: str | None
) -> None:
    path = f"/v1.0/workflows/dapr/{FLOW}/start?instanceID=i"
    answer = dapr.call("POST", path, body, kind, Accept="text/html")
    assert answer.status_code == 202
    assert Run.objects.get(handle="i").trigger_payload == seen
    assert dapr.state("i")["properties"].get("dapr.workflow.input") == told


@pytest.mark.parametrize("version", ["v1.0", "v1.0-beta1", "v1.0-alpha1"])
def test_an_instance_without_an_id_gets_one_and_can_be_read_at_once(dapr: Dapr, version: str) -> None:
    answer = dapr.call("POST", f"/{version}/workflows/dapr/{FLOW}/start")
    instance = answer.json()["instanceID"]
    assert str(uuid.UUID(instance)) == instance
    assert answer["Location"] == f"{settings.PUBLIC_URL}/{version}/workflows/dapr/{instance}"
    told = dapr.state(instance)
    assert (told["runtimeStatus"], told["workflowName"], told["instanceID"]) == ("PENDING", FLOW, instance)
    assert told["createdAt"] == told["lastUpdatedAt"]


def test_form_b_names_workflow_and_id_in_the_path(dapr: Dapr) -> None:
    answer = dapr.call("POST", f"/v1.0/workflows/{FLOW}/mine/start", '{"a":1}')
    assert (answer.status_code, answer.json()) == (202, {"instanceID": "mine"})
    assert answer["Location"] == f"{settings.PUBLIC_URL}/v1.0/workflows/{FLOW}/mine"
    told = dapr.call("GET", f"/v1.0/workflows/{FLOW}/mine")
    assert (told.status_code, told.json()["runtimeStatus"]) == (200, "PENDING")
    assert error(dapr.call("GET", "/v1.0/workflows/other/mine")) == (404, "ERR_INSTANCE_ID_NOT_FOUND")


def test_a_workflow_is_found_by_its_label_too(dapr: Dapr, alice: Person) -> None:
    assert dapr.call("POST", "/v1.0/workflows/dapr/Hello/start").status_code == 202
    made(alice.client(), hello(), published=True)  # now two have it
    assert error(dapr.call("POST", "/v1.0/workflows/dapr/Hello/start")) == (404, "ERR_START_WORKFLOW")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("dapr/nope/start", 404, "ERR_START_WORKFLOW"),
        ("dapr/no%00pe/start", 404, "ERR_START_WORKFLOW"),
        ("nope/id/start", 404, "ERR_START_WORKFLOW"),
        (f"dapr/{FLOW}/start?instanceID={'x' * 65}", 400, "ERR_INSTANCE_ID_TOO_LONG"),
        (f"dapr/{FLOW}/start?instanceID=a%20b", 400, "ERR_INSTANCE_ID_INVALID"),
        (f"{FLOW}/a.b/start", 400, "ERR_INSTANCE_ID_INVALID"),
        ("dapr//start", 400, "ERR_WORKFLOW_NAME_MISSING"),
        (f"/{FLOW}/start", 400, "ERR_WORKFLOW_COMPONENT_MISSING"),
        (f"{FLOW}//start", 400, "ERR_INSTANCE_ID_PROVIDED_MISSING"),
    ],
)
def test_what_cannot_be_started(dapr: Dapr, path: str, status: int, code: str) -> None:
    assert error(dapr.call("POST", f"/v1.0/workflows/{path}")) == (status, code)
    assert not Run.objects.exists()


def test_a_workflow_that_is_not_published_cannot_be_started(dapr: Dapr, alice: Person) -> None:
    made(alice.client(), hello(name="Draft"))
    assert error(dapr.call("POST", "/v1.0/workflows/dapr/draft/start")) == (409, "ERR_START_WORKFLOW")


@pytest.mark.parametrize("status", Run.LIVE)
def test_a_live_instance_keeps_its_id(dapr: Dapr, status: str) -> None:
    run = dapr.started("i")
    Run.objects.filter(pk=run.pk).update(status=status)
    for path in (f"dapr/{FLOW}/start?instanceID=i", f"{FLOW}/i/start"):
        assert error(dapr.call("POST", f"/v1.0/workflows/{path}")) == (409, "ERR_START_WORKFLOW")
    assert Run.objects.get() == run


def test_the_id_of_an_ended_one_names_the_new_run_and_the_old_stays_readable_by_ours(dapr: Dapr, alice: Person) -> None:
    first = dapr.started("i", '"first"')
    end(first)
    second = dapr.started("i", '"second"')
    assert second.pk != first.pk
    assert dapr.state("i")["properties"]["dapr.workflow.input"] == '"second"'
    assert alice.client().get("/runs/i").json()["id"] == second.pk
    assert alice.client().get(f"/runs/{first.pk}").json()["trigger_payload"] == "first"
    assert dapr.state(first.pk)["runtimeStatus"] == "COMPLETED"


# --- metadata ---


def test_metadata_is_kept_shown_and_searchable(dapr: Dapr, alice: Person) -> None:
    header = "customer=ada; tier=gold, region=eu"
    run = dapr.started("i", dapr_workflow_metadata=header)
    wanted = {"customer": "ada", "tier": "gold", "region": "eu"}
    assert dapr.state("i")["properties"].items() >= wanted.items()
    found = alice.client().get("/runs?metadata.tier=gold&metadata.region=eu").json()["results"]
    assert [each["id"] for each in found] == [run.pk]


@pytest.mark.parametrize(
    "header", ["novalue", "=x", "a=1;b", "; ".join(f"k{n}=v" for n in range(51)), "k=" + "x" * 1001]
)
def test_malformed_metadata_starts_nothing(dapr: Dapr, header: str) -> None:
    path = f"/v1.0/workflows/dapr/{FLOW}/start"
    assert error(dapr.call("POST", path, dapr_workflow_metadata=header)) == (400, "ERR_START_WORKFLOW")
    assert not Run.objects.exists()


# --- states ---


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("pending", "PENDING"),
        ("running", "RUNNING"),
        ("waiting", "RUNNING"),
        ("suspended", "SUSPENDED"),
        ("completed", "COMPLETED"),
        ("failed", "FAILED"),
        ("terminated", "TERMINATED"),
    ],
)
def test_every_status_has_its_word(dapr: Dapr, status: str, word: str) -> None:
    Run.objects.filter(pk=dapr.started("i").pk).update(status=status)
    assert dapr.state("i")["runtimeStatus"] == word


def test_the_output_is_json_in_text(dapr: Dapr) -> None:
    end(dapr.started("done"), output={"ok": True})
    assert dapr.state("done")["properties"] == {"dapr.workflow.output": '{"ok":true}'}
    end(dapr.started("stopped"), "terminated")
    assert dapr.state("stopped")["properties"] == {}


def test_a_failure_is_told_by_type_and_message(dapr: Dapr) -> None:
    end(dapr.started("i"), "failed", error={"code": "http_404", "message": "not there", "node_id": "call"})
    assert dapr.state("i")["properties"] == {
        "dapr.workflow.failure.error_type": "http_404",
        "dapr.workflow.failure.error_message": "not there",
    }


def test_a_run_that_came_by_another_door_is_an_instance_too(dapr: Dapr, alice: Person) -> None:
    run = alice.client().post(f"/workflows/{hello_id(alice)}/execute", {"context": {"a": 1}}).json()
    told = dapr.state(run["id"])
    assert (told["instanceID"], told["properties"]["dapr.workflow.input"]) == (run["id"], '{"a":1}')


def hello_id(person: Person) -> str:
    return str(person.client().get("/workflows").json()["results"][0]["id"])


# --- steering ---


@pytest.mark.parametrize("form", ["dapr", FLOW])
def test_hold_go_on_end_and_delete(dapr: Dapr, form: str) -> None:
    dapr.started("i")
    path = f"/v1.0/workflows/{form}/i"
    hold = "pause" if form == "dapr" else "suspend"
    words = []
    for verb in (hold, hold, "resume", "resume", "terminate", "terminate"):
        answer = dapr.call("POST", f"{path}/{verb}")
        assert (answer.status_code, answer.content) == (202, b"{}" if form == "dapr" else b"")
        words.append(dapr.state("i")["runtimeStatus"])
    assert words == ["SUSPENDED", "SUSPENDED", "PENDING", "PENDING", "TERMINATED", "TERMINATED"]
    assert dapr.call("POST", f"{path}/purge").status_code == 202
    assert error(dapr.call("GET", path)) == (404, "ERR_INSTANCE_ID_NOT_FOUND")


def test_the_body_of_terminate_is_the_output(dapr: Dapr) -> None:
    dapr.started("i")
    assert dapr.call("POST", "/v1.0/workflows/dapr/i/terminate", '{"bye": 1}').status_code == 202
    assert dapr.state("i")["properties"] == {"dapr.workflow.output": '{"bye":1}'}


def test_delete_is_purge(dapr: Dapr) -> None:
    end(dapr.started("i"))
    assert dapr.call("DELETE", f"/v1.0/workflows/{FLOW}/i").status_code == 202
    assert not Run.objects.exists()


def test_purging_takes_child_runs_along(dapr: Dapr) -> None:
    parent, child, grandchild = dapr.started("p"), dapr.started("c"), dapr.started("g")
    Run.objects.filter(pk=child.pk).update(parent=parent)
    Run.objects.filter(pk=grandchild.pk).update(parent=child)
    for run in (parent, child, grandchild):
        end(run)
    assert dapr.call("POST", "/v1.0/workflows/dapr/p/purge").status_code == 202
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("dapr/nope", "GET", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
        ("dapr/no%00pe", "GET", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
        ("dapr/nope/pause", "POST", 500, "ERR_PAUSE_WORKFLOW"),
        ("dapr/nope/resume", "POST", 500, "ERR_RESUME_WORKFLOW"),
        ("dapr/nope/terminate", "POST", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
        ("dapr/nope/purge", "POST", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
        ("dapr/nope/raiseEvent/x", "POST", 500, "ERR_RAISE_EVENT_WORKFLOW"),
        (f"{FLOW}/nope/raiseEvent/x", "POST", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
        ("dapr/none/raiseEvent/", "POST", 400, "ERR_WORKFLOW_EVENT_NAME_MISSING"),
        ("dapr/live/raiseEvent/", "POST", 400, "ERR_WORKFLOW_EVENT_NAME_MISSING"),
        (f"{FLOW}/live/raiseEvent", "POST", 400, "ERR_WORKFLOW_EVENT_NAME_MISSING"),
        ("dapr/live/raiseEvent/a%00b", "POST", 400, "ERR_WORKFLOW_EVENT_NAME_MISSING"),
        ("dapr/live/purge", "POST", 500, "ERR_PURGE_WORKFLOW"),
        (f"{FLOW}/live/purge", "POST", 409, "ERR_PURGE_WORKFLOW"),
        (f"{FLOW}/live", "DELETE", 409, "ERR_PURGE_WORKFLOW"),
        (f"{FLOW}/nope/suspend", "POST", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
        ("other/live/suspend", "POST", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
        ("other/live", "DELETE", 404, "ERR_INSTANCE_ID_NOT_FOUND"),
    ],
)
def test_what_cannot_be_done(dapr: Dapr, path: str, method: str, status: int, code: str) -> None:
    dapr.started("live")
    assert error(dapr.call(method, f"/v1.0/workflows/{path}")) == (status, code)
    assert dapr.state("live")["runtimeStatus"] == "PENDING"


def test_the_runtime_says_that_it_is_there(dapr: Dapr) -> None:
    assert set(dapr.call("GET", "/v1.0/metadata").json()) == {"id", "runtimeVersion", "extended"}
    assert Client().get("/v1.0/metadata").status_code == 401
    assert error(dapr.call("GET", "/v1.0/nothing")) == (404, "ERR_NOT_FOUND")
    assert error(dapr.call("PUT", "/v1.0/metadata")) == (405, "ERR_METHOD_NOT_ALLOWED")


# --- events ---


@pytest.fixture
def waiter(dapr: Dapr, alice: Person) -> Dapr:
    made(
        alice.client(),
        hello(name="Waiter", nodes=[node("w", "wait_for_event", name="Approval")], edges=[]),
        published=True,
    )
    return dapr


def test_an_event_is_kept_for_the_flow_under_the_name_it_waits_for(waiter: Dapr) -> None:
    run = waiter.call("POST", "/v1.0/workflows/waiter/w/start") and Run.objects.get(handle="w")
    tries = [
        ("dapr/w/raiseEvent/approval", '{"ok": true}'),
        ("waiter/w/raiseEvent?eventName=APPROVAL", "text"),
        ("waiter/w/raiseEvent/other", ""),
    ]
    for path, body in tries:
        assert waiter.call("POST", f"/v1.0/workflows/{path}", body).status_code == 202
    told = list(run.inbox.order_by("id").values_list("name", "payload"))
    assert told == [("Approval", {"ok": True}), ("Approval", "text"), ("other", None)]


def test_an_event_to_an_ended_instance_is_dropped(dapr: Dapr) -> None:
    run = dapr.started("i")
    end(run)
    assert dapr.call("POST", "/v1.0/workflows/dapr/i/raiseEvent/x").status_code == 202
    assert not run.inbox.exists()


# --- CloudEvents ---

EVENT = {"specversion": "1.0", "id": "1", "source": "orders", "type": "order.made", "data": {"n": 1}}
STRUCTURED = "application/cloudevents+json"


def send(dapr: Dapr, event: Json, query: str = "") -> Any:
    return dapr.call("POST", f"/v1.0/events/{FLOW}{query}", json.dumps(event), STRUCTURED)


def test_a_structured_event_starts_one_run(dapr: Dapr) -> None:
    first, again = send(dapr, EVENT), send(dapr, {**EVENT, "data": {"n": 2}})
    assert first.json() == again.json() == {"instanceID": "orders1"}
    assert (first.status_code, again.status_code) == (202, 202)
    assert Run.objects.get().trigger_payload == {"n": 1}


def test_a_binary_event_starts_one_too(dapr: Dapr) -> None:
    headers = {"ce_specversion": "1.0", "ce_id": "7", "ce_source": "orders", "ce_type": "order.made"}
    answer = dapr.call("POST", f"/v1.0/events/{FLOW}", '{"n":7}', "application/json", **headers)
    assert answer.json() == {"instanceID": "orders7"}
    assert Run.objects.get().trigger_payload == {"n": 7}


def test_an_event_comes_in_base64(dapr: Dapr) -> None:
    assert send(dapr, {**EVENT, "data": None, "data_base64": "eyJuIjozfQ=="}).status_code == 202
    assert Run.objects.get().trigger_payload == {"n": 3}


def test_a_source_that_is_no_id_is_hashed(dapr: Dapr) -> None:
    one, other = (send(dapr, {**EVENT, "source": f"https://example.com/{n}"}).json() for n in (1, 2))
    assert one != other
    assert dapr.state(one["instanceID"])["runtimeStatus"] == "PENDING"


def test_an_event_may_recycle_its_instance(dapr: Dapr) -> None:
    send(dapr, EVENT)
    answer = send(dapr, {**EVENT, "data": {"n": 2}}, "?policy=recycle")
    assert answer.json() == {"instanceID": "orders1"}
    assert dapr.state("orders1")["properties"]["dapr.workflow.input"] == '{"n":2}'
    [old] = Run.objects.filter(handle=None)
    assert (old.status, old.trigger_payload) == ("terminated", {"n": 1})


@pytest.mark.parametrize(
    "event", [[], {}, {**EVENT, "source": ""}, {**EVENT, "id": 1}, {**EVENT, "data_base64": "%"}, "text"]
)
def test_what_is_no_event_is_refused(dapr: Dapr, event: Any) -> None:
    assert error(send(dapr, event)) == (400, "ERR_CLOUD_EVENT_INVALID")
    assert error(dapr.call("POST", f"/v1.0/events/{FLOW}", "{}", "application/json")) == (
        400,
        "ERR_CLOUD_EVENT_INVALID",
    )
    assert error(send(dapr, EVENT, "?policy=x")) == (400, "ERR_START_WORKFLOW")


# --- tenants ---


def test_another_projects_workflows_and_instances_do_not_exist(dapr: Dapr, charlie: Person) -> None:
    run = dapr.started("i")
    his = Dapr(charlie)
    assert error(his.call("POST", f"/v1.0/workflows/dapr/{FLOW}/start")) == (404, "ERR_START_WORKFLOW")
    for instance in ("i", run.pk):
        assert error(his.call("GET", f"/v1.0/workflows/dapr/{instance}")) == (404, "ERR_INSTANCE_ID_NOT_FOUND")
        for verb in ("pause", "resume", "terminate", "purge"):
            assert his.call("POST", f"/v1.0/workflows/dapr/{instance}/{verb}").status_code in (404, 500)
    assert dapr.state("i")["runtimeStatus"] == "PENDING"
    made(charlie.client(), published=True)
    assert his.call("POST", f"/v1.0/workflows/dapr/{FLOW}/start?instanceID=i").status_code == 202

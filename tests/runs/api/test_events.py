"""Events over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from runs.models import Event
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


@pytest.fixture
def run(client: ApiClient) -> Json:
    path = f"/workflows/{made(client, published=True)['id']}/execute"
    record: Json = client.post(path, {"run_id": "mine", "correlation_id": "order-1"}).json()
    return record


@pytest.mark.parametrize("payload", [{"sum": 3}, [1], "text", 5, False, None, {}])
def test_any_json_is_an_event(client: ApiClient, run: Json, payload: Any) -> None:
    answer = client.post("/runs/mine/events/order.paid", json.dumps(payload))
    assert (answer.status_code, answer.json()["id"]) == (202, run["id"])
    event = Event.objects.get()
    assert (event.run_id, event.name, event.payload, event.correlation) == (run["id"], "order.paid", payload, None)


def test_no_body_is_null(client: ApiClient, run: Json) -> None:
    assert client.post("/runs/mine/events/go").status_code == 202
    assert Event.objects.get().payload is None


def test_the_same_key_is_the_same_event(client: ApiClient, run: Json) -> None:
    first = client.post("/runs/mine/events/go", 1, Idempotency_Key="k")
    again = client.post("/runs/mine/events/go", 1, Idempotency_Key="k")
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"], Event.objects.count()) == (False, "true", 1)
    other = client.post("/runs/mine/events/go", 2, Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "event_id_reused")


def test_a_run_that_has_ended_takes_none(client: ApiClient, run: Json) -> None:
    client.post("/runs/mine/terminate", {})
    answer = client.post("/runs/mine/events/go", 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "run_ended")


@pytest.mark.parametrize("name", ["a%00b", "a b", "$go", "x" * 201])
def test_what_cannot_be_a_name(client: ApiClient, run: Json, name: str) -> None:
    assert client.post(f"/runs/mine/events/{name}", 1).status_code == 404


@pytest.mark.parametrize("body", ['{"a": NaN}', '"\\u0000"', '"\\ud800"', "{"])
def test_what_is_no_json_of_ours_is_refused(client: ApiClient, run: Json, body: str) -> None:
    assert client.post("/runs/mine/events/go", body).status_code in (400, 422)
    assert not Event.objects.exists()


def test_by_correlation(client: ApiClient, run: Json, charlie: Person) -> None:
    answer = client.post("/events/paid", {"correlation": "order-1", "payload": {"sum": 3}})
    assert (answer.status_code, answer.json()) == (202, {"runs": [run["id"]]})
    assert Event.objects.get().payload == {"sum": 3}
    assert client.post("/events/paid", {"correlation": "order-9"}).json() == {"runs": []}
    assert charlie.client().post("/events/paid", {"correlation": "order-1"}).json() == {"runs": []}
    assert charlie.client().post("/runs/mine/events/paid", 1).status_code == 404
    assert client.post("/events/paid", {}).json()["errors"][0]["path"] == "correlation"


def test_what_a_run_was_told_is_listed(client: ApiClient, run: Json) -> None:
    for number in range(3):
        client.post("/runs/mine/events/go", json.dumps(number))
    Event.objects.create(run_id=run["id"], event_id="x", name="$approval x", received_at=timezone.now())
    Event.objects.create(run_id=run["id"], event_id="y", name="", received_at=timezone.now())
    page = client.get("/runs/mine/events?limit=2").json()
    assert [(event["name"], event["payload"], event["delivered_at"]) for event in page["results"]] == [
        ("go", 2, None),
        ("go", 1, None),
    ]
    rest = client.get(f"/runs/mine/events?limit=2&cursor={page['next']}").json()
    assert ([event["payload"] for event in rest["results"]], rest["next"]) == ([0], None)

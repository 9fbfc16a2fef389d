"""Starting runs over the API: options, once per key, and waiting for the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from runs.idempotency import KEPT
from runs.models import IdempotencyKey, Run, RunMetadata
from tests.people import ApiClient, Person
from tests.provision import wait_until
from tests.workflows.api.drawings import Json, edge, hello, made, node

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


@pytest.fixture
def path(client: ApiClient) -> str:
    return f"/workflows/{made(client, published=True)['id']}/execute"


def test_a_run_is_accepted_with_its_whole_record(client: ApiClient, path: str, settings: Any) -> None:
    settings.PUBLIC_URL = "https://flows.example.com"
    answer = client.post(path, {"context": {"who": "Ada", "n": 2**100}})
    run = answer.json()
    assert answer.status_code == 202
    assert answer["Content-Type"] == "application/json"
    assert answer["Location"] == f"https://flows.example.com/api/v1/runs/{run['id']}"
    assert run["id"].startswith("fl_run_")
    assert (run["status"], run["trigger_type"], run["version"], run["is_draft"]) == ("pending", "api", 1, False)
    assert run["trigger_payload"] == {"who": "Ada", "n": 2**100}
    assert (run["logs"], run["node_states"], run["output"], run["error"]) == ([], {}, None, None)
    assert (run["started_at"], run["completed_at"], run["duration_in_seconds"]) == (None, None, None)
    assert run["workflow"]["name"] == "Hello"
    assert len(run["workflow"]["nodes"]) == 2
    assert run["workflow"]["runs"] == []
    assert client.get(f"/runs/{run['id']}").json() == run


def test_all_options(client: ApiClient, path: str) -> None:
    options = {
        "version": 1,
        "correlation_id": "order-7",
        "priority": 99,
        "metadata": {"customer": "c1", "": "x"} | {"tier": "gold"},
        "run_id": "my-run_1",
    }
    del options["metadata"][""]  # type: ignore[attr-defined]
    run = client.post(path, options).json()
    assert {name: run[name] for name in options} == options
    assert run["trigger_payload"] == {}
    assert client.get("/runs/my-run_1").json()["id"] == run["id"]
    assert RunMetadata.objects.count() == 2


@pytest.mark.parametrize("body", [None, "", {}])
def test_no_body_is_as_an_empty_one(client: ApiClient, path: str, body: Any) -> None:
    answer = client.post(path, body)
    assert (answer.status_code, answer.json()["trigger_payload"]) == (202, {})


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"context": []}, "context"),
        ({"context": None}, "context"),
        ({"version": 0}, "version"),
        ({"version": "latest"}, "version"),
        ({"priority": 100}, "priority"),
        ({"priority": -1}, "priority"),
        ({"priority": "1"}, "priority"),
        ({"correlation_id": ""}, "correlation_id"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {"a" * 201: "x"}}, "metadata"),
        ({"metadata": {f"k{n}": "" for n in range(51)}}, "metadata"),
        ({"run_id": "a b"}, "run_id"),
        ({"run_id": "a\n"}, "run_id"),
        ({"run_id": "x" * 65}, "run_id"),
        ({"input": {}}, "input"),
        ([], ""),
    ],
)
def test_wrong_options_are_named_and_start_nothing(client: ApiClient, path: str, body: Any, fault: str) -> None:
    answer = client.post(path, body, Idempotency_Key="k")
    assert answer.status_code == 422
    assert all(each["path"].startswith(fault) for each in answer.json()["errors"])
    assert not Run.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("seconds", ["-1", "61", "60.1", "soon", "1.5555", ".5", "1e1", "", "999"])
def test_a_wait_that_is_none_is_refused(client: ApiClient, path: str, seconds: str) -> None:
    assert client.post(f"{path}?wait={seconds}", {}).status_code == 400
    assert not Run.objects.exists()


def test_what_is_not_published_cannot_run_but_its_draft_can(client: ApiClient) -> None:
    path = f"/workflows/{made(client)['id']}/execute"
    answer = client.post(path, {})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_published")
    run = client.post(path, {"version": "draft"}).json()
    assert (run["is_draft"], run["version"]) == (True, None)
    assert client.post(path, {"version": 5}).status_code == 404


def test_an_unfinished_draft_does_not_run(client: ApiClient) -> None:
    body = hello(nodes=[node("call", "http_request")], edges=[], allow_incomplete=True)
    workflow = client.post("/workflows", body).json()
    answer = client.post(f"/workflows/{workflow['id']}/execute", {"version": "draft"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "nodes[0].data.url"
    assert not Run.objects.exists()


def test_an_older_version_runs_as_it_was(client: ApiClient, path: str) -> None:
    workflow_path = path.removesuffix("/execute")
    client.put(workflow_path, {"nodes": [node("start", "manual_trigger")], "edges": []})
    client.post(f"{workflow_path}/publish")
    assert len(client.post(path, {"version": 1}).json()["workflow"]["nodes"]) == 2
    newest = client.post(path, {}).json()
    assert (newest["version"], len(newest["workflow"]["nodes"])) == (2, 1)


def test_an_inactive_workflow_runs_when_asked(client: ApiClient, path: str) -> None:
    assert client.post(path, {}).status_code == 202


def test_the_browsers_run_button_is_a_start_by_hand(alice: Person, path: str) -> None:
    browser = Client()
    browser.force_login(alice.user)
    answer = browser.post(f"/api/v1{path}", {"version": "draft"}, content_type="application/json")
    assert (answer.json()["trigger_type"], answer.json()["is_draft"]) == ("manual", True)


def test_a_callers_own_id_is_taken_once_in_a_project(client: ApiClient, path: str, charlie: Person) -> None:
    assert client.post(path, {"run_id": "mine"}).status_code == 202
    again = client.post(path, {"run_id": "mine"}, Idempotency_Key="k")
    assert (again.status_code, again.json()["code"]) == (409, "run_id_taken")
    assert not IdempotencyKey.objects.exists()
    other = charlie.client()
    their_path = f"/workflows/{made(other, published=True)['id']}/execute"
    assert other.post(their_path, {"run_id": "mine"}).status_code == 202


# --- Idempotency-Key ---


def test_the_same_key_gives_the_first_answers_bytes(client: ApiClient, path: str) -> None:
    first = client.post(path, '{"context": {"a": 1, "b": 2}}', Idempotency_Key="order 7!")
    Run.objects.update(status="completed")
    again = client.post(path, '{ "context":{"b":2,"a":1} }', Idempotency_Key="order 7!")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Run.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(client: ApiClient, path: str) -> None:
    client.post(path, {"context": {"a": 1}}, Idempotency_Key="k")
    answer = client.post(path, {"context": {"a": True}}, Idempotency_Key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Run.objects.count() == 1


def test_keys_are_the_workflows_own(client: ApiClient, path: str) -> None:
    other = f"/workflows/{made(client, published=True)['id']}/execute"
    assert (
        client.post(path, {}, Idempotency_Key="k").json()["id"]
        != client.post(other, {}, Idempotency_Key="k").json()["id"]
    )


def test_after_a_day_the_key_is_new(alice: Person, path: str) -> None:
    client = alice.timeless_client()
    first = client.post(path, {}, Idempotency_Key="k").json()
    with time_machine.travel(timezone.now() + KEPT + timedelta(seconds=1)):
        again = client.post(path, {"priority": 5}, Idempotency_Key="k")
    assert again.status_code == 202
    assert again.json()["id"] != first["id"]
    assert IdempotencyKey.objects.count() == 1


def test_the_answer_outlives_its_run(client: ApiClient, path: str) -> None:
    first = client.post(path, {}, Idempotency_Key="k")
    Run.objects.all().delete()
    again = client.post(f"{path}?wait=0.05", {}, Idempotency_Key="k")
    assert (again.status_code, again.content) == (202, first.content)


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "ü", "a\tb"])
def test_a_key_that_is_none_is_refused(client: ApiClient, path: str, key: str) -> None:
    answer = client.post(path, {}, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_invalid")
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_under_one_key_start_one_run() -> None:
    from tests.people import person

    _, secret = accounts.create_api_key(person("Alice").membership, "test")
    client = ApiClient(f"Bearer {secret}")
    path = f"/workflows/{made(client, published=True)['id']}/execute"
    barrier = threading.Barrier(8)
    answers: list[Any] = []

    def call() -> None:
        barrier.wait()
        answers.append(ApiClient(f"Bearer {secret}").post(path, {"context": {"n": 1}}, Idempotency_Key="k"))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Run.objects.count() == 1


# --- waiting, with a real engine ---


@pytest.fixture
def engine(transactional_db: None) -> Iterator[None]:
    from runs.engine.process import Engine

    running = Engine()
    running.start()
    yield
    running.stop(3)


@pytest.mark.django_db(transaction=True)
def test_a_caller_may_wait_for_the_end(engine: None, alice: Person) -> None:
    client = alice.client()
    path = f"/workflows/{made(client, published=True)['id']}/execute"
    answer = client.post(f"{path}?wait=20", {"context": {"who": "Ada"}}, Idempotency_Key="k")
    run = answer.json()
    assert answer.status_code == 200
    assert (run["status"], run["output"]) == ("completed", {"text": "hello Ada"})
    assert [(log["node_id"], log["status"]) for log in run["logs"]] == [("start", "completed"), ("greet", "completed")]
    assert run["logs"][1]["input"] == run["logs"][0]["output"]
    assert {name: state["status"] for name, state in run["node_states"].items()} == {
        "start": "completed",
        "greet": "completed",
    }
    again = client.post(f"{path}?wait=20", {"context": {"who": "Ada"}}, Idempotency_Key="k")
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (200, run, "true")
    first = client.post(path, {"context": {"who": "Ada"}}, Idempotency_Key="k")
    assert (first.status_code, first.json()["status"]) == (202, "pending")


@pytest.mark.django_db(transaction=True)
def test_a_caller_who_waits_has_the_answer_while_the_run_goes_on(engine: None, alice: Person) -> None:
    client = alice.client()
    body: Json = hello(
        nodes=[
            node("start", "manual_trigger"),
            node("answer", "respond", status=201, body={"got": "it"}),
            node("nap", "delay", duration=1, unit="hours"),
        ],
        edges=[edge("start", "answer"), edge("answer", "nap")],
    )
    path = f"/workflows/{made(client, body, published=True)['id']}/execute"
    run = client.post(f"{path}?wait=20", {}).json()
    assert run["status"] in ("running", "waiting")
    assert run["response"] == {"status": 201, "headers": [], "body": {"got": "it"}, "more": False}
    assert run["node_states"]["answer"]["status"] == "completed"


@pytest.mark.django_db(transaction=True)
def test_a_caller_who_waited_in_vain_is_told_that_it_goes_on(engine: None, alice: Person) -> None:
    client = alice.client()
    body: Json = hello(
        nodes=[node("start", "manual_trigger"), node("nap", "delay", duration=1, unit="hours")],
        edges=[edge("start", "nap")],
    )
    path = f"/workflows/{made(client, body, published=True)['id']}/execute"
    answer = client.post(f"{path}?wait=1", {}, Idempotency_Key="k")
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    again = client.post(f"{path}?wait=1", {}, Idempotency_Key="k")
    assert (again.status_code, again.json()) == (202, answer.json())
    run_path = f"/runs/{answer.json()['id']}"
    run = client.get(run_path).json()
    assert (run["status"], run["node_states"]["nap"]["status"]) == ("waiting", "waiting")
    ended = client.post(f"{run_path}/terminate", {"reason": "enough", "output": {"a": 1}})
    assert ended.status_code == 202


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_in_hand_from_its_birth_is_told_of_like_any_other(engine: None, alice: Person) -> None:
    client = alice.client()
    path = f"/workflows/{made(client, published=True)['id']}/execute"
    body = {"context": {"who": "Ada"}, "priority": 7, "correlation_id": "order-7", "version": 1}
    in_hand, queued = client.post(path, body).json(), client.post(path, body, Idempotency_Key="one").json()
    of_each = dict.fromkeys(("id", "created_at"))
    assert {**in_hand, **of_each} == {**queued, **of_each}
    wait_until(lambda: Run.objects.filter(status="completed").count() == 2, "both runs end")
    run = Run.objects.get(pk=in_hand["id"])
    assert (run.created_at == run.started_at, run.epoch) == (True, 1)
    assert client.get(f"/runs/{run.id}").json()["created_at"] == in_hand["created_at"]


def test_a_run_may_have_a_deadline_and_start_later(client: ApiClient) -> None:
    path = f"/workflows/{made(client, published=True)['id']}/execute"
    record = client.post(path, {"delay_seconds": 3600, "deadline_seconds": 60}).json()
    assert record["status"] == "pending"
    assert record["reason"].startswith("It starts at ")
    run = Run.objects.get(id=record["id"])
    assert run.ready_at is None
    assert run.deadline_at is not None
    assert 3600 < (run.deadline_at - run.created_at).total_seconds() < 3700
    later = (run.created_at + timedelta(days=2)).isoformat()
    assert client.post(path, {"start_at": later}).json()["reason"].startswith("It starts at ")
    assert Run.objects.filter(ready_at=None).count() == 2
    past = client.post(path, {"start_at": "2020-01-01T00:00:00Z"}).json()
    assert (past["status"], past["reason"]) == ("pending", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"deadline_seconds": 0},
        {"deadline_seconds": 10**12},
        {"deadline_seconds": 1.5},
        {"delay_seconds": -1},
        {"delay_seconds": 10**12},
        {"start_at": "2030-01-01T00:00:00"},
        {"start_at": "9999-12-31T23:59:59Z"},
        {"start_at": "soon"},
        {"start_at": 1900000000},
        {"start_at": "1900000000"},
        {"start_at": "2026-12-01T00:00:00Z", "delay_seconds": 1},
    ],
)
def test_times_that_make_no_sense_are_refused(client: ApiClient, wrong: dict[str, Any]) -> None:
    answer = client.post(f"/workflows/{made(client, published=True)['id']}/execute", wrong)
    assert answer.status_code == 422
    assert not Run.objects.exists()

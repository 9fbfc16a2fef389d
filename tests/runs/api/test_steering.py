"""Holding, letting go, running again and deleting over the API; one by one and in bulk."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from runs.models import Log, PurgedRun, Run
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


@pytest.fixture
def path(client: ApiClient) -> str:
    return f"/workflows/{made(client, published=True)['id']}/execute"


def started(client: ApiClient, path: str, **options: Any) -> Json:
    run: Json = client.post(path, options).json()
    return run


def bulk(client: ApiClient, action: str, **body: Any) -> Json:
    answer = client.post(f"/runs/bulk/{action}", body)
    assert answer.status_code == 200, answer.json()
    told: Json = answer.json()
    return told


# --- one ---


def test_hold_and_let_go(client: ApiClient, path: str) -> None:
    run = started(client, path, run_id="mine")
    held = client.post("/runs/mine/suspend", {"reason": "wait for it"})
    assert (held.status_code, held.json()["status"], held.json()["reason"]) == (202, "suspended", "wait for it")
    assert client.post("/runs/mine/suspend", {}).json() == held.json()
    going = client.post(f"/runs/{run['id']}/resume", {})
    assert (going.status_code, going.json()["status"], going.json()["reason"]) == (202, "pending", None)
    assert client.post("/runs/mine/resume", {}).json() == going.json()


def test_what_has_ended_cannot_be_held(client: ApiClient, path: str) -> None:
    run = started(client, path)
    ended = client.post(f"/runs/{run['id']}/terminate", {}).json()
    for action in ("suspend", "resume", "terminate"):
        answer = client.post(f"/runs/{run['id']}/{action}", {})
        assert (answer.status_code, answer.json()) == (202, ended)


def test_run_again(client: ApiClient, path: str) -> None:
    run = started(client, path, context={"a": 1}, priority=4)
    assert client.post(f"/runs/{run['id']}/retry", {}).json()["code"] == "run_not_ended"
    client.post(f"/runs/{run['id']}/terminate", {})
    answer = client.post(f"/runs/{run['id']}/retry", {})
    again = answer.json()
    assert (answer.status_code, again["retry_of"], again["priority"]) == (202, run["id"], 4)
    assert again["trigger_payload"] == run["trigger_payload"]
    assert answer["Location"].endswith(again["id"])
    other = client.post(f"/runs/{run['id']}/retry", {"context": {"b": 2}, "version": "newest"}).json()
    assert other["trigger_payload"] == {"b": 2}
    assert client.post(f"/runs/{run['id']}/retry", {"context": {}, "from_failed": True}).status_code == 422


def test_run_again_from_a_chosen_node(client: ApiClient, path: str) -> None:
    run = started(client, path)
    client.post(f"/runs/{run['id']}/terminate", {})
    node_id = run["workflow"]["nodes"][0]["id"]
    said = {"kind": "set", "attempt": 1, "epoch": 2, "started_at": timezone.now()}
    Log.objects.create(run_id=run["id"], seq=1, node_id=node_id, **said)
    begin = {"begin_at": {"node_id": node_id}}
    again = client.post(f"/runs/{run['id']}/retry", {**begin, "context": {"b": 2}})
    assert (again.status_code, again.json()["retry_of"]) == (202, run["id"])
    assert again.json()["trigger_payload"] == {"b": 2}
    ghost = client.post(f"/runs/{run['id']}/retry", {"begin_at": {"node_id": "ghost"}})
    assert (ghost.status_code, ghost.json()["code"]) == (409, "not_run")
    for more in ({"from_failed": True}, {"version": "newest"}, {"begin_at": {"node_id": node_id, "iteration": "x"}}):
        assert client.post(f"/runs/{run['id']}/retry", {**begin, **more}).status_code == 422


def test_a_retry_that_is_asked_twice_under_one_key_is_one(client: ApiClient, path: str) -> None:
    run = started(client, path)
    client.post(f"/runs/{run['id']}/terminate", {})
    first, second = (client.post(f"/runs/{run['id']}/retry", {}, Idempotency_Key="k") for _ in "ab")
    assert (first.status_code, first.content, second["Idempotent-Replayed"]) == (202, second.content, "true")
    assert Run.objects.filter(retry_of=run["id"]).count() == 1


def test_delete_for_good(client: ApiClient, path: str, alice: Person) -> None:
    run = client.post(path, {}, Idempotency_Key="k").json()
    assert client.post(f"/runs/{run['id']}/purge", {}).status_code == 409
    purged = client.post(f"/runs/{run['id']}/purge", {"force": True})
    assert (purged.status_code, purged.json()) == (202, run)
    assert client.get(f"/runs/{run['id']}").status_code == 404
    assert PurgedRun.objects.get().purged_by == alice.user.email
    # Keys under which it was started answer as before.
    again = client.post(path, {}, Idempotency_Key="k")
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (202, run, "true")


@pytest.mark.parametrize("action", ["suspend", "resume", "terminate", "retry", "purge"])
def test_runs_of_others_do_not_exist(client: ApiClient, path: str, charlie: Person, action: str) -> None:
    run = started(client, path)
    assert charlie.client().post(f"/runs/{run['id']}/{action}", {}).status_code == 404
    assert charlie.client().post(f"/runs/bulk/{action}", {"ids": [run["id"]]}).json()["results"][0]["problem"] == {
        "status": 404,
        "code": "not_found",
        "detail": "There is no such run.",
    }
    assert charlie.client().post(f"/runs/bulk/{action}", {"filter": {}}).json() == {"results": [], "more": False}
    assert client.post(f"/runs/{run['id']}/{action}", {"why": 1}).json()["errors"][0]["path"] == "why"
    assert client.get(f"/runs/{run['id']}").json() == run


# --- many ---


def test_many_by_id_are_answered_one_by_one(client: ApiClient, path: str) -> None:
    first, second = started(client, path), started(client, path, run_id="mine")
    client.post("/runs/mine/terminate", {})
    told = bulk(client, "suspend", ids=[first["id"], "mine", "nobody", first["id"]], reason="stop")
    assert told["more"] is False
    assert [(each["id"], each["was"], each["status"]) for each in told["results"]] == [
        (first["id"], "pending", "suspended"),
        ("mine", "terminated", "terminated"),
        ("nobody", None, None),
    ]
    assert [each["problem"] and each["problem"]["code"] for each in told["results"]] == [None, None, "not_found"]
    assert told["results"][1]["run_id"] == second["id"]


def test_many_by_filter_come_to_an_end(client: ApiClient, path: str) -> None:
    ids = [started(client, path, metadata={"lot": "7"})["id"] for _ in range(5)]
    other = started(client, path)
    lot = {"metadata": {"lot": "7"}}
    first = bulk(client, "terminate", filter=lot, limit=3, reason="recalled")
    assert ([each["id"] for each in first["results"]], first["more"]) == (ids[:1:-1], True)
    second = bulk(client, "terminate", filter=lot, limit=3)
    assert ([each["id"] for each in second["results"]], second["more"]) == (ids[1::-1], False)
    assert client.get(f"/runs/{other['id']}").json()["status"] == "pending"
    assert len(bulk(client, "retry", filter=lot)["results"]) == 5
    assert bulk(client, "retry", filter=lot)["results"] == []
    assert len(bulk(client, "purge", filter=lot)["results"]) == 5
    assert Run.objects.filter(status="pending").count() == 6
    forced = bulk(client, "purge", filter={"status": "pending"}, force=True)
    assert [each["was"] for each in forced["results"]] == ["pending"] * 6
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ""),
        ({"ids": ["a"], "filter": {}}, ""),
        ({"ids": []}, "ids"),
        ({"ids": ["a"] * 201}, "ids"),
        ({"ids": ["a b"]}, "ids[0]"),
        ({"filter": {"odd": 1}}, "filter.odd"),
        ({"filter": {"status": "odd"}}, "filter.status"),
        ({"filter": {}, "limit": 201}, "limit"),
    ],
)
def test_what_names_no_runs_is_refused(client: ApiClient, body: Json, fault: str) -> None:
    answer = client.post("/runs/bulk/resume", body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, fault)

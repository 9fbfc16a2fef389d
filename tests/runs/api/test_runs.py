"""Lists of runs with their filters, one run by id or handle, and ending one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runs.models import Log, Run
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, hello, made

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


@pytest.fixture
def path(client: ApiClient) -> str:
    return f"/workflows/{made(client, published=True)['id']}/execute"


def started(client: ApiClient, path: str, **options: Any) -> Json:
    answer = client.post(path, options)
    assert answer.status_code == 202, answer.json()
    run: Json = answer.json()
    return run


def handles(client: ApiClient, query: dict[str, str]) -> list[str]:
    answer = client.get("/runs", query)
    assert answer.status_code == 200, answer.json()
    return [run["run_id"] for run in answer.json()["results"]]


def test_a_row_is_the_record_without_what_is_big(client: ApiClient, path: str) -> None:
    run = started(client, path, context={"a": 1}, metadata={"k": "v"})
    row = client.get("/runs").json()["results"][0]
    left_out = ("workflow", "logs", "waits", "node_states", "trigger_payload", "output", "variables", "response")
    assert {name: value for name, value in row.items() if not name.startswith("workflow_")} == {
        name: value for name, value in run.items() if name not in left_out
    }
    assert (row["workflow_id"], row["workflow_name"]) == (run["workflow"]["id"], "Hello")


def test_filters(client: ApiClient, path: str) -> None:
    started(client, path, run_id="a", correlation_id="order-1", metadata={"tier": "gold", "who": "ada"})
    started(client, path, run_id="b", correlation_id="order-1", metadata={"tier": "gold"})
    other = made(client, hello(name="Other"), published=True)
    started(client, f"/workflows/{other['id']}/execute", run_id="c", metadata={"tier": "lead"})
    Run.objects.filter(handle="b").update(status="failed", trigger_type="webhook")
    assert handles(client, {}) == ["c", "b", "a"]
    assert handles(client, {"workflow": other["id"]}) == ["c"]
    assert handles(client, {"status": "failed"}) == ["b"]
    assert handles(client, {"trigger": "webhook"}) == ["b"]
    assert handles(client, {"correlation_id": "order-1"}) == ["b", "a"]
    assert handles(client, {"metadata.tier": "gold"}) == ["b", "a"]
    assert handles(client, {"metadata.tier": "gold", "metadata.who": "ada"}) == ["a"]
    assert handles(client, {"metadata.tier": "gold", "status": "pending"}) == ["a"]
    assert handles(client, {"metadata.run__project": "x"}) == []


def test_filters_by_time(client: ApiClient, path: str) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    for hours, handle in enumerate("abc"):
        started(client, path, run_id=handle)
        Run.objects.filter(handle=handle).update(created_at=noon + timedelta(hours=hours))
    assert handles(client, {"since": "2026-03-02T13:00:00Z"}) == ["c", "b"]
    assert handles(client, {"until": "2026-03-02T13:00:00Z"}) == ["a"]
    assert handles(client, {"since": "2026-03-02T14:00:00+01:00", "until": "2026-03-02T14:00:00"}) == ["b"]
    assert handles(client, {"since": "2026-03-03"}) == []


@pytest.mark.parametrize(
    "query",
    [
        {"status": "odd"},
        {"trigger": "moon"},
        {"since": "yesterday"},
        {"until": "2026-13-01"},
        {"order_by": "id"},
        {"workflow__project": "x"},
        {"metadata": "x"},
        {"limit": "1000"},
        {"cursor": "WzFd"},
        {"status": ["failed", "completed"]},
        {"metadata.a": ["1", "2"]},
    ],
)
def test_what_is_no_filter_is_refused(client: ApiClient, query: dict[str, Any]) -> None:
    answer = client.get("/runs", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == next(iter(query))


def test_pages_are_newest_first_and_whole(client: ApiClient, path: str) -> None:
    expected = [started(client, path)["id"] for _ in range(7)][::-1]
    Run.objects.filter(id__in=expected[2:5]).update(created_at=datetime(2030, 1, 1, tzinfo=UTC))
    expected = [run.id for run in Run.objects.order_by("-created_at", "-id")]
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = client.get("/runs", {"limit": "2"} | ({"cursor": cursor} if cursor else {})).json()
        seen += [run["id"] for run in page["results"]]
        cursor = page["next"]
    assert (seen, cursor) == (expected, None)


def test_a_page_of_runs_takes_few_queries(client: ApiClient, path: str, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        started(client, path)
    with django_assert_max_num_queries(4):
        client.get("/runs")


def test_logs_come_in_pages_and_may_be_left_out_of_the_record(client: ApiClient, path: str) -> None:
    run = started(client, path)["id"]
    Run.objects.filter(pk=run).update(status="completed", epoch=1, started_at=NOW, completed_at=NOW)
    for seq, node_id in enumerate(["start", "greet"], 1):
        row = {"node_id": node_id, "kind": "log", "attempt": 1, "status": "completed", "handle": "out", "output": seq}
        Log.objects.create(run_id=run, seq=seq, epoch=1, started_at=NOW, completed_at=NOW, **row)
    whole = client.get(f"/runs/{run}").json()
    assert [log["node_id"] for log in whole["logs"]] == ["start", "greet"]
    assert client.get(f"/runs/{run}", {"logs": "false"}).json() == {**whole, "logs": []}
    first = client.get(f"/runs/{run}/logs", {"limit": 1}).json()
    second = client.get(f"/runs/{run}/logs", {"limit": 1, "cursor": first["next"]}).json()
    assert [*first["results"], *second["results"]] == whole["logs"]
    assert second["next"] is None
    assert client.get(f"/runs/{run}/logs").json() == {"results": whole["logs"], "next": None}
    assert client.get(f"/runs/{run}", {"logs": "no"}).status_code == 400


def test_runs_of_a_deleted_workflow_stay(client: ApiClient, path: str) -> None:
    run = started(client, path)
    client.delete(path.removesuffix("/execute"))
    assert client.get(f"/runs/{run['id']}").status_code == 200
    assert len(client.get("/runs", {"workflow": run["workflow"]["id"]}).json()["results"]) == 1


def test_ending_a_run(client: ApiClient, path: str) -> None:
    run = started(client, path)
    answer = client.post(f"/runs/{run['id']}/terminate", {"reason": "wrong order", "output": {"refund": True}})
    ended = answer.json()
    assert answer.status_code == 202
    assert (ended["status"], ended["reason"], ended["output"]) == ("terminated", "wrong order", {"refund": True})
    again = client.post(f"/runs/{run['id']}/terminate", {"reason": "again", "output": 5})
    assert (again.status_code, again.json()) == (202, ended)


def test_a_run_that_ended_otherwise_stays_as_it_is(client: ApiClient, path: str) -> None:
    run = started(client, path, run_id="mine")
    Run.objects.update(status="completed", ready_at=None)
    answer = client.post("/runs/mine/terminate", {"output": 1})
    assert (answer.status_code, answer.json()["status"], answer.json()["output"]) == (202, "completed", None)
    assert answer.json()["id"] == run["id"]


@pytest.mark.parametrize(
    ("body", "fault"), [({"reason": 5}, "reason"), ({"reason": "x" * 1001}, "reason"), ({"why": "x"}, "why")]
)
def test_an_end_that_makes_no_sense_is_refused(client: ApiClient, path: str, body: Json, fault: str) -> None:
    run = started(client, path)
    answer = client.post(f"/runs/{run['id']}/terminate", body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, fault)
    assert client.get(f"/runs/{run['id']}").json()["status"] == "pending"

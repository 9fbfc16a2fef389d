"""What is told of the processes that work on runs, and of a run that none of them takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs import metrics, workers
from runs.engine.abilities import code_version
from runs.models import Run, Worker
from runs.telling import Telling
from tests.people import Person
from tests.runs.engine.making import begun, engine, published, until
from wire.times import to_wire
from workflows.nodes.registry import REGISTRY

pytestmark = pytest.mark.django_db(transaction=True)

MISSING = "No worker knows all that it needs. Missing: "


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "KEPT_SECONDS", 0)


def worker(name: str, **said: Any) -> Worker:
    now = timezone.now()
    rows = {"lease_until": now + timedelta(minutes=1), "started_at": now, "host": "here", "pid": 1, "engine_format": 1}
    return Worker.objects.create(id=name, **{**rows, "claims": True, "code_version": "1", **said})


def ready(drawing: str, seconds: float = 60) -> Run:
    run = begun(published(drawing))
    Run.objects.filter(id=run.id).update(ready_at=timezone.now() - timedelta(seconds=seconds))
    return Run.objects.get(id=run.id)


@pytest.mark.parametrize(
    ("know", "reason"),
    [
        ([], "No worker is running."),
        ([["set", "gone", "effect"]], ""),
        ([["set"], ["set", "gone", "effect"]], ""),
        ([["set", "effect"]], f"{MISSING}node kind “gone”."),
        ([["set"], ["set", "gone"]], f"{MISSING}node kind “effect”."),
        ([[]], f"{MISSING}node kind “effect”, node kind “gone”, node kind “set”."),
        ([["set"], None], ""),
    ],
)
def test_a_run_that_no_worker_knows_how_to_run_says_what_is_missing(know: list[Any], reason: str) -> None:
    run = ready("a:set>b:gone>c:effect")
    for number, kinds in enumerate(know):
        worker(f"wrk_{number}", node_kinds=kinds)
    assert workers.why_nobody_takes(run) == reason


def test_who_claims_nothing_or_is_dead_does_not_count() -> None:
    run = ready("a:set")
    worker("wrk_web", node_kinds=["set"], claims=False)
    worker("wrk_dead", node_kinds=["set"], lease_until=timezone.now() - timedelta(seconds=1))
    assert workers.why_nobody_takes(run) == "No worker is running."


def test_a_run_that_is_only_next_in_line_or_in_hand_has_no_such_reason() -> None:
    assert workers.why_nobody_takes(ready("a:set", seconds=1)) == ""
    for change in ({"owner": "wrk_1"}, {"ready_at": None}, {"status": "suspended"}, {"status": "completed"}):
        run = ready("a:set")
        Run.objects.filter(id=run.id).update(**change)
        assert workers.why_nobody_takes(Run.objects.get(id=run.id)) == ""


def test_a_version_of_before_requirements_were_on_record_says_it_too() -> None:
    run = ready("a:set>b:gone")
    type(run.version).objects.update(requirement=None)
    worker("wrk_1", node_kinds=["set"])
    assert workers.why_nobody_takes(Run.objects.get(id=run.id)) == f"{MISSING}node kind “gone”."


def test_the_reason_is_in_the_run_in_the_list_and_in_the_stream(alice: Person) -> None:
    run = begun(published("a:set>b:gone", project=alice.project))
    worker("wrk_1", node_kinds=["set"])
    client, telling = alice.client(), Telling(run.id)
    news = telling.news()
    assert news is not None
    assert news.run["reason"] is None
    assert telling.news() is None
    Run.objects.filter(id=run.id).update(ready_at=timezone.now() - timedelta(seconds=30))
    news = telling.news()
    assert news is not None
    told = [news.run, client.get(f"/runs/{run.id}").json(), *client.get("/runs").json()["results"]]
    assert {each["reason"] for each in told} == {f"{MISSING}node kind “gone”."}
    assert telling.news() is None
    Worker.objects.update(node_kinds=["set", "gone"])
    news = telling.news()
    assert news is not None
    assert news.run["reason"] is None


def test_the_administrator_sees_the_workers_and_nobody_else_does(alice: Person, charlie: Person) -> None:
    before = timezone.now() - timedelta(hours=1)
    worker("wrk_dead", lease_until=before, started_at=before)
    worker("wrk_stopped", stopped_at=timezone.now(), started_at=before - timedelta(minutes=1))
    with engine(kinds=REGISTRY, slots=7):
        found = alice.client().get("/workers").json()["results"]
    assert [each["state"] for each in found] == ["alive", "lapsed", "stopped"]
    assert [each["id"] for each in found[1:]] == ["wrk_dead", "wrk_stopped"]
    alive = found[0]
    assert (alive["claims"], alive["code_version"], alive["engine_format"]) == (True, code_version(), 1)
    assert (alive["slots"], alive["heard_at"] >= alive["started_at"]) == (7, True)
    assert {"http_request", "webhook", "code"} <= set(alive["node_kinds"])
    assert charlie.client().get("/workers").status_code == 403


def test_a_heartbeat_is_heard() -> None:
    with engine(lease=1.0):
        first = Worker.objects.get().heard_at
        assert first is not None
        until(lambda: Worker.objects.filter(heard_at__gt=first).exists())


def test_the_runs_that_nobody_can_take_are_told_by_version(alice: Person) -> None:
    worker("wrk_1", node_kinds=["set"])
    ready("a:set")
    workflow = published("a:gone", project=alice.project, key="odd")
    first, second = begun(workflow), begun(workflow)
    long_ago = timezone.now() - timedelta(hours=1)
    Run.objects.filter(id__in=[first.id, second.id]).update(ready_at=long_ago)
    begun(workflow)  # just now: on its way
    [told] = alice.client().get("/workers").json()["untaken"]
    assert told == {
        "workflow_id": workflow.id,
        "workflow_name": "odd",
        "version": 1,
        "runs": 2,
        "since": to_wire(long_ago),
        "reason": f"{MISSING}node kind “gone”.",
    }
    assert "penstock_runs_untaken 2\n" in metrics.text()
    Worker.objects.all().delete()
    assert "penstock_runs_untaken 3\n" in metrics.text()


def test_how_many_runs_each_holds() -> None:
    worker("wrk_1"), worker("wrk_2")
    for _ in range(3):
        Run.objects.filter(id=ready("a:set").id).update(owner="wrk_1", status="running")
    assert {each["id"]: each["runs_held"] for each in workers.worker_records()} == {"wrk_1": 3, "wrk_2": 0}


def test_the_code_version_names_the_projects_version() -> None:
    assert code_version().startswith("0.")

"""Who takes which run: by priority and age, suspects alone, and only what the worker knows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.engine import claiming
from runs.engine.abilities import Abilities
from runs.engine.claiming import Claiming
from runs.engine.compiled import Compiled, Versions
from runs.engine.database import Database, connect
from runs.engine.lease import Lease, register
from runs.engine.state import State
from runs.models import Run
from runs.services import resume_run, terminate_run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, new_project, published, until
from tests.runs.engine.test_takeover import left_behind
from workflows.models import Requirement, Version, Workflow
from workflows.requirements import ENGINE_FORMAT

pytestmark = pytest.mark.django_db(transaction=True)


# --- order ---


def test_the_more_urgent_one_is_next_also_while_the_worker_is_busy() -> None:
    making.calls.gates = {"z": threading.Event()}
    busy = begun(published("z:effect"))
    workflow = published("a:effect")
    with engine(slots=1):
        until(lambda: making.calls.begun)
        runs = [begun(workflow, priority=priority) for priority in (0, 50, 99, 50, 1)]
        making.calls.gates["z"].set()
        for run in runs:
            ended(run)
    order = list(Run.objects.exclude(id=busy.id).order_by("started_at").values_list("priority", flat=True))
    assert order == [99, 50, 50, 1, 0]
    fifties = Run.objects.filter(priority=50).order_by("started_at").values_list("id", flat=True)
    assert list(fifties) == [runs[1].id, runs[3].id]


# --- suspects ---


def test_a_suspect_is_held_alone_until_it_records_something() -> None:
    making.calls.gates = {"a": threading.Event(), "b": threading.Event()}
    suspect = left_behind(begun(published("a:effect>b:effect")), ("a", "started", None), crashes=2)
    with engine():
        until(lambda: making.calls.begun == ["a"])
        other = begun(published("c:effect"))
        time.sleep(1.5)
        assert making.calls.begun == ["a"], "nothing else is taken beside it"
        making.calls.gates["a"].set()
        ended(other)
        making.calls.gates["b"].set()
        ended(suspect)
    assert (suspect.status, suspect.crashes) == ("completed", 0)


def test_the_others_are_given_back_when_a_suspect_waits_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "DRAIN_SECONDS", 0.3)
    making.calls.gates = {"a": threading.Event()}
    other, suspect = begun(published("a:effect")), begun(published("b:effect"))
    Run.objects.filter(id=suspect.id).update(crashes=3, status="suspended", ready_at=None)
    with engine():
        until(lambda: making.calls.begun == ["a"])
        resume_run(suspect)
        ended(suspect)
        making.calls.gates["a"].set()
        ended(other)
    assert (suspect.status, other.status) == ("completed", "completed")
    assert making.calls.begun == ["a", "b", "a"]


@pytest.fixture
def two_workers() -> Iterator[tuple[Claiming, Claiming, Database]]:
    """Beside each other on one database, in which both have signed on as `wrk_test`."""
    with closing(connect()) as database:
        kinds = making.Kinds()
        first, second = Abilities(kinds), Abilities(kinds)
        register(database, "wrk_test", Lease(30), {**first.on_record(), "claims": True, "slots": 10})
        yield Claiming(Versions(kinds), first), Claiming(Versions(kinds), second), database


def test_one_worker_drains_for_a_suspect_and_the_others_go_on(
    two_workers: tuple[Claiming, Claiming, Database],
) -> None:
    first, second, database = two_workers
    suspect, other = begun(published("a:effect")), begun(published("b:effect"))
    Run.objects.filter(id=suspect.id).update(crashes=3)
    for each in (first, second, first, second):
        each.look(database)
    assert (first.is_draining, second.is_draining) == (True, False)
    assert (first.is_alone, second.is_alone) == (True, False)
    assert (first.room({"busy"}, (), 5), second.room({"busy"}, (), 5)) == (0, 4)
    assert [each.run.id for each in second.find(database, "wrk_test", 5)] == [other.id]
    assert [each.run.id for each in first.find(database, "wrk_test", 1)] == [suspect.id]
    assert first.is_alone, "nothing else may be begun beside it"
    assert first.room({suspect.id}, (), 5) == 0


def test_a_suspect_whose_worker_died_before_it_was_taken_goes_to_another(
    two_workers: tuple[Claiming, Claiming, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "RESERVE_SECONDS", 0.2)
    first, second, database = two_workers
    suspect = begun(published("a:effect"))
    Run.objects.filter(id=suspect.id).update(crashes=3)
    first.look(database)

    def is_free() -> bool:
        second.look(database)
        return second.is_draining

    until(is_free)
    assert [each.run.id for each in second.find(database, "wrk_test", 1)] == [suspect.id]
    first.look(database)
    assert not first.is_draining


# --- what a worker does not know ---


class More(making.Kinds):
    def get(self, name: str) -> Any:
        return super().get("effect" if name == "gone" else name)

    def names(self) -> list[str]:
        return [*super().names(), "gone"]


def waiting_long(run: Run) -> Run:
    Run.objects.filter(id=run.id).update(ready_at=timezone.now() - timedelta(minutes=1))
    return run


def test_a_run_with_an_unknown_kind_is_left_to_a_worker_that_knows_it() -> None:
    run = waiting_long(begun(published("a:effect>b:gone")))
    with engine():
        assert ended(begun(published("c:effect"))).status == "completed"
        run.refresh_from_db()
        assert (run.status, run.epoch) == ("pending", 0), "it was claimed by a worker that cannot run it"
    assert "a" not in making.calls.begun
    with engine(kinds=More()):
        ended(run)
    assert (run.status, run.epoch) == ("completed", 1)


def test_a_version_of_before_requirements_were_on_record_is_given_back_once() -> None:
    run = begun(published("a:effect>b:gone"))
    Version.objects.update(requirement=None)
    with engine():
        until(lambda: Run.objects.get(id=run.id).epoch)
        time.sleep(1.3)
        run.refresh_from_db()
        assert (run.owner, run.status, run.epoch) == (None, "waiting", 1), "it is taken again and again"
    with engine(kinds=More()):
        assert ended(run).status == "completed"


def test_a_version_of_a_later_engine_is_left_to_one() -> None:
    run = waiting_long(begun(published("a:effect>b:sleep")))
    Requirement.objects.update(engine_format=ENGINE_FORMAT + 1)
    with engine():
        ended(begun(published("c:effect")))
        run.refresh_from_db()
        assert (run.status, run.epoch) == ("pending", 0)
    Requirement.objects.update(engine_format=ENGINE_FORMAT)
    with engine():
        assert ended(run).status == "completed"


def test_a_run_of_a_later_engine_is_not_begun_by_the_process_that_takes_it_in() -> None:
    workflow = published("a:effect>b:sleep")
    Requirement.objects.update(engine_format=ENGINE_FORMAT + 1)
    with closing(connect()) as database:
        [compiled] = Versions(making.Kinds()).get(database, [str(workflow.published_id)]).values()
    assert isinstance(compiled, Compiled)
    assert compiled.is_beyond


def test_a_disabled_node_may_be_of_any_kind() -> None:
    run = begun(published("a:effect>b:gone", b={"disabled": True}))
    with engine():
        assert ended(run).status == "completed"


# --- what nobody would ever take up again ---


def test_a_run_in_which_nothing_is_left_to_do_fails_visibly(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no such run; the state must be broken for it."""
    monkeypatch.setattr(State, "is_finished", False)
    run = begun(published("a:effect"))
    with engine():
        ended(run)
    assert (run.status, run.error["code"]) == ("failed", "stalled")


def test_a_live_run_that_nothing_would_wake_is_looked_at() -> None:
    run = begun(published("a:effect"))
    past = timezone.now() - timedelta(seconds=30)
    Run.objects.filter(id=run.id).update(status="waiting", ready_at=None, epoch=1, started_at=past)
    with engine(lease=1.0):
        assert ended(run, 10).status == "completed"


# --- a workflow that limits its runs ---


def test_no_more_runs_of_a_workflow_begin_than_it_allows() -> None:
    making.calls.gates = {"a": threading.Event()}
    workflow = published("a:effect>w:sleep", w={"seconds": 0.3})
    Workflow.objects.filter(id=workflow.id).update(max_concurrent_runs=2)
    runs = [begun(workflow, priority=priority) for priority in (0, 0, 9, 0)]
    with engine():
        until(lambda: len(making.calls.begun) == 2)
        assert ended(begun(published("c:effect"))).status == "completed", "others are not held up"
        time.sleep(1.2)
        assert making.calls.begun.count("a") == 2
        assert set(Run.objects.filter(epoch__gt=0, workflow=workflow)) == {runs[2], runs[0]}
        assert {run.status for run in Run.objects.filter(epoch=0)} == {"pending"}
        making.calls.gates["a"].set()
        for run in runs:
            ended(run)
    assert set(Run.objects.filter(workflow=workflow).order_by("started_at")[:2]) == {runs[2], runs[0]}


def test_a_waiting_run_counts_and_an_ended_one_makes_room() -> None:
    workflow = published("a:await", a={"name": "go"})
    Workflow.objects.filter(id=workflow.id).update(max_concurrent_runs=1)
    first, second = begun(workflow), begun(workflow)
    with engine():
        until(lambda: Run.objects.filter(id=first.id, status="waiting").exists())
        time.sleep(1.2)
        assert Run.objects.get(id=second.id).epoch == 0
        terminate_run(first)
        until(lambda: Run.objects.filter(id=second.id, status="waiting").exists())


def test_child_runs_are_not_held_up_by_the_limit_of_their_own_workflow() -> None:
    project = new_project()
    below = published("x:set", project, "below", x={"value": 1})
    Workflow.objects.filter(id=below.id).update(max_concurrent_runs=1)
    begun(published("z:set", project, "other"))
    with engine():
        assert ended(begun(published("a:child", project, a={"name": "below"})), 10).output == 1

"""Runs that the process which takes them in begins at once: on disk first, or from birth to end in one commit."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.engine import queries, reception, short_way
from runs.engine.arrivals import Admission, Key
from runs.engine.reception import Taken, Wanted
from runs.engine.statements import insert
from runs.models import IdempotencyKey, Log, Run, RunMetadata, Worker
from tests.runs.engine import making
from tests.runs.engine.making import ended, engine, logs, published, until
from wire.problems import Unavailable
from workflows.models import Workflow

pytestmark = pytest.mark.django_db(transaction=True)


def wanted(workflow: Workflow, **more: Any) -> Wanted:
    Workflow.objects.filter(id=workflow.id).update(is_active=True)
    door = (workflow.hook_token, workflow.published_id, workflow.deadline_seconds)
    ids = {"project_id": workflow.project_id, "workflow_id": workflow.id, "version_id": workflow.published_id}
    return Wanted(**{**ids, "trigger_type": "webhook", "trigger_node": "", "payload": {}, "door": door, **more})


def take(asked: Wanted, *, waits: bool = True) -> Taken:
    here = reception.here()
    return asyncio.run_coroutine_threadsafe(here.take(asked, waits=waits), here.loop).result(30)


def key(workflow: Workflow, name: str, **kept: float) -> Key:
    now = timezone.now()
    return Key(workflow.project_id, "hook", name, "f" * 64, now, now + timedelta(**(kept or {"hours": 1})))


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens around each transaction of the journal: `lost` breaks its next one after its COMMIT."""
    told: list[str] = []

    @contextmanager
    def told_of() -> Iterator[None]:
        yield
        told.append("commit")
        if "lose" in told:
            told.remove("lose")
            raise sqlite3.OperationalError("the connection broke before COMMIT was answered")

    making.around_writes(monkeypatch, told_of)
    return told


def test_a_run_of_pure_nodes_takes_one_commit_and_is_known_at_once(commits: list[str]) -> None:
    workflow = published("a>b>c", c={"value": 7})
    with engine():
        taken = take(wanted(workflow))
        assert commits == ["commit"]
    assert taken.sight is not None
    assert (taken.sight.status, taken.sight.output) == ("completed", 7)
    run = Run.objects.get(id=taken.run_id)
    assert (run.status, run.output, run.owner, run.epoch, run.ready_at) == ("completed", 7, None, 1, None)
    assert run.started_at is not None
    assert run.completed_at is not None
    assert run.created_at <= run.started_at <= run.completed_at
    assert [line[:3] for line in logs(run)] == [(name, 1, "completed") for name in "abc"]


def test_those_that_come_in_at_the_same_moment_share_a_commit(commits: list[str]) -> None:
    workflow = published("a>b>c", c={"value": 7})
    asked = [wanted(workflow) for _ in range(5)]

    async def all_at_once() -> list[Taken]:
        return await asyncio.gather(*(reception.here().take(each, waits=True) for each in asked))

    with engine():
        take(wanted(workflow))  # which makes the version known
        commits.clear()
        taken = asyncio.run_coroutine_threadsafe(all_at_once(), reception.here().loop).result(30)
        assert commits == ["commit"]
    assert [each.sight and each.sight.output for each in taken] == [7] * 5


def test_nobody_needs_to_wait_for_that(commits: list[str]) -> None:
    workflow = published("a>b>c", c={"value": 7})
    with engine():
        taken = take(wanted(workflow), waits=False)
        assert commits == ["commit"]
    run = Run.objects.get(id=taken.run_id)
    assert (run.status, run.output, run.owner, run.epoch) == ("completed", 7, None, 1)


@pytest.mark.parametrize("waits", [True, False])
def test_a_pure_node_that_takes_its_time_keeps_no_caller_waiting(waits: bool) -> None:
    making.calls.gates = {"b": threading.Event()}
    workflow = published("a>b:think>c")
    with engine():
        taken = take(wanted(workflow), waits=waits)
        run = Run.objects.get(id=taken.run_id)
        assert (run.status, run.completed_at) == ("running", None)
        assert [line[:3] for line in logs(run)] == [("a", 1, "completed")]
        making.calls.gates["b"].set()
        assert ended(run).status == "completed"


def test_the_run_and_a_start_line_are_on_disk_before_an_effect_begins() -> None:
    seen: list[tuple[str, str | None, list[str]]] = []

    def look(_: str) -> None:
        def read() -> None:
            [run] = Run.objects.all()
            seen.append((run.status, run.owner, list(run.logs.order_by("seq").values_list("status", flat=True))))
            making.forget_connections()

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()

    making.calls.before = look
    workflow = published("p>a:effect>q")
    with engine():
        taken = take(wanted(workflow))
        run = ended(Run.objects.get(id=taken.run_id))
    [(status, owner, lines)] = seen
    assert (status, lines) == ("running", ["completed", "started"])
    assert owner is not None
    assert run.status == "completed"


def test_a_run_for_which_nobody_waits_is_on_disk_before_anything_of_it_begins() -> None:
    making.calls.gates = {"a": threading.Event()}
    with engine():
        taken = take(wanted(published("a:effect>b")), waits=False)
        run = Run.objects.get(id=taken.run_id)
        assert run.epoch == 1
        making.calls.gates["a"].set()
        assert ended(run).status == "completed"


def test_whoever_has_no_room_hands_the_run_over() -> None:
    making.calls.gates = {"a": threading.Event()}
    workflow = published("a:effect")
    with engine(slots=1):
        take(wanted(workflow))
        until(lambda: making.calls.begun == ["a"])
        taken = take(wanted(workflow))
        assert taken.sight is None
        second = Run.objects.get(id=taken.run_id)
        assert (second.status, second.owner, second.epoch) == ("pending", None, 0)
        making.calls.gates["a"].set()
        assert ended(second).epoch == 1


@pytest.mark.parametrize("waits", [True, False])
def test_a_worker_whose_lease_ran_out_owns_nothing_that_comes_in(waits: bool) -> None:
    with engine():
        Worker.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        taken = take(wanted(published("a")), waits=waits)
        run = Run.objects.get(id=taken.run_id)
        assert (run.status, run.owner, run.epoch) == ("pending", None, 0)


@pytest.mark.parametrize("waits", [True, False])
def test_its_workflows_deadline_is_its_own(waits: bool) -> None:
    workflow = published("a:effect", a={"seconds": 3600})
    Workflow.objects.filter(id=workflow.id).update(deadline_seconds=1)
    workflow.refresh_from_db()
    with engine():
        taken = take(wanted(workflow, deadline_seconds=1), waits=waits)
        run = ended(Run.objects.get(id=taken.run_id))
    assert (run.status, run.error["code"]) == ("failed", "deadline")


@pytest.mark.parametrize("drawing", ["a>b", "a:effect"])
@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"deleted_at": timezone.now()},
        {"published": None},
        {"hook_token": "whsec_new"},
        {"deadline_seconds": 5},
    ],
)
def test_a_door_that_was_shut_meanwhile_lets_nothing_in(drawing: str, change: dict[str, Any]) -> None:
    workflow = published(drawing)
    asked = wanted(workflow)
    with engine():
        Workflow.objects.filter(id=workflow.id).update(**change)
        assert take(asked).admission is Admission.MOVED
        assert take(asked, waits=False).admission is Admission.MOVED
        assert not Run.objects.exists()
        assert not Log.objects.exists()
    assert making.calls.begun == []


@pytest.mark.parametrize("waits", [True, False])
def test_what_comes_twice_under_one_key_is_taken_once(waits: bool) -> None:
    workflow = published("a:effect")
    with engine():
        here = reception.here()
        asked = [wanted(workflow, key=key(workflow, "k")) for _ in range(20)]
        asking = [asyncio.run_coroutine_threadsafe(here.take(each, waits=waits), here.loop) for each in asked]
        told = [each.result(30) for each in asking]
        [run] = Run.objects.all()
        ended(run)
    assert sorted(taken.admission.value for taken in told) == 19 * ["known"] + ["taken"]
    assert {taken.run_id for taken in told} == {run.id}
    assert making.calls.begun == ["a"]


def test_a_key_that_has_expired_is_free_and_one_of_a_purged_run_still_answers() -> None:
    workflow = published("a")
    with engine():
        take(wanted(workflow, key=key(workflow, "old", hours=-1)))
        again = take(wanted(workflow, key=key(workflow, "old")))
        assert again.admission is Admission.TAKEN
        IdempotencyKey.objects.update(run=None)
        gone = take(wanted(workflow, key=key(workflow, "old")))
    assert (gone.admission, gone.run_id, gone.is_gone) == (Admission.KNOWN, again.run_id, True)


def test_rows_beside_the_run_come_with_it_or_not_at_all() -> None:
    workflow = published("a")
    pair = insert(RunMetadata)
    with engine():
        first = take(wanted(workflow)).run_id
        for value in ("first time", "second time"):
            beside = [(pair, {"run_id": first, "key": "n", "value": value})]
            take(wanted(workflow, key=key(workflow, "k"), beside=beside))
    assert list(RunMetadata.objects.values_list("value", flat=True)) == ["first time"]


@pytest.mark.parametrize("drawing", ["a>b", "a:effect>b"])
@pytest.mark.parametrize("waits", [True, False])
def test_a_commit_whose_answer_was_lost_counts_once(drawing: str, waits: bool, commits: list[str]) -> None:
    workflow = published(drawing)
    with engine():
        take(wanted(workflow))  # the version is compiled, the first commit is the one that counts
        until(lambda: not Run.objects.filter(status="running").exists())
        before = making.calls.begun.copy()
        commits.append("lose")
        taken = take(wanted(workflow), waits=waits)
        run = ended(Run.objects.get(id=taken.run_id))
    assert "lose" not in commits
    assert Run.objects.count() == 2
    assert run.status == "completed"
    assert [line[:3] for line in logs(run)] == [("a", 1, "completed"), ("b", 1, "completed")]
    assert making.calls.begun == before * 2


def test_a_database_that_is_away_for_too_long_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "TAKE_SECONDS", 0.3)
    workflow = published("a>b")
    away = threading.Event()

    @contextmanager
    def reached() -> Iterator[None]:
        if away.is_set():
            raise sqlite3.OperationalError("no connection")
        yield

    making.around_writes(monkeypatch, reached)
    with engine():
        asked = wanted(workflow)
        away.set()
        with pytest.raises(Unavailable):
            take(asked)
        away.clear()
        monkeypatch.setattr(reception, "TAKE_SECONDS", 30)
        assert take(asked).admission is Admission.TAKEN
        until(lambda: not reception.here()._executor.held)
    assert Run.objects.count() == 1


def test_a_stop_in_the_middle_gives_the_run_back() -> None:
    workflow = published("p>a:effect>q", a={"seconds": 30})
    with engine():
        taken = take(wanted(workflow))
        until(lambda: making.calls.begun == ["a"])
    run = Run.objects.get(id=taken.run_id)
    assert (run.status, run.owner, run.crashes) == ("running", None, 0)
    assert run.ready_at is not None


def drop_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrivals stand on without its conditions: every door stands, every worker lives."""

    def cut(text: str) -> str:
        for condition in (" AND lease_until > :now", " AND lease_until > clock_timestamp()"):
            text = text.replace(condition, "")
        for word in ("WHERE", "AND"):
            text = text.replace(f"{word} workflow.is_active AND workflow.deleted_at IS NULL", "")
        return text

    mutant = replace(queries.STANDING, sqlite=cut(queries.STANDING.sqlite), postgresql=cut(queries.STANDING.postgresql))
    monkeypatch.setattr(queries, "STANDING", mutant)
    monkeypatch.setattr(short_way, "STANDS", cut(short_way.STANDS))
    short_way.statement_for.cache_clear()


@pytest.mark.parametrize(
    "promise",
    [
        lambda: test_a_worker_whose_lease_ran_out_owns_nothing_that_comes_in(True),
        lambda: test_a_door_that_was_shut_meanwhile_lets_nothing_in("a>b", {"is_active": False}),
    ],
)
def test_without_the_guards_it_is_found_out(promise: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    drop_guards(monkeypatch)
    with pytest.raises(AssertionError):
        promise()
    short_way.statement_for.cache_clear()

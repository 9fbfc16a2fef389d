"""The journal when the database does not do as it should."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from runs.engine import journal, reception, settling, short_way
from runs.engine.database import Database, connect, is_sqlite
from runs.engine.journal import Journal
from runs.engine.lines import Entry
from runs.engine.reception import Wanted
from runs.engine.state import State
from runs.models import Log, Run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, logs, published, until
from wire.strict_json import dumps

pytestmark = pytest.mark.django_db(transaction=True)

Trouble = Callable[[Any], AbstractContextManager[None]]


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> Callable[[Trouble], list[int]]:
    """Puts trouble around all that the journal commits; comes back with the count of those that were tried."""

    def meddle(trouble: Trouble) -> list[int]:
        tried: list[int] = []

        def troubled() -> AbstractContextManager[None]:
            tried.append(len(tried))
            return trouble(tried[-1])

        making.around_writes(monkeypatch, troubled)
        return tried

    return meddle


@contextmanager
def answer_lost_after(number: int, wanted: int) -> Iterator[None]:
    yield
    if number == wanted:
        raise sqlite3.OperationalError("the connection broke before COMMIT was answered")


@contextmanager
def broken_before(number: int, wanted: int) -> Iterator[None]:
    if number == wanted:
        raise sqlite3.OperationalError("no connection")
    yield


@contextmanager
def broken_before_and_seq_moved_on(number: int, wanted: int) -> Iterator[None]:
    """Nothing was written, but the run's sequence number grew as if it had been: somebody else counted it on."""
    if number == wanted:
        thread = threading.Thread(target=_count_on)
        thread.start()
        thread.join()
        raise sqlite3.OperationalError("no connection")
    yield


def _count_on() -> None:
    Run.objects.update(seq=F("seq") + 10)
    making.forget_connections()


@pytest.mark.parametrize("trouble", [answer_lost_after, broken_before, broken_before_and_seq_moved_on])
@pytest.mark.parametrize("wanted", [0, 1, 2])
def test_a_lost_connection_costs_nothing_and_doubles_nothing(
    transactions: Callable[[Trouble], list[int]], trouble: Any, wanted: int
) -> None:
    run = begun(published("a:effect>b:effect>c", a={"value": 1}, b={"value": 2}))
    tried = transactions(lambda number: trouble(number, wanted))
    with engine():
        ended(run)
    assert len(tried) > wanted
    assert (run.status, run.output, making.calls.begun) == ("completed", 2, ["a", "b"])
    assert [line[:3] for line in logs(run)] == [(name, 1, "completed") for name in "abc"]


@contextmanager
def first_commit_late(seconds: float) -> Iterator[None]:
    """The server makes the first commit of a log so much later than it was asked for. SQLite cannot be late: it has
    committed when it answers."""
    if is_sqlite():
        yield
        return
    made = f"""
        CREATE SEQUENCE commits;
        CREATE FUNCTION be_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('commits') = 1 THEN PERFORM pg_sleep({seconds}); END IF; RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON runs_log DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION be_late()"""
    with connection.cursor() as cursor:
        cursor.execute(made)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER late ON runs_log; DROP FUNCTION be_late; DROP SEQUENCE commits")


@pytest.mark.parametrize("is_born_in_hand", [False, True])
def test_a_commit_that_is_made_after_it_was_given_up_counts_once(
    is_born_in_hand: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a server that was frozen and goes on with what it had received."""
    monkeypatch.setattr(journal, "connect", partial(connect, 1.0))
    workflow = published("a:effect>b")
    with first_commit_late(4), engine() as running:
        if is_born_in_hand:
            wanted = Wanted(workflow.project_id, workflow.id, str(workflow.published_id), "api", "", {})
            taking = reception.here().take(wanted, waits=True)
            taken = asyncio.run_coroutine_threadsafe(taking, running._worker._loop).result(60)
            run = Run.objects.get(id=taken.run_id)
        else:
            run = begun(workflow)
        ended(run, 30)
    assert run.status == "completed"
    assert [line[:3] for line in logs(run)] == [("a", 1, "completed"), ("b", 1, "completed")]
    assert (Run.objects.count(), making.calls.begun) == (1, ["a"])


def test_what_gathers_during_a_commit_goes_into_the_next(transactions: Callable[[Trouble], list[int]]) -> None:
    workflow = published("a>b>c")
    runs = [begun(workflow) for _ in range(40)]
    go_on = threading.Event()

    @contextmanager
    def slow(number: int) -> Iterator[None]:
        if number == 0:
            go_on.wait(5)
        yield

    tried = transactions(slow)
    with engine(slots=40):
        until(lambda: tried)
        go_on.set()
        for run in runs:
            ended(run)
    assert len(tried) < 20


def test_one_runs_bad_value_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are checked before they come here; what slips through all the same must not stop the journal."""

    def unchecked(value: Any, mask: Any) -> tuple[Any, str]:
        text = "lone \udfff" if value == "bad" else dumps(value)
        return value, f'"{text}"' if value == "bad" else text

    monkeypatch.setattr(settling, "value_text", unchecked)
    workflow = published("a>b", a={"value": "{{ trigger.v }}"})
    runs = [begun(workflow, {"v": "bad" if n == 5 else n}) for n in range(10)]
    with engine():
        for run in runs:
            ended(run)
    bad = runs.pop(5)
    assert {run.status for run in runs} == {"completed"}
    assert (bad.status, bad.error["code"]) == ("failed", "not_storable")
    assert {line[2] for line in logs(bad)} == {"failed"}


def test_a_run_whose_lines_can_never_be_written_is_closed_without_them() -> None:
    run = begun(published("a>b"))
    Log.objects.create(
        run=run, seq=1, node_id="a", kind="set", attempt=1, epoch=9, status="started", started_at=run.created_at
    )
    with engine():
        ended(run)
    assert (run.status, run.error["code"]) == ("failed", "not_storable")


@pytest.mark.parametrize("method", ["ready", "apply", "output"])
def test_a_fault_of_the_engine_itself_ends_the_run_visibly_and_no_other(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(State, method)

    def faulty(self: State, *args: Any) -> Any:
        if self.root.payload == "bad":
            raise RuntimeError("a bug")
        return real(self, *args)

    monkeypatch.setattr(State, method, faulty)
    workflow = published("a>b:effect>c")
    bad, good = begun(workflow, "bad"), begun(workflow, "good")
    with engine() as running:
        ended(bad)
        ended(good)
        until(lambda: not running._worker._executor.held)
    assert (bad.status, bad.error["code"]) == ("failed", "engine_failed")
    assert good.status == "completed"


def test_a_run_that_is_held_by_nobody_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(published("a:effect", a={"seconds": 0.2, "value": 1}))
    with engine() as running:
        until(lambda: making.calls.begun == ["a"])
        executor = running._worker._executor
        executor.loop.call_soon_threadsafe(executor.drop_all)
        ended(run, 20)
    assert (run.status, run.output) == ("completed", 1)
    assert logs(run) == [("a", 1, "interrupted", None), ("a", 2, "completed", "out")]
    assert Run.objects.get(id=run.id).crashes == 0


def test_a_question_that_goes_first_does_not_wait_for_what_gathered(
    transactions: Callable[[Trouble], list[int]],
) -> None:
    """As when due runs are claimed beside a crowd of callers."""
    workflow = published("a")
    under_way, may_go_on = threading.Event(), threading.Event()
    asked: list[tuple[str, int]] = []

    def hold(database: Database) -> None:
        under_way.set()
        assert may_go_on.wait(60)

    with engine() as running:
        loop = running._worker._loop

        def taking() -> Any:
            wanted = Wanted(workflow.project_id, workflow.id, str(workflow.published_id), "api", "", {})
            return asyncio.run_coroutine_threadsafe(reception.here().take(wanted, waits=True), loop)

        taking().result(60)  # it knows the version now
        tried = transactions(lambda number: nullcontext())
        loop.call_soon_threadsafe(running._worker._journal.call, hold)
        assert under_way.wait(60)
        taken = taking()
        until(lambda: running._worker._executor.held)

        async def ask_both() -> None:
            for name in ("in turn", "first"):
                running._worker._journal.call(partial(_noting, asked, name, tried), goes_first=name == "first")

        asyncio.run_coroutine_threadsafe(ask_both(), loop).result(60)
        may_go_on.set()
        taken.result(60)
        until(lambda: len(asked) == 2)
    assert asked == [("first", 0), ("in turn", 1)]


def _noting(asked: list[tuple[str, int]], name: str, tried: list[int], database: Database) -> None:
    asked.append((name, len(tried)))


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The runs for which each try of the short way wrote."""
    gone: list[set[str]] = []
    writing = short_way.write

    def write(*args: Any) -> set[str]:
        gone.append(writing(*args))
        return gone[-1]

    monkeypatch.setattr(short_way, "write", write)
    return gone


def test_a_run_that_only_goes_on_is_written_the_short_way(ways: list[set[str]]) -> None:
    run = begun(published("a:effect>b:effect>c:effect", c={"value": 3}))
    with engine():
        ended(run)
    assert ways == [{run.id}] * 4
    assert (run.status, run.output, making.calls.begun) == ("completed", 3, ["a", "b", "c"])
    assert [line[:3] for line in logs(run)] == [(name, 1, "completed") for name in "abc"]
    assert sorted(Log.objects.filter(run=run).values_list("seq", flat=True))[-1] < Run.objects.get(id=run.id).seq


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        ({"epoch": 7}, "started"),  # its number alone: the sequence number is as it was
        ({"owner": "another"}, "started"),
        ({"intent": "terminate"}, "completed"),
        ({"status": "suspended"}, "completed"),
        ({"seq": 100}, "completed"),
    ],
)
def test_what_was_asked_meanwhile_is_not_passed_over_on_the_short_way(
    asked: dict[str, Any], outcome: str, ways: list[set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked by somebody else at the last moment: when the journal has the outcome of the first node in hand."""
    write, is_asked = Journal._write, threading.Event()

    def ask() -> None:
        Run.objects.filter(id=run.id).update(**asked)
        making.forget_connections()

    def write_after_that(self: Journal, entries: list[Entry]) -> None:
        if not is_asked.is_set() and any(line.status == "completed" for entry in entries for line in entry.attempts):
            is_asked.set()
            asking = threading.Thread(target=ask)
            asking.start()
            asking.join()
        write(self, entries)

    monkeypatch.setattr(Journal, "_write", write_after_that)
    run = begun(published("a:effect>b:effect"))
    with engine():
        until(is_asked.is_set)
        until(lambda: making.calls.ended == ["a", "b"] or "seq" not in asked)
    assert ways[:2] == [{run.id}, set()]
    assert Log.objects.get(run=run, node_id="a").status == outcome
    assert Log.objects.filter(run=run, node_id="b").exists() == ("seq" in asked)

"""What a new owner does with a run whose worker died; and what the old one may still do, which is nothing."""

import asyncio
import re
import threading
import time
from contextlib import closing
from datetime import timedelta
from typing import Any, cast

import pytest
from django.db import connection, transaction
from django.utils import timezone

from runs.engine import admission, queries, sweeping
from runs.engine.database import LOST, Statement, connect
from runs.engine.journal import Journal
from runs.engine.lease import Lease, renew
from runs.models import IdempotencyKey, Log, Run, Wait, Worker
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, logs, published, until

pytestmark = pytest.mark.django_db(transaction=True)


def left_behind(run: Run, *lines: tuple[str, str, Any], crashes: int = 0) -> Run:
    """The run as a worker left it that was killed: `lines` are (node, status, output)."""
    past = timezone.now() - timedelta(seconds=5)
    Worker.objects.get_or_create(
        id="wrk_dead", defaults={"lease_until": past, "started_at": past, "host": "gone", "pid": 1}
    )
    for seq, (node_id, status, output) in enumerate(lines, 2):
        Log.objects.create(
            run=run,
            seq=seq,
            node_id=node_id,
            kind="effect",
            attempt=1,
            epoch=1,
            status=status,
            handle="out" if status == "completed" else None,
            output=output,
            started_at=past,
            completed_at=past if status == "completed" else None,
        )
    Run.objects.filter(id=run.id).update(
        status="running",
        owner="wrk_dead",
        epoch=1,
        ready_at=None,
        started_at=past,
        seq=len(lines) + 1,
        crashes=crashes,
    )
    return run


def test_what_was_recorded_is_not_repeated() -> None:
    run = left_behind(begun(published("a:effect>b:effect>c")), ("a", "completed", {"from": "before"}))
    with engine():
        ended(run)
    assert making.calls.begun == ["b"]
    assert (run.status, run.output) == ("completed", {"from": "before"})


def test_a_node_that_may_be_repeated_is_tried_again_under_the_same_token() -> None:
    run = left_behind(begun(published("a:effect")), ("a", "started", None))
    with engine():
        ended(run)
    assert logs(run) == [("a", 1, "interrupted", None), ("a", 2, "completed", "out")]
    assert run.logs.get(attempt=1).error["code"] == "interrupted"
    assert run.status == "completed"


def test_a_node_that_may_not_be_repeated_fails_as_interrupted() -> None:
    run = left_behind(begun(published("a:once>b")), ("a", "started", None))
    with engine():
        ended(run)
    assert making.calls.begun == []
    assert (run.status, run.error["code"]) == ("failed", "interrupted")
    assert logs(run) == [("a", 1, "interrupted", None)]


def test_a_node_that_may_not_be_repeated_leaves_by_its_error_exit() -> None:
    run = left_behind(begun(published("a:once>b a.error>c", a={"on_error": "error"})), ("a", "started", None))
    with engine():
        ended(run)
    assert run.status == "completed"
    assert logs(run) == [("a", 1, "interrupted", "error"), ("c", 1, "completed", "out")]


@pytest.mark.parametrize(("kind", "repeat", "calls"), [("effect", "once", []), ("once", "safe", ["a"])])
def test_the_author_knows_better_than_the_kind(kind: str, repeat: str, calls: list[str]) -> None:
    run = left_behind(begun(published(f"a:{kind}", a={"repeat": repeat})), ("a", "started", None))
    with engine():
        ended(run)
    assert making.calls.begun == calls


def test_a_delay_goes_on_as_if_nothing_had_happened() -> None:
    run = left_behind(begun(published("a:sleep>b", a={"seconds": 99})), ("a", "started", None))
    due = timezone.now() + timedelta(seconds=0.2)
    outcome: Any = {"value": 5, "handle": "out"}
    Wait.objects.create(run=run, node_id="a", attempt=1, kind="timer", wake_at=due, outcome=outcome)
    with engine():
        ended(run)
    assert (run.output, logs(run)[0]) == (5, ("a", 1, "completed", "out"))


def test_a_death_counts_and_progress_clears_the_count() -> None:
    making.calls.gates = {"b": threading.Event()}
    run = left_behind(begun(published("a:effect>b:effect")), ("a", "started", None))
    with engine():
        until(lambda: Run.objects.get(id=run.id).owner not in (None, "wrk_dead"))
        until(lambda: "b" in making.calls.begun)
        assert Run.objects.get(id=run.id).crashes == 0
        making.calls.gates["b"].set()
        ended(run)


def test_a_run_that_takes_its_workers_with_it_is_given_up() -> None:
    run = left_behind(begun(published("a:effect")), ("a", "started", None), crashes=4)
    with engine():
        ended(run)
    assert (run.status, run.error["code"]) == ("failed", "worker_lost")
    assert logs(run) == [("a", 1, "interrupted", None)]
    assert making.calls.begun == []


def test_a_run_that_was_to_stop_when_its_worker_died_stops() -> None:
    run = left_behind(begun(published("a:effect>b")), ("a", "started", None))
    Run.objects.filter(id=run.id).update(intent="terminate", output={"kept": 1})
    with engine():
        ended(run)
    assert (run.status, run.output) == ("terminated", {"kept": 1})
    assert logs(run) == [("a", 1, "terminated", None)]
    assert making.calls.begun == []


def test_a_run_in_other_hands_is_dropped_and_nothing_is_written_for_it() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect>b:effect"))
    with engine() as running:
        until(lambda: making.calls.begun == ["a"])
        Run.objects.filter(id=run.id).update(epoch=7, owner="wrk_other")
        making.calls.gates["a"].set()
        until(lambda: not running._worker._executor.held)
    run.refresh_from_db()
    assert (run.status, run.owner, run.epoch) == ("running", "wrk_other", 7)
    assert logs(run) == [("a", 1, "started", None)]
    assert making.calls.begun == ["a"]


def test_an_owner_busy_with_a_long_call_learns_that_it_lost_the_run() -> None:
    run = begun(published("a:effect", a={"seconds": 30}))
    with engine() as running:
        until(lambda: making.calls.begun == ["a"])
        Run.objects.filter(id=run.id).update(epoch=7, owner="wrk_other")
        until(lambda: not running._worker._executor.held, 3)
    assert making.calls.ended == []


def test_two_workers_share_the_runs_and_do_nothing_twice() -> None:
    workflow = published("a:effect>b:effect", a={"seconds": 0.01})
    runs = [begun(workflow) for _ in range(40)]
    with engine(alone=False, slots=5), engine(alone=False, slots=5):
        for run in runs:
            ended(run)
    assert {run.status for run in runs} == {"completed"}
    assert len(making.calls.begun) == 80
    assert {run.epoch for run in runs} == {1}


def test_a_worker_that_lost_its_lease_stops_and_signs_on_anew() -> None:
    run = begun(published("a:effect", a={"seconds": 0.6, "value": 1}))
    with engine(alone=False, lease=1.0):
        until(lambda: making.calls.begun == ["a"])
        Worker.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        ended(run)
    assert making.calls.begun == ["a", "a"]
    assert making.calls.ended == ["a"]
    assert logs(run) == [("a", 1, "interrupted", None), ("a", 2, "completed", "out")]
    assert Worker.objects.count() == 2


def test_a_loop_that_stands_still_renews_nothing() -> None:
    """Its thread for the heartbeat is as well as ever, and would make it look alive."""
    run = begun(published("a:effect"))
    making.calls.before = lambda node_id: time.sleep(4) if not making.calls.begun else None
    with engine(alone=False, lease=1.0):
        until(lambda: Worker.objects.filter(lease_until__lt=timezone.now()).exists())
        ended(run)
    assert run.status == "completed"


def test_whoever_cannot_renew_stops_its_effects_though_the_database_answers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each question hangs, as with a server that is frozen: nothing can be asked before the effects must end."""
    is_frozen, thawed, asked = threading.Event(), threading.Event(), list[asyncio.Future[Any]]()
    call = Journal.call

    def call_or_hang(self: Journal, ask: Any, *, goes_first: bool = False) -> asyncio.Future[Any]:
        if not is_frozen.is_set():
            return call(self, ask, goes_first=goes_first)
        asked.append(self._loop.create_future())
        return asked[-1]

    def renew_or_hang(*about: Any) -> Any:
        if is_frozen.is_set():
            thawed.wait(30)
        return renew(*about)

    monkeypatch.setattr(Journal, "call", call_or_hang)
    monkeypatch.setattr("runs.engine.worker.renew", renew_or_hang)
    begun(published("a:effect", a={"seconds": 60}))
    with engine(alone=False, lease=1.0) as running:
        until(lambda: making.calls.begun == ["a"])
        is_frozen.set()
        until(lambda: not running._worker._executor.held, 20)
        is_frozen.clear()
        thawed.set()
        for future in asked:
            future.get_loop().call_soon_threadsafe(_broken, future)
    assert making.calls.ended == []


def _broken(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(LOST[0]("the connection broke"))


class NotRenewed:
    is_fresh = False


def test_a_lease_that_is_renewed_late_holds_effects_up_and_fails_nothing() -> None:
    """As when the database answers the heartbeat after twenty-five seconds of thirty."""
    run = begun(published("a:effect>b:effect"))
    with engine() as running:
        executor = running._worker._executor
        lease, executor._lease = executor._lease, cast(Lease, NotRenewed())
        until(lambda: Log.objects.filter(run=run, node_id="a", status="started").exists())
        time.sleep(0.3)
        assert making.calls.begun == []
        executor._lease = lease
        ended(run)
    assert (run.status, making.calls.ended) == ("completed", ["a", "b"])


def test_workers_long_gone_are_forgotten() -> None:
    long_ago = timezone.now() - timedelta(days=2)
    Worker.objects.create(id="wrk_old", lease_until=long_ago, started_at=long_ago, host="gone", pid=1)
    with engine():
        until(lambda: not Worker.objects.filter(id="wrk_old").exists())


def test_expired_keys_are_swept_away_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "KEYS_AT_ONCE", 2)
    now, project = timezone.now(), published("a").project
    for minutes in (-3, -2, -1, 1):
        times = {"created_at": now, "expires_at": now + timedelta(minutes=minutes)}
        IdempotencyKey.objects.create(project=project, scope="", key=str(minutes), fingerprint="", **times)
    left = []
    with closing(connect()) as database:
        for _ in range(3):
            sweeping.sweep_up(database)
            left.append(set(IdempotencyKey.objects.values_list("key", flat=True)))
    assert left == [{"-1", "1"}, {"1"}, {"1"}]


@pytest.mark.parametrize("statement", [sweeping.TAKE_FROM_LAPSED, sweeping.WAKE_OVERDUE, sweeping.WAKE_STALLED])
def test_the_sweeper_does_not_read_all_runs_that_ever_were(statement: Statement) -> None:
    """Every few seconds, with the database's lock in hand: a million finished runs must not count."""
    with transaction.atomic():
        many(2_000, "completed")
        plan = "\n".join(plan_of(statement))
    assert re.search("run_(owner|deadline|asleep)", plan), plan
    assert not re.search(r"SCAN (lost|runs_run)\b(?! USING INDEX run_)|Seq Scan on runs_run", plan), plan


POLLED = [
    queries.WAKE_DUE,
    queries.NEXT_TIMER,
    admission.END_START_WAITS,
    sweeping.WAKE_OVERDUE,
    sweeping.DROP_EXPIRED_KEYS,
]


@pytest.mark.parametrize("statement", POLLED)
def test_what_is_due_is_searched_by_its_time(statement: Statement) -> None:
    """Each second, or every few, by every worker: what is due only later must not count, however much it is."""
    with transaction.atomic():
        asleep(2_000)
        plan = "\n".join(plan_of(statement))
    assert re.search(r"(Index Cond|SEARCH).*\b(wake|deadline|expires)_at ?[<>]", plan), plan


def many(count: int, status: str) -> list[Run]:
    """So many runs of which nobody works."""
    row = Run.objects.filter(id=begun(published("a")).id).values().get()
    row |= {"status": status, "ready_at": None}
    runs = Run.objects.bulk_create([Run(**{**row, "id": f"fl_run_{number}"}) for number in range(count)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return runs


def asleep(count: int) -> None:
    """So many runs that wait for a time to come."""
    runs, later = many(count, "waiting"), timezone.now() + timedelta(days=1)
    Wait.objects.bulk_create([Wait(run=run, node_id="a", attempt=1, kind="timer", wake_at=later) for run in runs])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan_of(statement: Statement) -> list[str]:
    values = {":now": "'2027-01-01'", ":at_once": "100"}
    sqlite, postgresql = (
        re.sub("|".join(values), lambda found: values[found[0]], text)
        for text in (statement.sqlite, statement.postgresql)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("EXPLAIN QUERY PLAN " + sqlite)
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")  # in a table that is empty it would be as good as any
            cursor.execute("EXPLAIN " + postgresql)
        return [str(row[-1]) for row in cursor.fetchall()]

"""The conditions under which runs become ready, are taken and are taken away: the statements of the queue, of the
sweeper and of the leases."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from runs.engine import admission, queries, sweeping
from runs.engine.admission import admit
from runs.engine.database import Database, connect
from runs.engine.lease import EngineClock, Lease, renew
from runs.models import Run, Worker
from tests.runs.engine.making import begun, published
from tests.runs.engine.rows import Rows, ago, in_every_status, now, runs_that, soon, touched, wait, worker
from workflows.models import Workflow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def database() -> Iterator[Database]:
    with closing(connect()) as opened:
        yield opened


def ready(**states: Any) -> Rows:
    return runs_that(**{name: {"ready_at": ago(), **state} for name, state in states.items()})


# --- taking ---


def taken(database: Database, runs: Rows, statement: Any = queries.CLAIM, **more: Any) -> set[str]:
    rows = database.rows(statement, {"worker": "wrk_1", "slots": 100, "unknown": "[]", **more})
    names = {run.id: name for name, run in runs.items()}
    return {names[row[1]] for row in rows}


def test_only_what_is_ready_and_free_is_taken(database: Database) -> None:
    worker("wrk_1", soon())
    runs = in_every_status(ready_at=ago()) | ready(
        held={"owner": "wrk_2"}, later={"ready_at": soon()}, never={"ready_at": None}, suspect={"crashes": 3}
    )
    crashed_twice = ready(crashed_twice={"crashes": 2, "epoch": 4, "reason": "so long"})
    assert taken(database, runs | crashed_twice) == {"pending", "waiting", "running", "crashed_twice"}
    assert now(crashed_twice, "owner", "epoch", "status", "ready_at", "reason") == {
        "crashed_twice": ("wrk_1", 5, "running", False, "")
    }


def test_what_a_worker_does_not_know_it_does_not_take(database: Database) -> None:
    worker("wrk_1", soon())
    runs = ready(known={}) | {"unknown": ready(unknown={})["unknown"]}
    unknown = json.dumps([runs["unknown"].version_id])
    assert taken(database, runs, unknown=unknown) == {"known"}
    Run.objects.filter(id=runs["unknown"].id).update(crashes=3)
    until = {"seconds": 5, "until": soon(5), "unknown": unknown}
    assert database.rows(queries.RESERVE_SUSPECT, until) == []
    suspect = {"suspect": runs["unknown"].id, "unknown": unknown}
    assert taken(database, runs, queries.CLAIM_SUSPECT, **suspect) == set()


def test_a_limited_workflow_begins_no_run_that_was_not_admitted(database: Database) -> None:
    worker("wrk_1", soon())
    new = {"status": "pending", "started_at": None, "epoch": 0}
    runs = ready(new=new, begun={}, child={**new, "parent": runs_that(parent={})["parent"]})
    Workflow.objects.filter(id=runs["new"].workflow_id).update(max_concurrent_runs=1)
    unlimited = ready(unlimited=new)
    assert taken(database, runs | unlimited) == {"begun", "child", "unlimited"}


def test_whoever_was_declared_dead_takes_nothing(database: Database) -> None:
    runs = ready(run={})
    assert taken(database, runs) == set(), "it has not signed on"
    row = worker("wrk_1", ago(1))
    worker("wrk_2", soon())
    assert taken(database, runs) == set()
    assert taken(database, runs, queries.CLAIM_SUSPECT, suspect=runs["run"].id) == set()
    Worker.objects.filter(pk=row.pk).update(lease_until=soon())
    assert taken(database, runs) == {"run"}


def test_only_as_many_are_taken_as_there_is_room_for_the_most_urgent_first(database: Database) -> None:
    worker("wrk_1", soon())
    runs = ready(old={"ready_at": ago(90)}, urgent={"priority": 9}, new={})
    assert taken(database, runs, slots=2) == {"urgent", "old"}


# --- suspects ---


def suspects() -> Rows:
    crashed = {"crashes": 3}
    statuses = in_every_status(ready_at=ago(90), **crashed)
    others = {"held": {"owner": "wrk_2"}, "later": {"ready_at": soon()}, "never": {"ready_at": None}}
    others["crashed_twice"] = {"crashes": 2}
    return statuses | ready(**{name: {**crashed, **state} for name, state in others.items()})


def test_a_suspect_is_reserved_when_it_could_be_taken(database: Database) -> None:
    runs = suspects()
    Run.objects.filter(id=runs["running"].id).update(priority=9)
    names = {run.id: name for name, run in runs.items()}
    reserved = []
    while found := database.rows(queries.RESERVE_SUSPECT, {"seconds": 60, "until": soon(), "unknown": "[]"}):
        reserved += [names[run_id] for (run_id,) in found]
        assert len(found) == 1
        assert len(reserved) <= len(runs)
    assert sorted(reserved) == ["pending", "running", "waiting"]
    assert reserved[0] == "running", "the most urgent first"


def test_a_reserved_suspect_is_kept_and_taken_while_it_could_be(database: Database) -> None:
    worker("wrk_1", soon())
    runs = suspects()
    could_be = {"pending", "running", "waiting", "later", "crashed_twice"}
    until = {"seconds": 60, "until": soon(90)}
    for name, run in runs.items():
        asked = {"suspect": run.id}
        itself = {name} & could_be
        longer = partial(database.change, queries.RESERVE_LONGER, {**until, **asked})
        assert touched(runs, longer) == itself
        assert taken(database, runs, queries.CLAIM_SUSPECT, **asked) == itself
    in_hand = now({name: runs[name] for name in could_be}, "owner", "epoch", "status", "ready_at")
    assert set(in_hand.values()) == {("wrk_1", 2, "running", False)}


# --- what is due ---


def test_timers_make_runs_ready_that_lie_still(database: Database) -> None:
    runs = in_every_status() | runs_that(held={"owner": "wrk_1"}, ready={"ready_at": ago()}, met={}, later={}, none={})
    for name, run in runs.items():
        done = ago() if name == "met" else None
        wait(run, kind="timer", wake_at={"later": soon(), "none": None}.get(name, ago()), done_at=done)
    assert touched(runs, lambda: database.change(queries.WAKE_DUE)) == {"pending", "waiting"}


def test_the_next_timer_is_one_that_is_still_to_come(database: Database) -> None:
    run = runs_that(run={})["run"]
    for number, (wake_at, done_at) in enumerate([(ago(), None), (soon(10), ago()), (soon(30), None), (soon(60), None)]):
        wait(run, attempt=number + 1, kind="timer", wake_at=wake_at, done_at=done_at)
    [(first,)] = database.rows(queries.NEXT_TIMER)
    at = database.moment(first)
    assert at is not None
    assert 20 < (at - timezone.now()).total_seconds() <= 30


def test_that_a_run_was_to_start_later_is_over_when_it_can(database: Database) -> None:
    new = {"status": "pending", "started_at": None}
    runs = runs_that(ready={**new, "ready_at": ago()}, begun={}, still=new, early={}, other={}, met={})
    times = {"early": soon()}
    waits = {
        name: wait(
            run,
            kind="timer" if name == "other" else "start",
            wake_at=times.get(name, ago()),
            done_at=ago() if name == "met" else None,
        )
        for name, run in runs.items()
    }
    assert touched(waits, lambda: database.change(admission.END_START_WAITS)) == {"ready", "begun"}


# --- admission ---


def test_so_many_are_admitted_as_may_begin_beside_those_that_have_begun(database: Database) -> None:
    new = {"status": "pending", "started_at": None, "ready_at": ago()}
    runs = runs_that(
        first={**new, "priority": 5},
        second={**new, "ready_at": ago(90)},
        third=new,
        held={**new, "owner": "wrk_1", "priority": 9},
        later={**new, "ready_at": soon(), "priority": 9},
        child={**new, "priority": 9},
        suspended={**new, "status": "suspended", "priority": 9},
        begun={},
        ended={"status": "completed"},
        called={},
        admitted={**new, "started_at": ago(), "priority": 9},
    )
    project = Workflow.objects.get(id=runs["first"].workflow_id).project
    elsewhere = published("a", project, "elsewhere")
    unlimited = {"waits": begun(elsewhere, priority=9), "is new": begun(elsewhere, priority=9)}
    Run.objects.filter(id=unlimited["waits"].id).update(status="waiting", started_at=ago(), ready_at=None)
    Run.objects.filter(id__in=[runs["child"].id, runs["called"].id]).update(parent=runs["begun"].id)
    Workflow.objects.filter(id=runs["first"].workflow_id).update(max_concurrent_runs=4)
    assert touched(runs | unlimited, lambda: admit(database)) == {"first", "second"}
    assert touched(runs, lambda: admit(database)) == set()


# --- after workers that died ---


def test_the_runs_of_those_that_died_are_taken_away(database: Database) -> None:
    worker("alive", soon())
    worker("dead", ago(1))
    worker("stopped", ago(1), stopped_at=ago(1))
    held = {"status": "running", "epoch": 2, "crashes": 1}
    owners = {name: {**held, "owner": name} for name in ("alive", "dead", "stopped", "unknown")}
    runs = runs_that(**owners, free=held, suspended={**held, "owner": "dead", "status": "suspended"})
    lost = touched(runs, lambda: database.change(sweeping.TAKE_FROM_LAPSED))
    assert lost == {"dead", "stopped", "unknown", "suspended"}
    taken_away = now(runs, "owner", "epoch", "crashes", "ready_at", "status")
    assert taken_away["dead"] == taken_away["unknown"] == (None, 3, 2, True, "running")
    assert taken_away["stopped"] == (None, 3, 1, True, "running"), "a clean stop counts nothing"
    assert taken_away["suspended"] == (None, 3, 2, False, "suspended"), "only its resume makes it ready"


def test_a_deadline_that_passed_makes_a_run_ready(database: Database) -> None:
    overdue = {"deadline_at": ago()}
    runs = in_every_status(**overdue) | runs_that(
        held={**overdue, "owner": "wrk_1"}, ready={**overdue, "ready_at": ago()}, later={"deadline_at": soon()}, none={}
    )
    woken = touched(runs, lambda: database.change(sweeping.WAKE_OVERDUE))
    assert woken == {"pending", "running", "waiting", "suspended"}
    statuses = now(runs, "status")
    assert (statuses["suspended"], statuses["pending"]) == (("waiting",), ("pending",))


def test_a_run_that_nothing_would_wake_is_made_ready(database: Database) -> None:
    statuses = in_every_status()
    held = {"held": {"owner": "wrk_1"}, "ready": {"ready_at": ago()}}
    waiting = runs_that(timer={}, event={}, task={}, live={}, ended={}, purged={}, met={})
    children = runs_that(live={}, ended={"status": "failed"})
    wait(waiting["timer"], kind="timer", wake_at=soon())
    wait(waiting["event"])
    wait(waiting["task"], kind="task")
    wait(waiting["live"], kind="child", child=children["live"])
    wait(waiting["ended"], kind="child", child=children["ended"])
    wait(waiting["purged"], kind="child")
    wait(waiting["met"], done_at=ago())
    runs = statuses | runs_that(**held) | waiting
    woken = touched(runs, lambda: database.change(sweeping.WAKE_STALLED))
    assert woken == {"pending", "running", "waiting", "ended", "purged", "met"}


def test_a_worker_is_forgotten_when_it_is_long_gone_and_has_no_runs(database: Database) -> None:
    day = 24 * 3600
    gone = {"gone": worker("gone", ago(day + 60)), "holds": worker("holds", ago(day + 60))}
    gone["lately"] = worker("lately", ago(day - 60))
    runs_that(held={"owner": "holds"}, free={})
    database.change(sweeping.FORGET_OLD_WORKERS)
    assert set(Worker.objects.values_list("pk", flat=True)) == {"holds", "lately"}


# --- leases ---


def test_only_who_is_alive_renews_its_lease(database: Database) -> None:
    workers = {"alive": worker("alive", soon(5)), "dead": worker("dead", ago(1)), "other": worker("other", soon(5))}
    leases = {name: Lease(30) for name in workers}

    def renew_both() -> None:
        assert renew(database, "alive", leases["alive"]) is not None
        assert renew(database, "dead", leases["dead"]) is None
        assert renew(database, "nobody", leases["dead"]) is None

    assert touched(workers, renew_both) == {"alive"}
    assert (leases["alive"].is_fresh, leases["dead"].is_fresh) == (True, False)
    assert Worker.objects.get(pk="alive").lease_until > soon(20)


def test_a_worker_gives_up_its_own_lease_and_none_that_is_over(database: Database) -> None:
    workers = {"mine": worker("mine", soon()), "other": worker("other", soon()), "dead": worker("dead", ago())}
    give_up = [{"worker": "mine"}, {"worker": "dead"}]
    assert touched(workers, lambda: [database.change(queries.GIVE_UP_LEASE, row) for row in give_up]) == {"mine"}
    assert touched(workers, lambda: database.change(queries.DECLARE_ALL_DEAD)) == {"other"}
    assert touched(workers, lambda: database.change(queries.RETIRE, {"worker": "mine"})) == {"mine"}


def test_a_lease_is_fresh_for_two_thirds_of_its_time_from_before_it_was_asked_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a process stops what it does well before others may take over."""
    clock = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    worker("wrk_1", soon())
    held, asking = Lease(30), queries.HEARTBEAT
    assert not held.is_fresh

    def change(statement: Any, params: Any) -> int:
        nonlocal clock
        clock += 7  # so long it took to answer
        return int(statement is asking)

    monkeypatch.setattr(database, "change", change)
    assert renew(database, "wrk_1", held) is not None
    clock = 1_019.9
    assert held.is_fresh
    clock = 1_020.0
    assert not held.is_fresh
    held.renewed(clock)
    held.lose()
    assert not held.is_fresh


def test_the_engines_clock_goes_on_and_is_set_forward_only_by_what_the_database_says() -> None:
    clock, at = EngineClock(), timezone.now()
    clock.set(at + timedelta(hours=1))
    clock.at_least(at)
    assert clock.now() >= at + timedelta(hours=1)
    clock.at_least(at + timedelta(hours=2))
    before = clock.now()
    assert before >= at + timedelta(hours=2)
    time.sleep(0.01)
    assert clock.now() > before

"""The conditions of the journal's statements: what each of them changes, and what it leaves as it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from runs.engine import queries, short_way
from runs.engine.arrivals import Admission, Arrival, Key
from runs.engine.database import Database, connect
from runs.engine.journal import Journal
from runs.engine.lines import Attempt, Close, Entry, Memory, Release, Verdict
from runs.engine.plan import Place
from runs.engine.reception import Wanted, row_of
from runs.models import Delivery, Event, Log, Run
from tests.runs.engine.making import begun, published
from tests.runs.engine.rows import ago, ids, in_every_status, log, now, runs_that, soon, touched, wait, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def database() -> Iterator[Database]:
    with closing(connect()) as opened:
        yield opened


# --- whose run it is ---


def test_the_guard_lets_through_what_is_this_owners_in_this_epoch(database: Database) -> None:
    mine = {"owner": "wrk_1", "epoch": 2, "status": "running", "seq": 7}
    asked = {
        "suspended": {**mine, "status": "suspended"},
        "both": {**mine, "status": "suspended", "intent": "terminate"},
    }
    others = {"anothers": {**mine, "owner": "wrk_2"}, "later": {**mine, "epoch": 3}, "nobodys": {**mine, "owner": None}}
    runs, parent = runs_that(mine=mine, **asked, **others), runs_that(parent={"owner": "wrk_2"})["parent"]
    names = {run.id: name for name, run in runs.items()} | {parent.id: "parent"}
    lines = [{"id": run.id, "epoch": 2} for run in runs.values()] + [{"id": parent.id, "epoch": None}]
    question = {"rows": json.dumps(lines), "worker": "wrk_1"}
    found = {names[run_id]: row for run_id, *row in database.rows(queries.GUARD, question)}
    assert found.pop("parent")[2] is None
    assert found == {"mine": ["", 7, 2], "suspended": ["suspend", 7, 2], "both": ["terminate", 7, 2]}
    assert {names[run_id] for (run_id,) in database.rows(queries.STILL_MINE, question)} == found.keys()


@pytest.mark.parametrize("asked", [{"seq": 9}, {"owner": "wrk_2"}, {"epoch": 9}])
def test_what_is_written_together_is_written_for_those_runs_alone_that_may(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two in one batch, whichever way it goes: of one something was asked meanwhile."""
    mine = {"status": "running", "owner": "wrk_1", "seq": 5}
    runs = runs_that(mine=mine, other={**mine, **asked})
    logs = {name: log(run, "started") for name, run in runs.items()}
    monkeypatch.setattr(Journal, "_one_by_one", lambda self, entries, error: pytest.fail(str(error)))

    async def told() -> list[Verdict]:
        journal, verdicts = Journal("wrk_1", asyncio.get_running_loop()), []
        for name, run in runs.items():
            entry = Entry(run.id, 1, lambda entry, verdict: verdicts.append(verdict), known=Memory(5))
            entry.attempts = [
                Attempt(
                    logs[name].id, Place("started"), "effect", 1, "completed", ago(), datetime.now(UTC), "out", "1"
                ),
                Attempt(f"fl_log_{name}", Place("next"), "effect", 1, "started", ago()),
            ]
            entry.attempts[0].is_new = False
            journal.submit(entry)
        journal.start()
        await journal.stop(30)
        await asyncio.sleep(0)
        return verdicts

    verdicts = asyncio.run(told())
    is_still_mine = "seq" in asked
    assert sorted(verdict.name for verdict in verdicts) == ["RECORDED", "RECORDED" if is_still_mine else "REFUSED"]
    assert Log.objects.get(id=logs["mine"].id).status == "completed"
    assert Log.objects.filter(run=runs["mine"]).count() == 2
    assert Log.objects.get(id=logs["other"].id).status == ("completed" if is_still_mine else "started")
    assert Log.objects.filter(run=runs["other"]).count() == (2 if is_still_mine else 1)
    assert (now(runs, "seq")["other"] == (5,)) is not is_still_mine


@pytest.mark.parametrize("is_alive", [True, False])
def test_only_a_worker_that_is_alive_takes_in_what_comes(is_alive: bool) -> None:
    """Though another one is; and what else is written at that moment is written."""
    worker("wrk_1", soon() if is_alive else ago())
    worker("wrk_2", soon())
    mine, workflow = runs_that(mine={"status": "running", "owner": "wrk_1", "seq": 5})["mine"], published("a")
    wanted = Wanted(workflow.project_id, workflow.id, str(workflow.published_id), "api", "", {})
    row = row_of(wanted, ago()) | {"owner": "wrk_1", "epoch": 1, "seq": 1, "status": "running", "ready_at": None}
    delivery = dict.fromkeys(str(field.column) for field in Delivery._meta.concrete_fields)
    texts = dict.fromkeys(
        ("node_id", "code", "reason", "delivery_key", "method", "path", "query", "client_address"), ""
    )
    delivery |= texts | {"id": "dlv_1", "run_id": row["id"], "outcome": "started", "body_size": 0}
    delivery |= {"received_at": ago(), "duration_ms": 1.0}
    told: list[Admission] = []

    async def say() -> None:
        journal = Journal("wrk_1", asyncio.get_running_loop())
        comes = Arrival(row, told.append, ago, beside=[(queries.INSERT_DELIVERIES, delivery)])
        journal.submit(Entry(row["id"], 1, lambda entry, verdict: None, arrival=comes))
        line = Attempt("fl_log_mine", Place("a"), "effect", 1, "started", ago())
        journal.submit(Entry(mine.id, 1, lambda entry, verdict: None, [line], known=Memory(5)))
        journal.start()
        await journal.stop(30)
        await asyncio.sleep(0)

    asyncio.run(say())
    assert told == [Admission.TAKEN if is_alive else Admission.REFUSED]
    assert (Run.objects.filter(id=row["id"]).exists(), Delivery.objects.exists()) == (is_alive, is_alive)
    assert Log.objects.filter(run=mine).exists()


# --- attempts ---


def test_only_an_attempt_that_is_open_is_settled(database: Database) -> None:
    run = begun(published("a"))
    logs = {status.value: log(run, status.value) for status in Log.Status}
    rows = [_settled(row.id, run.id) for row in logs.values()]
    logs["other"] = log(run, "started", node_id="other")
    assert touched(logs, lambda: database.change_each(queries.SETTLE_LOGS, rows)) == {"started", "interrupted"}


def test_only_an_attempt_that_is_under_way_makes_progress(database: Database) -> None:
    run = begun(published("a"))
    logs = {status.value: log(run, status.value) for status in Log.Status}
    rows = [{"id": row.id, "seq": 7, "progress": "0.5"} for row in logs.values()]
    logs["other"] = log(run, "started", node_id="other")
    assert touched(logs, lambda: database.change_each(queries.SET_PROGRESS, rows)) == {"started"}


def test_what_a_worker_outside_has_said_stays(database: Database) -> None:
    run = begun(published("a"))
    log(run, "started", messages=["said"])
    database.change_each(queries.SETTLE_LOGS, [_settled(Log.objects.get().id, run.id)])
    assert Log.objects.get().messages == ["said"]


def _settled(log_id: str, run_id: str) -> dict[str, Any]:
    about = {"id": log_id, "run_id": run_id, "seq": 7, "status": "completed", "handle": "out", "output": "1"}
    return about | {"error": None, "messages": None, "progress": None, "completed_at": ago()}


# --- the run's row ---


def test_a_run_advances_by_itself_and_keeps_its_first_answer(database: Database) -> None:
    runs = runs_that(moved={"crashes": 2}, still={"crashes": 2}, answered={"response": {"a": 1}}, other={})
    rows = [
        {"id": runs[name].id, "seq": 9, "moved": name == "moved", "response": '{"b":2}'}
        for name in ("moved", "still", "answered")
    ]
    assert touched(runs, lambda: database.change_each(queries.ADVANCE, rows)) == {"moved", "still", "answered"}
    assert now(runs, "crashes", "response") == {
        "moved": (0, {"b": 2}),
        "still": (2, {"b": 2}),
        "answered": (0, {"a": 1}),
        "other": (0, None),
    }


def test_only_a_run_in_somebodys_hands_is_closed(database: Database) -> None:
    runs = in_every_status(owner="wrk_1", ready_at=ago(), crashes=2)
    rows = [{**_closed(run), "response": '{"b":2}'} for run in runs.values()]
    Run.objects.filter(id=runs["suspended"].id).update(response={"a": 1})
    assert touched(runs, lambda: database.change_each(queries.CLOSE, rows)) == {"running", "suspended"}
    closed = now(runs, "status", "owner", "ready_at", "crashes", "output")
    assert closed["running"] == closed["suspended"] == ("completed", None, False, 0, 2)
    answers = now(runs, "response")
    assert (answers["running"], answers["suspended"]) == (({"b": 2},), ({"a": 1},)), "the first answer is the answer"


def test_what_came_with_the_wish_to_stop_is_the_output(database: Database) -> None:
    with_output = {"status": "running", "output": 1}
    runs = runs_that(told=with_output, ended=with_output, other=with_output)
    rows = [{**_closed(runs["told"]), "status": "terminated", "output": None}, _closed(runs["ended"])]
    database.change_each(queries.CLOSE, rows)
    assert now(runs, "output") == {"told": (1,), "ended": (2,), "other": (1,)}


def _closed(run: Run) -> dict[str, Any]:
    return {"id": run.id, "seq": 9, "status": "completed", "output": "2", "error": None, "response": None}


# --- giving back ---


def test_only_a_run_in_somebodys_hands_is_given_back(database: Database) -> None:
    runs = in_every_status(owner="wrk_1", seq=3)
    rows = [_released(run, at_once=True) for run in runs.values()]
    assert touched(runs, lambda: database.change_each(queries.RELEASE, rows)) == {"running", "suspended"}
    released = now(runs, "status", "owner", "ready_at")
    assert released["running"] == ("waiting", None, True)
    assert released["suspended"] == ("suspended", None, False), "only its resume makes it ready"


def test_what_came_before_a_run_is_given_back_makes_it_ready_at_once(database: Database) -> None:
    """Not the sweeper, some seconds later."""
    held = {"status": "running", "owner": "wrk_1"}
    names = ("nothing", "ended", "purged", "due", "met", "live", "later", "at_once")
    runs = runs_that(heard={**held, "events": 2}, told={**held, "events": 3}, **dict.fromkeys(names, held))
    children = runs_that(ended={"status": "failed"}, live={})
    wait(runs["ended"], kind="child", child=children["ended"])
    wait(runs["live"], kind="child", child=children["live"])
    wait(runs["met"], kind="child", child=children["ended"], done_at=ago())
    wait(runs["purged"], kind="child")
    wait(runs["due"], kind="timer", wake_at=ago())
    wait(runs["later"], kind="timer", wake_at=soon())
    wait(runs["heard"])
    rows = [_released(run, at_once=name == "at_once") for name, run in runs.items()]
    database.change_each(queries.RELEASE, rows)
    ready = {name for name, (is_ready,) in now(runs, "ready_at").items() if is_ready}
    assert ready == {"ended", "purged", "due", "told", "at_once"}


def test_giving_back_keeps_what_else_is_known_of_a_run(database: Database) -> None:
    held = {"status": "running", "owner": "wrk_1", "crashes": 2}
    runs = runs_that(moved=held, still={**held, "response": {"a": 1}}, other=held)
    rows = [_released(runs[name], moved=name == "moved", response='{"b":2}') for name in ("moved", "still")]
    assert touched(runs, lambda: database.change_each(queries.RELEASE, rows)) == {"moved", "still"}
    assert now(runs, "crashes", "response") == {
        "moved": (0, {"b": 2}),
        "still": (2, {"a": 1}),
        "other": (2, None),
    }


def _released(run: Run, **more: Any) -> dict[str, Any]:
    about = {"id": run.id, "seq": 9, "status": "waiting", "response": None, "moved": False}
    return {**about, "at_once": False, "seen": 2, **more}


# --- waits, events, parents and children ---


def test_only_the_wait_that_is_over_is_met(database: Database) -> None:
    runs = runs_that(run={}, other={})
    waits = {
        "met": wait(runs["run"]),
        "before": wait(runs["run"], kind="timer", done_at=ago()),
        "other run": wait(runs["other"]),
        "other node": wait(runs["run"], node_id="b"),
        "other pass": wait(runs["run"], iteration="each.0"),
        "other attempt": wait(runs["run"], attempt=2),
    }
    row = {"run_id": runs["run"].id, "node_id": "a", "iteration": "", "attempt": 1}
    assert touched(waits, lambda: database.change_each(queries.MEET_WAITS, [row])) == {"met"}


def test_the_waits_of_a_run_end_with_it(database: Database) -> None:
    runs = runs_that(run={}, other={})
    waits = {
        "open": wait(runs["run"]),
        "met": wait(runs["run"], node_id="b", done_at=ago()),
        "other": wait(runs["other"]),
    }
    assert touched(waits, lambda: database.change(queries.END_WAITS, ids([runs["run"]]))) == {"open"}


def test_an_event_is_taken_once(database: Database) -> None:
    run = begun(published("a"))
    events = {
        name: Event.objects.create(run=run, event_id=name, name="go", received_at=ago(), delivered_at=at)
        for name, at in {"new": None, "taken": ago(), "other": None}.items()
    }
    rows = [{"id": events[name].id, "seq": 7} for name in ("new", "taken")]
    assert touched(events, lambda: database.change_each(queries.TAKE_EVENTS, rows)) == {"new"}


def test_only_a_parent_that_lies_still_is_made_ready(database: Database) -> None:
    runs = in_every_status() | runs_that(held={"owner": "wrk_1"}, ready={"ready_at": ago()})
    rows = runs | runs_that(other={})
    ready = touched(rows, lambda: database.change(queries.READY_PARENTS, ids(runs.values())))
    assert ready == {"waiting"}


def test_children_for_which_an_ended_run_waits_are_asked_to_stop(database: Database) -> None:
    parents = runs_that(ended={}, other={})
    children = in_every_status() | runs_that(
        held={"status": "running", "owner": "wrk_1"},
        asked={"intent": "terminate", "reason": "Somebody wanted it."},
        met={},
        others={},
    )
    for name, child in children.items():
        parent = parents["other" if name == "others" else "ended"]
        wait(parent, node_id=name, kind="child", child=child, done_at=ago() if name == "met" else None)
    stopped = touched(children, lambda: database.change(queries.STOP_CHILDREN, ids([parents["ended"]])))
    assert stopped == {"pending", "running", "waiting", "suspended", "held"}
    assert now(children, "intent", "ready_at", "status")["held"] == ("terminate", False, "running")
    assert now(children, "intent", "ready_at", "status")["suspended"] == ("terminate", True, "waiting")
    assert now(children, "status")["pending"] == ("pending",)


def test_runs_that_nobody_wants_any_more_are_asked_to_stop(database: Database) -> None:
    runs = in_every_status() | runs_that(
        held={"status": "suspended", "owner": "wrk_1"}, asked={"intent": "terminate", "reason": "Somebody wanted it."}
    )
    others = runs_that(other={})
    stopped = touched(runs | others, lambda: database.change(queries.STOP_RUNS, ids(runs.values())))
    assert stopped == {"pending", "running", "waiting", "suspended", "held"}
    assert now(runs, "intent", "ready_at", "status")["held"] == ("terminate", False, "running")
    assert now(runs, "intent", "ready_at", "status")["suspended"] == ("terminate", True, "waiting")
    assert now(runs, "status")["pending"] == ("pending",)


# --- the short way ---


def entry(run_id: str, **said: Any) -> Entry:
    return Entry(run_id, 1, lambda entry, verdict: None, **{"known": Memory(1), **said})


def arrival(owner: str | None = None, **more: Any) -> Arrival:
    return Arrival({"id": "other", "owner": owner, "seq": 0}, lambda admission: None, ago, **more)


@pytest.mark.parametrize(
    "more",
    [
        {"waits": [None]}, {"met": [None]}, {"taken": [None]}, {"assigned": [1]}, {"progress": [None]},
        {"children": [None]}, {"unwanted": ["fl_run_1"]}, {"known": Memory(None)}, {"end": Release()},
        {"end": Close("completed")}, {"end": Close("completed", has_waits=False), "parent_id": "fl_run_2"},
        {"arrival": arrival(key=Key("", "", "", "", ago(), soon()))}, {"arrival": arrival(is_withdrawn=True)},
        {"arrival": arrival("another")},
    ],
)  # fmt: skip
def test_runs_of_which_there_is_more_to_ask_or_to_write_go_the_long_way(
    more: dict[str, Any], database: Database
) -> None:
    assert short_way.foreseen(database, [entry("one"), entry("other", **more)], "wrk_1") is None


@pytest.mark.parametrize(
    "more",
    [
        {}, {"response": "{}"}, {"end": Close("completed", has_waits=False)}, {"arrival": arrival("wrk_1")},
        {"arrival": arrival(), "known": Memory(None)},
    ],
)  # fmt: skip
def test_runs_that_come_in_go_on_or_end_by_themselves_go_the_short_way(
    more: dict[str, Any], database: Database
) -> None:
    goes_short = short_way.foreseen(database, [entry("one"), entry("other", **more)], "wrk_1") is not None
    assert goes_short == (database.has_round_trips or "arrival" not in more)

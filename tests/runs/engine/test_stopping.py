"""A clean stop of the process, and runs that somebody asks to stop."""

import threading
import time

import pytest

from runs.models import Run, Worker
from runs.services import terminate_run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, logs, new_project, published, until

pytestmark = pytest.mark.django_db(transaction=True)


# --- the process stops ---


def test_runs_may_finish_before_the_process_stops() -> None:
    run = begun(published("a:effect", a={"seconds": 0.3, "value": 1}))
    with engine() as running:
        until(lambda: making.calls.begun)
        running.stop(5)
    run.refresh_from_db()
    assert (run.status, run.output) == ("completed", 1)
    assert Worker.objects.get().stopped_at is not None


def test_what_is_not_finished_is_given_back_and_no_crash_is_counted() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect>b"))
    with engine() as running:
        until(lambda: making.calls.begun)
        began = time.monotonic()
        running.stop(0.1)
        assert time.monotonic() - began < 20
    run.refresh_from_db()
    assert (run.status, run.owner, run.crashes) == ("running", None, 0)
    assert run.ready_at is not None
    assert logs(run) == [("a", 1, "interrupted", None)]
    making.calls.gates["a"].set()
    with engine():
        ended(run)
    assert logs(run)[:2] == [("a", 1, "interrupted", None), ("a", 2, "completed", "out")]


def test_a_node_that_may_not_be_repeated_is_let_run_to_the_hard_limit() -> None:
    run = begun(published("a:once>b:effect", a={"seconds": 0.8}))
    with engine() as running:
        until(lambda: making.calls.begun)
        running.stop(0.1, 5)
    run.refresh_from_db()
    assert logs(run) == [("a", 1, "completed", "out")]
    assert run.owner is None
    with engine():
        ended(run)
    assert making.calls.begun == ["a", "b"]


def test_a_node_that_may_not_be_repeated_fails_when_the_hard_limit_cut_it_off() -> None:
    run = begun(published("a:once", a={"seconds": 30}))
    with engine() as running:
        until(lambda: making.calls.begun)
        running.stop(0, 0.2)
    with engine():
        ended(run)
    assert (run.status, run.error["code"]) == ("failed", "interrupted")
    assert making.calls.begun == ["a"]


# --- somebody asks ---


def test_a_run_that_nobody_began_ends_at_once() -> None:
    run = terminate_run(begun(published("a:effect")), reason="enough", output={"r": 1}).run
    assert (run.status, run.reason, run.output) == ("terminated", "enough", {"r": 1})
    assert run.completed_at is not None
    with engine():
        time.sleep(0.3)
    assert making.calls.begun == []


def test_a_slow_call_is_cancelled_and_nothing_starts_after_it() -> None:
    run = begun(published("t:manual_trigger>a:effect>b:effect", a={"seconds": 30}))
    with engine():
        until(lambda: making.calls.begun)
        terminate_run(run, output=5)
        ended(run, 2)
    assert (run.status, run.output, run.error) == ("terminated", 5, None)
    assert logs(run)[1:] == [("a", 1, "terminated", None)]
    assert making.calls.ended == []


def test_a_waiting_run_is_ended() -> None:
    run = begun(published("a:sleep", a={"seconds": 60}))
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        terminate_run(run)
        ended(run, 2)
    assert run.status == "terminated"
    assert logs(run) == [("a", 1, "terminated", None)]
    assert run.waits.get().done_at is not None


def test_asking_twice_changes_nothing_and_a_terminal_run_stays_as_it_is() -> None:
    run = begun(published("a", a={"value": 1}))
    with engine():
        ended(run)
    after = terminate_run(run, reason="late", output=9).run
    assert (after.status, after.output, after.reason, after.intent) == ("completed", 1, "", "")
    pending = terminate_run(begun(published("a")), reason="first").run
    assert terminate_run(pending, reason="second").run.reason == "first"


def test_start_lines_are_refused_from_the_moment_of_the_wish() -> None:
    """The wish is only in the database: the owner has not been told yet when it wants to start the next node."""
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect>b:effect"))
    with engine():
        until(lambda: making.calls.begun)
        Run.objects.filter(id=run.id).update(intent="terminate")
        making.calls.gates["a"].set()
        ended(run)
    assert run.status == "terminated"
    assert making.calls.begun == ["a"]
    assert logs(run) in ([("a", 1, "completed", "out")], [("a", 1, "terminated", None)])


def test_the_wish_beats_an_end_that_was_not_recorded_yet() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect"))
    with engine():
        until(lambda: making.calls.begun)
        terminate_run(run)
        making.calls.gates["a"].set()
        ended(run)
    assert run.status == "terminated"


def test_children_are_ended_with_their_parent() -> None:
    project = new_project()
    published("x:effect", project, "below", x={"seconds": 30})
    run = begun(published("a:child", project, a={"name": "below"}))
    with engine():
        until(lambda: making.calls.begun)
        terminate_run(run)
        ended(run)
        child = ended(Run.objects.get(parent=run))
    assert (run.status, child.status) == ("terminated", "terminated")

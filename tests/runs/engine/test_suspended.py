"""Runs that are held and let go on."""

import threading
import time

import pytest

from runs.models import Run
from runs.services import resume_run, suspend_run, terminate_run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, logs, new_project, published, until

pytestmark = pytest.mark.django_db(transaction=True)


def is_free(run: Run) -> bool:
    run.refresh_from_db()
    return run.owner is None


def test_a_run_that_nobody_began_is_held_and_let_go() -> None:
    run = begun(published("a:effect"))
    held = suspend_run(run, reason="month's end")
    assert (held.was, held.changed, run.status, run.reason, run.ready_at) == (
        "pending",
        True,
        "suspended",
        "month's end",
        None,
    )
    with engine():
        time.sleep(0.3)
        assert making.calls.begun == []
        assert resume_run(run).was == "suspended"
        ended(run)
    assert (run.status, run.reason) == ("completed", "")


def test_what_is_under_way_finishes_and_nothing_starts_after_it() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect>s>b:once"))
    with engine():
        until(lambda: making.calls.begun)
        suspend_run(run)
        making.calls.gates["a"].set()
        until(lambda: is_free(run))
        assert (run.status, logs(run)) == ("suspended", [("a", 1, "completed", "out")])
        time.sleep(0.2)
        assert making.calls.begun == ["a"]
        assert resume_run(run).changed
        ended(run)
    assert logs(run) == [(node, 1, "completed", "out") for node in "asb"]
    assert making.calls.begun == ["a", "b"]


def test_start_lines_are_refused_from_the_commit_on() -> None:
    """The owner has not been told yet when it wants to start the next node."""
    run = begun(published("a:effect>b:effect"))
    making.calls.gates = {"a": threading.Event()}
    with engine():
        until(lambda: making.calls.begun)
        Run.objects.filter(id=run.id).update(status="suspended")
        making.calls.gates["a"].set()
        until(lambda: is_free(run))
    assert (run.status, making.calls.begun, logs(run)) == ("suspended", ["a"], [("a", 1, "completed", "out")])


def test_the_last_node_does_not_end_a_suspended_run() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect", a={"value": 5}))
    with engine():
        until(lambda: making.calls.begun)
        suspend_run(run)
        making.calls.gates["a"].set()
        until(lambda: is_free(run))
        assert (run.status, run.output) == ("suspended", None)
        resume_run(run)
        ended(run)
    assert (run.status, run.output, making.calls.begun) == ("completed", 5, ["a"])


def test_a_run_that_is_resumed_while_a_node_is_under_way_goes_on() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect>b:effect"))
    with engine():
        until(lambda: making.calls.begun)
        suspend_run(run)
        time.sleep(0.7)  # its owner knows by now
        resumed = resume_run(run)
        assert (resumed.was, run.status) == ("suspended", "running")
        making.calls.gates["a"].set()
        ended(run, 5)
    assert (run.status, making.calls.begun) == ("completed", ["a", "b"])


def test_an_unhandled_failure_of_what_was_under_way_ends_the_run() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect", a={"times": 9}))
    with engine():
        until(lambda: making.calls.begun)
        suspend_run(run)
        making.calls.gates["a"].set()
        ended(run)
    assert run.status == "failed"


def test_timers_ring_for_a_run_when_it_is_resumed() -> None:
    run = begun(published("a:sleep>b:effect", a={"seconds": 1.2}))
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        suspend_run(run)
        time.sleep(1.8)
        assert making.calls.begun == []
        assert logs(run) == [("a", 1, "started", None)]
        resume_run(run)
        ended(run, 5)
    assert run.status == "completed"


def test_a_child_goes_on_and_its_end_is_taken_up_after_the_resume() -> None:
    project = new_project()
    published("x:effect", project, "below", x={"value": 7})
    making.calls.gates = {"x": threading.Event()}
    run = begun(published("a:child>b:effect", project, a={"name": "below"}))
    with engine():
        until(lambda: making.calls.begun)
        suspend_run(run)
        making.calls.gates["x"].set()
        assert ended(Run.objects.get(parent=run)).status == "completed"
        until(lambda: is_free(run))
        assert run.status == "suspended"
        resume_run(run)
        ended(run)
    assert (run.status, run.output) == ("completed", 7)


def test_terminate_beats_suspend() -> None:
    run = begun(published("a:sleep", a={"seconds": 60}))
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        suspend_run(run)
        assert terminate_run(run, output=1).was == "suspended"
        assert not suspend_run(run).changed
        ended(run, 3)
    assert (run.status, run.output, logs(run)) == ("terminated", 1, [("a", 1, "terminated", None)])


def test_a_suspended_child_is_ended_with_its_parent() -> None:
    project = new_project()
    published("x:sleep", project, "below", x={"seconds": 60})
    published("y:child", project, "between", y={"name": "below"})
    run = begun(published("a:child z:effect", project, a={"name": "between"}, z={"seconds": 1.5, "times": 9}))
    with engine():
        until(lambda: Run.objects.filter(depth=2, status="waiting").exists())
        deepest = Run.objects.get(depth=2)
        suspend_run(deepest)
        ended(run)
        ended(deepest)
    assert (run.status, deepest.status) == ("failed", "terminated")


def test_the_deadline_passes_for_a_suspended_run_too() -> None:
    run = begun(published("a:effect"), deadline_seconds=0.3)
    suspend_run(run)
    with engine(lease=1.0):
        ended(run, 10)
    assert (run.status, run.error["code"], making.calls.begun) == ("failed", "deadline", [])


def test_a_suspended_run_survives_its_owner() -> None:
    run = begun(published("a:effect"))
    Run.objects.filter(id=run.id).update(owner="wrk_gone", epoch=1, status="suspended", ready_at=None)
    with engine(lease=1.0):
        until(lambda: is_free(run), 10)
        assert (run.status, run.ready_at) == ("suspended", None)
        resume_run(run)
        ended(run)
    assert run.status == "completed"


def test_asking_twice_changes_nothing() -> None:
    run = begun(published("a"))
    assert not resume_run(run).changed
    assert suspend_run(run, reason="first").changed
    assert not suspend_run(run, reason="second").changed
    assert run.reason == "first"
    Run.objects.filter(id=run.id).update(status="completed")
    assert not suspend_run(run).changed
    assert not resume_run(run).changed
    assert run.status == "completed"

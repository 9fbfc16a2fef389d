"""What comes of a waiting node, said from outside."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Run, Wait
from runs.services import Failure, pending_waits, raise_event, resume_run, suspend_run, tell_node, tell_outcome
from tests.runs.engine.making import begun, ended, engine, logs, published, until

pytestmark = pytest.mark.django_db(transaction=True)


def pending(run: Run, node_id: str) -> Wait:
    until(lambda: pending_waits(run).filter(node_id=node_id).exists())
    return pending_waits(run).get(node_id=node_id)


def outputs(run: Run) -> dict[str, Any]:
    return {log.node_id: log.output for log in run.logs.all()}


def test_it_goes_to_the_one_node_that_is_meant_though_others_wait_for_the_same() -> None:
    run = begun(published("a:await b:await", a={"name": "x"}, b={"name": "x"}))
    with engine():
        pending(run, "a")
        assert tell_outcome(pending(run, "b"), {"n": 2}).is_new
        until(lambda: run.logs.filter(node_id="b", status="completed").exists())
        raise_event(run, "x", {"n": 1})
        ended(run)
    assert outputs(run) == {"a": {"n": 1}, "b": {"n": 2}}


def test_the_first_outcome_counts() -> None:
    run = begun(published("a:await", a={"name": "x"}))
    with engine():
        wait = pending(run, "a")
        suspend_run(run)
        assert tell_outcome(wait, 1).is_new
        assert not tell_outcome(wait, 2).is_new
        assert not pending_waits(run).exists()
        resume_run(run)
        ended(run)
    assert run.output == 1


def test_a_time_is_cut_short() -> None:
    run = begun(published("a:sleep", a={"seconds": 600}))
    with engine():
        tell_outcome(pending(run, "a"), "early")
        ended(run, 10)
    assert run.output == "early"


def test_what_is_said_of_a_node_before_it_waits_counts_when_it_does() -> None:
    retry = {"retry": {"count": 1, "delay": 0}}
    run = begun(published("a:await>b:await", a={"name": "go"}, b={"name": "x", **retry}))
    assert [tell_node(run, "b", n, Failure("task_failed", "no")).is_new for n in (1, 2)] == [True, False]
    with engine():
        tell_outcome(pending(run, "a"))
        until(lambda: pending_waits(run).filter(node_id="b", attempt=2).exists())
        assert tell_node(run, "b", 3).is_new
        ended(run)
    assert [each for each in logs(run) if each[0] == "b"] == [("b", 1, "failed", None), ("b", 2, "completed", "out")]
    assert run.output == 3


def test_a_failure_is_tried_again_if_it_may_be_and_leaves_by_the_nodes_exit() -> None:
    rule = {"retry": {"count": 1, "delay": 0, "backoff": "fixed"}, "on_error": "error"}
    run = begun(published("a:await a.error>b:set", a={"name": "x", **rule}))
    with engine():
        first = pending(run, "a")
        tell_outcome(first, None, Failure("task_failed", "no"))
        until(lambda: pending_waits(run).filter(attempt=2).exists())
        tell_outcome(pending(run, "a"), None, Failure("task_failed", "never", retryable=False))
        ended(run)
    assert logs(run)[:2] == [("a", 1, "failed", None), ("a", 2, "failed", "error")]
    assert run.output["error"]["message"] == "never"

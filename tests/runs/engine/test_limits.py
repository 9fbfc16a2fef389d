"""How long nodes, waits and runs may take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from runs.models import Wait
from runs.services import raise_event, terminate_run
from tests.runs.engine.making import begun, ended, engine, logs, published, until
from workflows.models import Workflow

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 3600


def test_a_node_that_never_returns_is_stopped(settings: LazySettings) -> None:
    settings.NODE_SECONDS = 0.2
    run = begun(published("a:effect>b a.error>c", a={"seconds": LONG, "on_error": "error"}))
    with engine():
        ended(run)
    assert run.status == "completed"
    assert run.logs.get(node_id="a").error["code"] == "timeout"
    assert run.logs.filter(node_id="c").exists()


@pytest.mark.parametrize(
    ("drawing", "settings", "code"),
    [
        ("a:effect", {"seconds": LONG, "timeout": LONG}, "timeout"),
        ("a:sleep", {"seconds": 31}, "delay_too_long"),
        ("a:for_each b@a:effect", {"items": [1, 2, 3]}, "too_many_items"),
    ],
)
def test_a_workflow_may_bound_each_of_its_nodes(drawing: str, settings: dict[str, Any], code: str) -> None:
    workflow = published(drawing, a=settings)
    Workflow.objects.update(node_limits={"node_seconds": 1, "delay_seconds": 30, "items": 2})
    run = begun(workflow)
    with engine():
        ended(run)
    assert (run.status, (run.error or {})["code"]) == ("failed", code)
    assert "1 s" in run.error["message"] or "at most in this workflow" in run.error["message"]


def test_what_is_within_a_workflows_bounds_is_done() -> None:
    workflow = published("a:for_each b@a:effect a>c:sleep", a={"items": [1, 2]}, c={"seconds": 0.1})
    Workflow.objects.update(node_limits={"node_seconds": 20, "delay_seconds": 30, "items": 2})
    run = begun(workflow)
    with engine():
        ended(run)
    assert run.status == "completed"


def test_its_own_time_comes_first(settings: LazySettings) -> None:
    settings.NODE_SECONDS = 0.2
    run = begun(published("a:effect", a={"seconds": 0.6, "timeout": LONG}))
    with engine():
        ended(run)
    assert run.status == "completed"


def test_a_node_that_only_waits_may_take_longer_than_work(settings: LazySettings) -> None:
    settings.NODE_SECONDS = 0.2
    run = begun(published("a:sleep", a={"seconds": 0.8}))
    with engine():
        ended(run)
    assert run.status == "completed"


@pytest.mark.parametrize("kind", ["sleep", "await"])
def test_a_wait_that_is_too_long_fails(kind: str) -> None:
    settings = {"seconds": LONG, "name": "go", "timeout": 0.3, "on_error": "error"}
    run = begun(published(f"a:{kind}>b a.error>c", a=settings))
    with engine():
        ended(run)
    assert (run.status, run.logs.get(node_id="a").error["code"]) == ("completed", "timeout")
    assert [node_id for node_id, *_ in logs(run)] == ["a", "c"]


def test_an_event_for_which_nobody_set_a_time_is_waited_for_so_long() -> None:
    run = begun(published("a:await", a={"name": "go", "timeout": 0.3}))
    with engine():
        ended(run)
    assert (run.status, run.error["code"]) == ("failed", "timeout")


def test_what_comes_in_time_counts() -> None:
    run = begun(published("a:await", a={"name": "go", "timeout": LONG}))
    with engine():
        until(lambda: Wait.objects.filter(run=run, kind="event").exists())
        raise_event(run, "go", 7)
        ended(run)
    assert (run.status, run.output) == ("completed", 7)


def test_the_time_of_a_wait_outlasts_its_worker() -> None:
    run = begun(published("a:sleep", a={"seconds": LONG, "timeout": 2}))
    with engine():
        until(lambda: Wait.objects.filter(run=run).exists())
    with engine():
        ended(run)
    assert run.error["code"] == "timeout"


def test_a_workflow_may_have_a_deadline_for_all_its_runs() -> None:
    child = published("a:sleep", key="child", a={"seconds": LONG})
    parent = published("a:child", child.project, a={"name": "child"})
    Workflow.objects.filter(id=child.id).update(deadline_seconds=1)
    child.refresh_from_db()
    own, given, called = begun(child), begun(child, deadline_seconds=LONG), begun(parent)
    with engine():
        ended(own)
        ended(called)
        given.refresh_from_db()
        assert (given.status, own.status, called.status) == ("waiting", "failed", "failed")
        assert (own.error["code"], called.error["code"]) == ("deadline", "child_failed")
        terminate_run(given)
        ended(given)


def test_a_deadline_counts_from_when_the_run_may_start() -> None:
    begins = timezone.now() + timedelta(seconds=1)
    run = begun(published("a:sleep", a={"seconds": LONG}), start_at=begins, deadline_seconds=1)
    with engine():
        ended(run)
    assert (run.status, run.error["code"]) == ("failed", "deadline")
    assert run.started_at is not None
    assert run.completed_at is not None
    assert run.started_at >= begins
    assert run.completed_at >= begins + timedelta(seconds=1)

"""Nodes that start runs of other workflows."""

import threading

import pytest

from accounts.models import Project
from runs.models import Run
from runs.services import StartOptions, start_run, terminate_run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, new_project, published, until
from workflows.models import Workflow

pytestmark = pytest.mark.django_db(transaction=True)

FIVE = {"items": [1, 2, 3, 4, 5], "concurrency": 5}


@pytest.fixture
def project() -> Project:
    return new_project()


def test_a_child_gets_the_payload_and_its_output_comes_back(project: Project) -> None:
    published("t:manual_trigger>x:effect", project, "below", x={"seconds": 0.1})
    run = begun(published("a:child>b", project, a={"name": "below"}), {"p": 1}, priority=7, correlation_id="c")
    with engine():
        ended(run)
    child = Run.objects.get(parent=run)
    assert (run.output, child.trigger_payload, child.trigger_type) == ({"p": 1}, {"p": 1}, "workflow")
    assert (child.depth, child.priority, child.correlation_id) == (1, 7, "c")
    assert run.waits.get().done_at is not None


def test_a_parent_waits_without_a_worker(project: Project) -> None:
    published("x:effect", project, "below", x={"seconds": 0.6})
    run = begun(published("a:child", project, a={"name": "below"}))
    with engine(slots=1):
        ended(run)
    assert (run.status, run.epoch) == ("completed", 2)


@pytest.mark.parametrize(("on_error", "status"), [("continue", "completed"), ("stop", "failed")])
def test_children_that_ended_together_are_all_taken_up_at_once(project: Project, on_error: str, status: str) -> None:
    """One at a time, each would take the parent a claim, and so a second."""
    published("x:await", project, "below", x={"name": "never"})
    run = begun(published("each:for_each a@each:child", project, each=FIVE, a={"name": "below", "on_error": on_error}))
    below = Run.objects.filter(parent=run)
    with engine():
        until(lambda: [child.status for child in below.all()] == ["waiting"] * 5)
        until(lambda: Run.objects.filter(id=run.id, owner=None).exists())
    for child in below:
        terminate_run(child)
    run.refresh_from_db()
    claims = run.epoch
    with engine():
        ended(run)
    assert (run.status, run.epoch) == (status, claims + 1)


def test_a_parent_that_is_busy_elsewhere_hears_of_its_child(project: Project) -> None:
    making.calls.gates = {"c": threading.Event()}
    published("x", project, "below", x={"value": 1})
    run = begun(published("t:manual_trigger>a:child>b:effect t>c:effect", project, a={"name": "below"}))
    with engine():
        until(lambda: "b" in making.calls.ended)
        making.calls.gates["c"].set()
        ended(run)
    assert run.epoch == 1


def test_without_waiting_the_output_names_the_run(project: Project) -> None:
    published("x:effect", project, "below", x={"seconds": 0.2})
    run = begun(published("a:child", project, a={"name": "below", "handle": "go on"}))
    with engine():
        ended(run)
        child = ended(Run.objects.get(parent=run))
    assert run.output == {"run_id": child.id}
    assert run.completed_at
    assert child.completed_at
    assert run.completed_at < child.completed_at


def test_a_failed_child_fails_its_node(project: Project) -> None:
    published("x:crash", project, "below")
    run = begun(published("a:child>b a.error>c", project, a={"name": "below", "on_error": "error"}))
    with engine():
        ended(run)
    assert run.status == "completed"
    assert run.output["error"]["code"] == "child_failed"
    assert "RuntimeError: boom" in run.output["error"]["message"]


def test_a_workflow_that_is_not_there_fails_the_node(project: Project) -> None:
    other = published("x", new_project(), "below")
    for name, code in (("gone", "workflow_not_found"), (other.id, "workflow_not_found")):
        run = begun(published("a:child", project, f"flow-{name}", a={"name": name}))
        with engine():
            ended(run)
        assert run.error["code"] == code


def test_an_unpublished_workflow_fails_the_node(project: Project) -> None:
    below = published("x", project, "below")
    Workflow.objects.filter(id=below.id).update(published=None)
    run = begun(published("a:child", project, a={"name": below.id}))
    with engine():
        ended(run)
    assert run.error["code"] == "not_published"


def test_runs_that_start_themselves_end_at_the_tenth(project: Project) -> None:
    run = begun(published("a:child", project, "again", a={"name": "again"}))
    with engine():
        ended(run, 20)
    assert run.status == "failed"
    assert Run.objects.count() == 11
    assert Run.objects.get(depth=10).error["code"] == "too_deep"


def test_a_parent_hears_at_once_of_a_child_that_nobody_held_when_it_was_stopped(project: Project) -> None:
    below = published("x", project, "below")
    parent = begun(published("a", project))
    child = start_run(below, {}, StartOptions("workflow", parent=parent))
    Run.objects.filter(id=parent.id).update(status="waiting", ready_at=None)
    terminate_run(child)
    parent.refresh_from_db()
    assert parent.ready_at is not None


def test_a_failing_parent_takes_its_child_along(project: Project) -> None:
    published("x:effect", project, "below", x={"seconds": 30})
    run = begun(
        published("t:manual_trigger>a:child t>b:effect", project, a={"name": "below"}, b={"seconds": 0.5, "times": 9})
    )
    with engine():
        ended(run)
        child = ended(Run.objects.get(parent=run))
    assert (run.status, child.status) == ("failed", "terminated")

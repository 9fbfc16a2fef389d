"""Accepting runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs import services
from runs.models import Run
from runs.services import StartOptions, start_run
from tests.runs.engine.making import new_project, published
from wire.problems import Conflict, NotFound
from wire.times import to_wire
from workflows.models import Version, Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow() -> Workflow:
    return published("t:manual_trigger>a")


def start(workflow: Workflow, payload: Any = None, **options: Any) -> Run:
    return start_run(workflow, {} if payload is None else payload, StartOptions("api", **options))


def test_an_accepted_run_is_ready_and_says_what_it_was_told(workflow: Workflow) -> None:
    options: dict[str, Any] = {"correlation_id": "c-1", "priority": 9, "metadata": {"k": "v"}, "trigger_node": "t"}
    run = start(workflow, {"x": 1}, **options)
    stored = Run.objects.get(id=run.id)
    assert (stored.status, stored.owner, stored.epoch, stored.ready_at) == ("pending", None, 0, stored.created_at)
    assert (stored.trigger_payload, stored.trigger_type, stored.trigger_node) == ({"x": 1}, "api", "t")
    assert (stored.correlation_id, stored.priority, stored.metadata) == ("c-1", 9, {"k": "v"})
    assert [(pair.key, pair.value) for pair in stored.metadata_pairs.all()] == [("k", "v")]
    assert (stored.project, stored.workflow, stored.version) == (workflow.project, workflow, workflow.published)


def test_what_comes_back_is_the_run_as_it_is_stored(workflow: Workflow) -> None:
    run = start(workflow, {"x": [1, None]}, metadata={"k": "v"})
    stored = Run.objects.get(id=run.id)
    for field in Run._meta.concrete_fields:
        assert getattr(run, field.attname) == getattr(stored, field.attname), field.attname


@pytest.mark.parametrize("payload", [None, 0, "", [], "text", {"deep": [{"a": 10**30}]}])
def test_any_json_can_be_a_payload(workflow: Workflow, payload: Any) -> None:
    run = start_run(workflow, payload, StartOptions("api"))
    assert Run.objects.get(id=run.id).trigger_payload == payload


def test_the_newest_published_version_is_meant_or_the_one_that_is_named(workflow: Workflow) -> None:
    newer = Version.objects.create(workflow=workflow, state="published", number=2)
    workflow.published = newer
    workflow.save()
    assert start(workflow).version == newer
    assert start(workflow, version=1).version.number == 1
    with pytest.raises(NotFound):
        start(workflow, version=3)


def test_a_run_of_the_draft_is_pinned_to_a_snapshot_and_says_so(workflow: Workflow) -> None:
    run = start(workflow, version="draft")
    assert run.is_draft
    assert run.version.state == "snapshot"
    assert run.version_id != workflow.draft_id


def test_what_is_not_published_cannot_be_run(workflow: Workflow) -> None:
    workflow.published = None
    with pytest.raises(Conflict) as refused:
        start(workflow)
    assert refused.value.code == "not_published"


def test_a_handle_can_be_taken_once_in_a_project(workflow: Workflow) -> None:
    assert start(workflow, handle="mine").handle == "mine"
    with pytest.raises(Conflict) as refused:
        start(workflow, handle="mine")
    assert refused.value.code == "run_id_taken"
    assert start(published("a", new_project()), handle="mine").handle == "mine"


def test_a_run_that_is_to_start_later_waits_also_over_a_suspension(workflow: Workflow) -> None:
    later = timezone.now() + timedelta(hours=1)
    run = start(workflow, start_at=later)
    assert (run.status, run.ready_at) == ("pending", None)
    assert run.reason == f"It starts at {to_wire(later)}."
    services.suspend_run(run)
    assert (services.resume_run(run).run.status, run.ready_at) == ("pending", None)
    assert run.reason == f"It starts at {to_wire(later)}."
    services.terminate_run(run)
    assert run.status == "terminated"
    assert not run.waits.filter(done_at=None).exists()
    assert start(workflow, start_at=timezone.now()).ready_at is not None


def test_a_run_of_a_failed_transaction_was_never_accepted(workflow: Workflow) -> None:
    with transaction.atomic():
        start(workflow)
        transaction.set_rollback(True)
    assert not Run.objects.exists()


def test_workers_are_woken_after_the_commit_and_not_before(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(services.starting, "wake", lambda: woken.append(Run.objects.exists()))
    with django_capture_on_commit_callbacks(execute=True):
        start(workflow)
        assert woken == []
    assert woken == [True]


def test_a_child_is_one_deeper_than_its_parent(workflow: Workflow) -> None:
    parent = start(workflow)
    child = start(workflow, parent=parent, retry_of=parent)
    assert (child.depth, child.parent_id, child.retry_of_id) == (1, parent.id, parent.id)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_being_terminated_can_be_referred_to(workflow: Workflow) -> None:
    """A lock on the whole row would make a child's commit wait for its parent's end, and that for the child."""
    parent = start(workflow)
    child = start(workflow, parent=parent)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        services.terminate_run(parent)
        services.terminate_run(child)
    assert not [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]

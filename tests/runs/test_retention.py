"""Runs that have ended are deleted by age, and by how many a workflow keeps."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs import retention
from runs.models import PurgedRun, Run, Wait
from runs.tasks import prune_runs
from tests.runs.engine.making import begun, published
from workflows.models import Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(settings: Any) -> None:
    settings.RUN_DAYS, settings.RUNS_KEPT = 30, 0


def old(workflow: Workflow, days: float, status: str = "completed") -> str:
    """A run that was made and ended so many days ago, or has not ended."""
    at = timezone.now() - timedelta(days=days)
    run = begun(workflow)
    is_live = status in Run.LIVE
    Run.objects.filter(id=run.id).update(status=status, created_at=at, completed_at=None if is_live else at)
    return run.id


def left() -> set[str]:
    return set(Run.objects.values_list("id", flat=True))


def limit(workflow: Workflow, **said: int | None) -> None:
    Workflow.objects.filter(id=workflow.id).update(**said)


def test_by_age_and_a_line_stays() -> None:
    workflow = published("a")
    gone = {old(workflow, 31, status) for status in Run.TERMINAL}
    stays = {old(workflow, 29), old(workflow, 400, "waiting")}
    prune_runs()
    assert left() == stays
    lines = PurgedRun.objects.filter(purged_by="retention", workflow_id=workflow.id)
    assert set(lines.values_list("id", flat=True)) == gone


def test_age_counts_from_the_end() -> None:
    run = old(published("a"), 31)
    Run.objects.filter(id=run).update(completed_at=timezone.now())
    assert retention.prune(timezone.now()) == 0


def test_a_workflow_may_say_otherwise() -> None:
    longer, shorter, forever, deleted = (published("a") for _ in range(4))
    limit(longer, run_days=60)
    limit(shorter, run_days=1)
    limit(forever, run_days=0)
    Workflow.objects.filter(id=deleted.id).update(deleted_at=timezone.now())
    stays = {old(longer, 59), old(forever, 4000)}
    old(longer, 61)
    old(shorter, 2)
    old(deleted, 31)
    assert retention.prune(timezone.now()) == 3
    assert left() == stays


def test_for_ever_when_the_server_says_so(settings: Any) -> None:
    settings.RUN_DAYS = 0
    old(published("a"), 4000)
    assert retention.prune(timezone.now()) == 0


def test_the_latest_of_each_workflow_are_kept(settings: Any) -> None:
    settings.RUNS_KEPT = 2
    one, other, all_kept = published("a"), published("a"), published("a")
    limit(other, runs_kept=1)
    limit(all_kept, runs_kept=0)
    for workflow in (one, other):
        old(workflow, 3)
        old(workflow, 4)
    stays = {old(one, 2), old(one, 1), old(one, 5, "waiting"), old(other, 1)}
    stays |= {old(all_kept, days) for days in (1, 2, 3)}
    assert retention.prune(timezone.now()) == 4
    assert left() == stays


def test_what_is_still_waited_for_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    workflow = published("a")
    children = [old(workflow, 50 - number) for number in range(5)]
    parent = old(workflow, 60, "waiting")
    for child in children[:3]:
        Wait.objects.create(run_id=parent, node_id=child, attempt=1, kind="child", child_id=child)
    assert retention.prune(timezone.now()) == 2
    assert left() == {parent, *children[:3]}


def test_without_loading_what_the_runs_carried(django_assert_max_num_queries: Any) -> None:
    workflow = published("a")
    for _ in range(20):
        old(workflow, 31)
    with django_assert_max_num_queries(40) as asked:
        assert retention.prune(timezone.now()) == 20
    selects = [query["sql"] for query in asked.captured_queries if query["sql"].startswith("SELECT")]
    assert not [sql for sql in selects if "trigger_payload" in sql]

"""Past occurrences as the API tells them, what is known of those that were missed, and how long they are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Project
from runs.models import Alert, Backfill, Firing
from workflows.models import Schedule, Workflow

KEPT = timedelta(days=90)
KEPT_OF_ONE = 10_000
BATCH = 500


def for_project(project: Project) -> QuerySet[Firing]:
    """The firings of one tenant. Every look-up starts here."""
    return Firing.objects.filter(workflow__project=project).select_related("workflow", "run")


def acknowledge(workflow: Workflow) -> int:
    """Somebody knows of the starts that did not happen; how many they were."""
    return Firing.objects.filter(workflow=workflow, alarm=True).update(alarm=False)


def firing_record(firing: Firing) -> dict[str, Any]:
    """`lag_ms`: from the due time to the start of the run, or until a clock looked."""
    run = firing.run
    started_at = run.started_at if run else None
    lag = (started_at or firing.seen_at) - firing.due_at
    return {
        "id": str(firing.pk),
        "workflow_id": firing.workflow_id,
        "workflow_name": firing.workflow.name,
        "schedule_id": firing.schedule_id,
        "backfill_id": firing.backfill_id,
        "due_at": firing.due_at,
        "seen_at": firing.seen_at,
        "started_at": started_at,
        "lag_ms": round(lag.total_seconds() * 1000),
        "outcome": firing.outcome,
        "reason": firing.reason,
        "alarm": firing.alarm,
        "run_id": firing.run_id,
        "run_status": run.status if run else None,
    }


def backfill_record(backfill: Backfill) -> dict[str, Any]:
    return {
        "id": backfill.pk,
        "workflow_id": backfill.workflow_id,
        "workflow_name": backfill.workflow.name,
        "schedule_id": backfill.schedule_id,
        "since": backfill.since,
        "until": backfill.until,
        "only_missing": backfill.only_missing,
        "per_minute": backfill.per_minute,
        "at_once": backfill.at_once,
        "status": backfill.status,
        "reason": backfill.reason,
        "total": backfill.total,
        "done": backfill.done,
        "next_due_at": backfill.next_due_at,
        "created_at": backfill.created_at,
        "completed_at": backfill.completed_at,
    }


def alert_record(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "kind": alert.kind,
        "message": alert.message,
        "subject_id": alert.subject_id,
        "run_id": alert.run_id,
        "run_status": alert.run.status if alert.run else None,
        "reason": alert.reason,
        "created_at": alert.created_at,
    }


def prune() -> int:
    """Forgets firings and alerts that are older than three months, and of a schedule that is due very often all but
    the latest ten thousand; how many, in small batches."""
    before = timezone.now() - KEPT
    count = _delete(Alert.objects.filter(created_at__lt=before))
    count += _delete(_settled().filter(due_at__lt=before, seen_at__lt=before))
    for schedule_id in Schedule.objects.values_list("pk", flat=True):
        mine = _settled().filter(schedule=schedule_id)
        beyond = mine.order_by("-due_at").values_list("due_at", flat=True)[KEPT_OF_ONE : KEPT_OF_ONE + 1]
        if last := beyond.first():
            count += _delete(mine.filter(due_at__lte=last))
    return count


def _settled() -> QuerySet[Firing]:
    return Firing.objects.exclude(outcome=Firing.Outcome.QUEUED)


def _delete(rows: QuerySet[Any]) -> int:
    count = 0
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        count += rows.model._default_manager.filter(pk__in=ids).delete()[0]
    return count

"""Deleting runs that have ended, by age and by how many each workflow keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from runs.models import Run
from runs.services import delete_runs
from wire.paging import NEWEST_FIRST, after
from workflows.models import Workflow

BATCH = 500
OLDEST_FIRST = ("created_at", "id")
BY = "retention"


def prune(now: datetime) -> int:
    """Of every workflow, also a deleted one, what is too old and what is more than is kept; how many runs.

    In small commits, the oldest first, so that it may be cut off at any time. A run whose end another run has still
    to take up stays.
    """
    gone = 0
    for workflow_id, days, most in Workflow.objects.values_list("id", "run_days", "runs_kept").iterator():
        ended = Run.objects.filter(workflow=workflow_id, status__in=Run.TERMINAL)
        gone += _delete_older(ended, now, settings.RUN_DAYS if days is None else days)
        gone += _delete_beyond(ended, settings.RUNS_KEPT if most is None else most)
    return gone


def _delete_older(ended: QuerySet[Run], now: datetime, days: int) -> int:
    if not days:
        return 0
    before = now - timedelta(days=days)
    # What ended before then was made before then, and that is what there is an index for.
    return _delete(ended.filter(created_at__lt=before, completed_at__lt=before))


def _delete_beyond(ended: QuerySet[Run], most: int) -> int:
    """Only here the index is walked past what is kept: once an hour, and of the limited workflows alone."""
    if not most:
        return 0
    latest = ended.order_by(*NEWEST_FIRST).values_list("created_at", "id")
    last = latest[most - 1 : most].first()
    return _delete(ended.filter(after(last, NEWEST_FIRST))) if last else 0


def _delete(runs: QuerySet[Run]) -> int:
    return sum(delete_runs(ids, by=BY) for ids in _batches(runs))


def _batches(runs: QuerySet[Run]) -> Iterator[list[str]]:
    """Each goes on behind the one before: what cannot be deleted yet is passed over."""
    rows = left = runs.order_by(*OLDEST_FIRST).values_list("created_at", "id")
    while batch := list(left[:BATCH]):
        yield [run_id for _, run_id in batch]
        left = rows.filter(after(batch[-1], OLDEST_FIRST))

"""The processes that work on runs as the API tells them, and why a run that is ready is taken by none of them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from runs.models import Run, Worker
from workflows.requirements import requirement_of

NOTICED_AFTER = timedelta(seconds=5)
"""A run that is ready for a shorter time is on its way."""
KEPT_SECONDS = 1.0


def worker_records() -> list[dict[str, Any]]:
    """Those at work, and those that died within the last day; the newest first."""
    held = Run.objects.filter(owner=OuterRef("pk")).values("owner").annotate(count=Count("pk")).values("count")
    found = Worker.objects.filter(stopped_at=None).annotate(now=Now(), held=Coalesce(Subquery(held), 0))
    return [_record(worker) for worker in found.order_by("-started_at", "id")]


def _record(worker: Any) -> dict[str, Any]:
    return {
        "id": worker.id,
        "is_alive": worker.lease_until > worker.now,
        "claims": worker.claims,
        "runs_held": worker.held,
        "host": worker.host,
        "pid": worker.pid,
        "started_at": worker.started_at,
        "lease_until": worker.lease_until,
        "code_version": worker.code_version,
        "engine_format": worker.engine_format,
        "node_kinds": worker.node_kinds or [],
    }


def why_nobody_takes(run: Run) -> str:
    """Of a run that has been ready for a while and that no worker could take as things are; else nothing."""
    if run.owner is not None or run.ready_at is None or run.status not in Run.GOING:
        return ""
    if run.ready_at > timezone.now() - NOTICED_AFTER:
        return ""
    workers = _claiming()
    if not workers:
        return "No worker is running."
    needed = requirement_of(run.version)
    lacking = min((_lacking(worker, *needed) for worker in workers), key=len)
    return f"No worker knows all that it needs. Missing: {', '.join(lacking)}." if lacking else ""


def _lacking(worker: Worker, engine_format: int, kinds: list[str]) -> list[str]:
    if worker.node_kinds is None:  # of before it was on record: nobody can say
        return []
    known = set(worker.node_kinds)
    lacking = [f"node kind “{kind}”" for kind in kinds if kind not in known]
    return lacking if engine_format <= worker.engine_format else [*lacking, f"engine format {engine_format}"]


_kept: tuple[float, list[Worker]] = (float("-inf"), [])


def _claiming() -> list[Worker]:
    global _kept
    if time.monotonic() - _kept[0] >= KEPT_SECONDS:
        _kept = (time.monotonic(), list(Worker.objects.filter(claims=True, lease_until__gt=Now())))
    return _kept[1]

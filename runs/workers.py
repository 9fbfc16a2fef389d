"""The processes that work on runs as the API tells them, and why a run that is ready is taken by none of them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from runs.models import Run, Worker
from workflows.models import Version
from workflows.requirements import requirement_of

NOTICED_AFTER = timedelta(seconds=5)
"""A run that is ready for a shorter time is on its way."""
KEPT_SECONDS = 1.0


MOST_SHOWN = 200


def worker_records() -> list[dict[str, Any]]:
    """Those at work, and those that stopped or died within the last day; the newest first."""
    held = Run.objects.filter(owner=OuterRef("pk")).values("owner").annotate(count=Count("pk")).values("count")
    found = Worker.objects.annotate(now=Now(), held=Coalesce(Subquery(held), 0))
    return [_record(worker) for worker in found.order_by("-started_at", "id")[:MOST_SHOWN]]


def _record(worker: Any) -> dict[str, Any]:
    return {
        "id": worker.id,
        "state": _state(worker),
        "claims": worker.claims,
        "slots": worker.slots,
        "runs_held": worker.held,
        "host": worker.host,
        "pid": worker.pid,
        "started_at": worker.started_at,
        "heard_at": worker.heard_at,
        "lease_until": worker.lease_until,
        "code_version": worker.code_version,
        "engine_format": worker.engine_format,
        "node_kinds": worker.node_kinds or [],
    }


def _state(worker: Any) -> str:
    if worker.stopped_at is not None:
        return "stopped"
    return "alive" if worker.lease_until > worker.now else "lapsed"


def untaken() -> list[dict[str, Any]]:
    """Runs that nobody can take as things are, by version, those that have been ready longest first."""
    ready = Run.objects.filter(owner=None, ready_at__lte=Now() - NOTICED_AFTER, status__in=Run.GOING)
    kinds = ready.values("version_id", "version__number", "workflow_id", "workflow__name")
    groups: Any = list(kinds.annotate(runs=Count("pk"), since=Min("ready_at")).order_by("since"))
    versions = Version.objects.select_related("requirement").in_bulk([group["version_id"] for group in groups])
    records = [_untaken_record(group, _why_not(versions[group["version_id"]])) for group in groups]
    return [record for record in records if record["reason"]]


def _untaken_record(group: dict[str, Any], reason: str) -> dict[str, Any]:
    return {
        "workflow_id": group["workflow_id"],
        "workflow_name": group["workflow__name"],
        "version": group["version__number"],
        "runs": group["runs"],
        "since": group["since"],
        "reason": reason,
    }


def why_nobody_takes(run: Run) -> str:
    """Of a run that has been ready for a while and that no worker could take as things are; else nothing."""
    if run.owner is not None or run.ready_at is None or run.status not in Run.GOING:
        return ""
    if run.ready_at > timezone.now() - NOTICED_AFTER:
        return ""
    return _why_not(run.version)


def _why_not(version: Version) -> str:
    workers = _claiming()
    if not workers:
        return "No worker is running."
    needed = requirement_of(version)
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

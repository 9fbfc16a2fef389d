"""Tasks that workers outside take, keep and report on. A task is the wait of a node; its id is that of the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Now, StrIndex
from django.utils import timezone

from accounts.models import Project
from runs.engine.big_values import kept_values
from runs.engine.messages import Messages
from runs.engine.worker_tasks import NO_DOMAIN
from runs.models import Log, Run, Wait
from runs.services.outcomes import Failure, pending_waits, tell_outcome
from runs.services.steering import locked

ReportStatus = Literal["in_progress", "completed", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says of its task. `failed` is tried again by the node's or the task type's rule, `refused` is
    not. One in progress is kept for another lease, or given out again `after` so many seconds."""

    status: ReportStatus
    output: Any = None
    reason: str = ""
    worker: str = ""
    after: float | None = None


def offered_tasks(project: Project, task_type: str, domain: str | None = None) -> QuerySet[Wait]:
    """Those that a worker may have now, the most urgent first."""
    waits = Wait.objects.filter(kind=Wait.Kind.TASK, name=task_type, done_at=None, poll_at__lte=Now())
    mine = waits.filter(run__project=project, run__status__in=Run.GOING, run__intent=Run.Intent.NONE)
    in_domain = Q(place__gt=0) if domain else Q(place__gt=0) | Q(domains=None)
    named = mine.annotate(place=StrIndex("domains", Value(f",{domain or NO_DOMAIN},")))
    return named.filter(in_domain).order_by("-priority", "id")


def take_tasks(project: Project, task_type: str, worker: str, count: int, domain: str | None = None) -> list[Wait]:
    """Up to `count` of them are this worker's from now on, for as long as the lease of each. Of several that ask at
    once no two get the same."""
    with transaction.atomic():
        free = offered_tasks(project, task_type, domain).select_for_update(skip_locked=True, of=("self",), no_key=True)
        taken = list(free[:count])
        for wait in taken:
            lease = timedelta(seconds=wait.outcome["lease"])
            Wait.objects.filter(pk=wait.pk).update(
                poll_at=Now() + lease, polled_at=Now(), worker=worker, polls=F("polls") + 1
            )
    ids = [wait.pk for wait in taken]
    found = Wait.objects.filter(pk__in=ids).select_related("run__workflow", "run__version")
    return list(found.order_by("-priority", "id"))


def report_task(wait: Wait, report: Report) -> bool:
    """False where nothing changes: the task is over already, or its run is; or the worker's lease ran out, and another
    one has the task by now. That it was completed is taken from anybody."""
    with transaction.atomic():
        run = locked(wait.run)
        now = pending_waits(run).filter(pk=wait.pk).first()
        if now is None or run.is_terminal or run.intent != Run.Intent.NONE:
            return False
        if report.status != "completed" and _is_elsewhere(now, report.worker):
            return False
        if report.status == "in_progress":
            _keep(now, report)
        else:
            failure = Failure("task_failed", report.reason, report.status == "failed")
            tell_outcome(now, report.output, None if report.status == "completed" else failure)
            Wait.objects.filter(pk=now.pk).update(poll_at=None, progress=_kept(now, report))
    return True


def _is_elsewhere(wait: Wait, worker: str) -> bool:
    is_leased = wait.poll_at is not None and wait.poll_at > timezone.now()
    return bool(is_leased and worker and wait.worker and worker != wait.worker)


def _keep(wait: Wait, report: Report) -> None:
    if wait.kind != Wait.Kind.TASK:
        return
    seconds = wait.outcome["lease"] if report.after is None else report.after
    until = Now() + timedelta(seconds=seconds)
    Wait.objects.filter(pk=wait.pk).update(poll_at=until, progress=_kept(wait, report))


def _kept(wait: Wait, report: Report) -> Any:
    return kept_values(wait.run_id, [report.output])[0]


def log_task(log: Log, lines: Iterable[str]) -> None:
    """Among the messages of the attempt; beyond as many as an attempt may have they are left out."""
    with transaction.atomic():
        locked(log.run)
        messages = Messages(cast("list[Any]", Log.objects.values_list("messages", flat=True).get(pk=log.pk) or []))
        for line in lines:
            messages.add(timezone.now(), "info", line)
        Log.objects.filter(pk=log.pk).update(messages=messages.said)

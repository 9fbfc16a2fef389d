"""Tasks that somebody outside completes: found by the reference name, or because the run stands still at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from runs import services
from runs.dialects.conductor.blocking import rest
from runs.dialects.conductor.forked import Forked
from runs.dialects.conductor.records import log_of
from runs.dialects.conductor.told import tasks_of
from runs.models import Log, Run, Wait
from runs.services.worker_tasks import ReportStatus
from runs.waiting import look_until
from wire.problems import BadRequest, NotFound

PATIENCE_SECONDS = 5
"""For a run that is on its way to the task, and for a task to be over."""

STATUSES: dict[str, ReportStatus] = {
    "IN_PROGRESS": "in_progress",
    "COMPLETED": "completed",
    "FAILED": "failed",
    "FAILED_WITH_TERMINAL_ERROR": "refused",
}


def update_by_ref(run: Run, ref: str, status: str, output: dict[str, Any]) -> Log:
    """Raises NotFound when there is no such task that is not over."""
    reported = report_status(status)
    wait = _pending_at(run, ref)
    if wait is None:
        raise NotFound(f"No pending task {ref!r} in the workflow {run.handle or run.id}.")
    return _conclude(run, wait, reported, output)


def signal(run: Run, status: str, output: dict[str, Any]) -> Log:
    """The same for the task at which the run stands still, also in one that it waits for."""
    reported = report_status(status)
    wait = rest(run, PATIENCE_SECONDS)
    if wait is None:
        raise NotFound(f"The workflow {run.handle or run.id} waits for no signal.")
    return _conclude(wait.run, wait, reported, output)


def report_status(status: Any) -> ReportStatus:
    """Our word for it. Raises BadRequest."""
    if not isinstance(status, str) or status not in STATUSES:
        raise BadRequest.parameter("status", f"must be one of {', '.join(STATUSES)}.")
    return STATUSES[status]


def _pending_at(run: Run, ref: str) -> Wait | None:
    def look() -> tuple[Wait | None, bool]:
        now = Run.objects.get(pk=run.pk)
        pending = services.pending_waits(now)
        return pending.filter(_named(ref)).first() or _forked_as(ref, now, pending), now.is_on_its_way

    wait, _ = look_until(run.id, PATIENCE_SECONDS, look, lambda seen: seen[0] is not None or not seen[1])
    return wait


def _forked_as(ref: str, run: Run, pending: Iterable[Wait]) -> Wait | None:
    """The wait of a task that was known only when it ran."""
    forked = Forked(run, tasks_of(run.version_id))
    items = ((wait, forked.at(wait.node_id, wait.iteration)) for wait in pending)
    return next((wait for wait, item in items if item and item["ref"] == ref), None)


def _named(ref: str) -> Q:
    """In a loop a task has its iteration's number behind its name."""
    name, _, number = ref.rpartition("__")
    if not (name and number.isdecimal() and len(number) < 9):
        return Q(node_id=ref)
    index = int(number) - 1
    return Q(node_id=ref) | Q(node_id=name) & (Q(iteration=str(index)) | Q(iteration__endswith=f".{index}"))


def _conclude(run: Run, wait: Wait, status: ReportStatus, output: dict[str, Any]) -> Log:
    log = log_of(wait)
    services.report_task(wait, services.Report(status, output, reason_of(wait.node_id, status)))
    if status != "in_progress":
        until_taken(wait)
    return log


def until_taken(wait: Wait) -> None:
    """Until the run has heard what came of it: clients read the run right after."""
    look_until(wait.run_id, PATIENCE_SECONDS, lambda: _is_taken(wait.run, wait), bool)


def reason_of(ref: str, status: ReportStatus) -> str:
    """What is told of a task whose worker gave no reason."""
    said = next(word for word, ours in STATUSES.items() if ours == status)
    return f"The task {ref} was reported as {said}."


def _is_taken(run: Run, wait: Wait) -> bool:
    """A run that is held takes nothing before it goes on."""
    is_over = Wait.objects.filter(pk=wait.pk, done_at__isnull=False).exists()
    return is_over or not Run.objects.filter(pk=run.pk, status__in=Run.GOING).exists()

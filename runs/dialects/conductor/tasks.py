"""Tasks that somebody outside completes: found by the reference name, or because the run stands still at them."""

from __future__ import annotations

from typing import Any

from runs import services
from runs.dialects.conductor.blocking import log_of, patiently, rest
from runs.models import Log, Run, Wait
from wire.problems import BadRequest, NotFound

PATIENCE_SECONDS = 5
"""For a run that is on its way to the task, and for a task to be over."""

IN_PROGRESS, COMPLETED = "IN_PROGRESS", "COMPLETED"
FAILED, TERMINAL = "FAILED", "FAILED_WITH_TERMINAL_ERROR"
RESULTS = (IN_PROGRESS, COMPLETED, FAILED, TERMINAL)


def update_by_ref(run: Run, ref: str, status: str, output: dict[str, Any]) -> Log:
    """Raises NotFound when there is no such task that is not over."""
    check_status(status)
    wait = _pending_at(run, ref)
    if wait is None:
        raise NotFound(f"No pending task {ref!r} in the workflow {run.handle or run.id}.")
    return _conclude(run, wait, status, output)


def signal(run: Run, status: str, output: dict[str, Any]) -> Log:
    """The same for the task at which the run stands still, also in one that it waits for."""
    check_status(status)
    wait = rest(run, PATIENCE_SECONDS)
    if wait is None:
        raise NotFound(f"The workflow {run.handle or run.id} waits for no signal.")
    return _conclude(wait.run, wait, status, output)


def check_status(status: str) -> None:
    if status not in RESULTS:
        raise BadRequest.parameter("status", f"must be one of {', '.join(RESULTS)}.")


def _pending_at(run: Run, ref: str) -> Wait | None:
    def look() -> tuple[Wait | None, bool]:
        now = Run.objects.get(pk=run.pk)
        is_on_its_way = now.status in Run.GOING and (now.owner or now.ready_at) is not None
        return services.pending_waits(now).filter(node_id=ref).first(), is_on_its_way

    wait, _ = patiently(run, PATIENCE_SECONDS, look, lambda seen: seen[0] is not None or not seen[1])
    return wait


def _conclude(run: Run, wait: Wait, status: str, output: dict[str, Any]) -> Log:
    log = log_of(wait)
    if status == IN_PROGRESS:
        return log
    services.tell_outcome(wait, output, failure_of(wait, status))
    patiently(run, PATIENCE_SECONDS, lambda: _is_taken(run, wait), bool)
    return log


def failure_of(wait: Wait, status: str, reason: str = "") -> services.Failure | None:
    if status == COMPLETED:
        return None
    message = reason or f"The task {wait.node_id} was reported as {status}."
    return services.Failure("task_failed", message, retryable=status == FAILED)


def _is_taken(run: Run, wait: Wait) -> bool:
    """A run that is held takes nothing before it goes on."""
    is_over = Wait.objects.filter(pk=wait.pk, done_at__isnull=False).exists()
    return is_over or not Run.objects.filter(pk=run.pk, status__in=Run.GOING).exists()

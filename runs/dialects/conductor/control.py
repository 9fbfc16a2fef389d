"""What may be asked of a run, for one and for many: guarded as Conductor guards it."""

from __future__ import annotations

from dataclasses import replace

from runs import alerts, services
from runs.dialects.conductor.blocking import begun
from runs.dialects.conductor.errors import no_such_workflow
from runs.dialects.conductor.versions import is_restartable
from runs.models import Run, Wait
from runs.services import Retry
from runs.waiting import wait_for_end
from wire.problems import Conflict, NotFound

STOP_SECONDS = 5
ENDING_SECONDS = 2


def pause(run: Run) -> None:
    if run.is_terminal:
        raise _ended(run)
    services.suspend_run(begun(run))


def resume(run: Run) -> None:
    if run.status != Run.Status.SUSPENDED:
        raise Conflict(f"The workflow {run.id} is not paused, so cannot be resumed.", code="not_paused")
    services.resume_run(run)


def terminate(run: Run, reason: str, by: str, *, tells: bool = False) -> None:
    """With `tells` its failure workflow is started, as if it had failed."""
    if run.is_terminal and run.status != Run.Status.TERMINATED:
        raise _ended(run)
    services.terminate_run(run, reason=reason, by=by)
    if not run.is_terminal:
        wait_for_end(run.id, STOP_SECONDS)  # clients take it for ended when this is answered
    if tells:
        _look_again(run)
        alerts.tell_of_end(run)


def nearly_over(run: Run) -> None:
    """Waits for the end of a run that waits for nothing any more: clients ask for another one as soon as they have
    reported on its last task."""
    elsewhere = run.waits.filter(done_at=None, kind__in=(Wait.Kind.CHILD, Wait.Kind.BACKOFF, Wait.Kind.START))
    is_waiting = elsewhere.exists() or services.pending_waits(run).exists()
    if run.status in Run.GOING and not is_waiting:
        wait_for_end(run.id, ENDING_SECONDS)
        _look_again(run)


def _look_again(run: Run) -> None:
    """It may have been purged since it was found."""
    try:
        run.refresh_from_db()
    except Run.DoesNotExist:
        raise no_such_workflow(run.handle or run.id) from None


def restart(run: Run, *, latest: bool = False) -> Run:
    nearly_over(run)
    if run.status == Run.Status.COMPLETED and not is_restartable(run.version):
        raise NotFound(f"The workflow {run.id} has completed, and its definition says that it is not restartable.")
    return services.retry_run(run, Retry(version=None if latest else "same", takes_handle=True))


def retry(run: Run) -> Run:
    """From what failed on; what was done keeps its outcome."""
    nearly_over(run)
    if not run.is_terminal:
        raise NotFound(f"The workflow {run.id} has not ended, so cannot be retried.")
    return services.retry_run(run, Retry(from_failed=True, takes_handle=True))


def rerun(run: Run, again: Retry) -> Run:
    nearly_over(run)
    return services.retry_run(run, replace(again, takes_handle=True))


def remove(run: Run, by: str) -> None:
    """With those before it that had its id, which would be found by it again."""
    earlier, older = [], run.retry_of if run.handle else None
    while older is not None and older.handle is None:
        earlier.append(older.id)
        older = older.retry_of
    services.purge_run(run, by=by, force=True)
    services.delete_runs(earlier, by=by)


def _ended(run: Run) -> Conflict:
    return Conflict(f"The workflow {run.id} has ended as {run.status}.", code="run_ended")

"""Running again. What has ended never changes, so a retry is a new run that names the old one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db import transaction
from django.db.models import Max, Q

from runs.engine.state import THROWN
from runs.models import Log, Run
from runs.services.starting import StartOptions, start_run
from wire.ids import new_id
from wire.problems import Conflict, Invalid

SAME_PAYLOAD: Final = object()


@dataclass(frozen=True, slots=True)
class Retry:
    payload: Any = SAME_PAYLOAD
    version: int | Literal["draft", "same"] | None = "same"
    """What the run ran, a published number, the draft as it is now, or (None) the newest published one."""
    from_failed: bool = False
    """Keeps every outcome that was recorded, and begins with the nodes that have none."""
    anew: Collection[str] = ()
    """With `from_failed`: nodes that begin again although they have an outcome."""
    takes_handle: bool = False
    """The id that the caller holds, its own or ours, names the new run from now on; the old one keeps ours."""


def retry_run(run: Run, retry: Retry | None = None) -> Run:
    """A new run from the same trigger, with all that the caller said of the first one.

    Raises Conflict: `run_not_ended`, `workflow_deleted`, `nothing_to_retry` when `from_failed` is asked of a
    completed run, and what `start_run` raises; Invalid when recorded outcomes are to meet another payload or version.
    """
    retry = retry or Retry()
    _check(run, retry)
    with transaction.atomic():
        handle = (run.handle or run.id) if retry.takes_handle else None
        if run.handle and retry.takes_handle:
            Run.objects.filter(id=run.id).update(handle=None)
        payload = run.trigger_payload if retry.payload is SAME_PAYLOAD else retry.payload
        again = start_run(run.workflow, payload, _options(run, retry, handle))
        if retry.from_failed:
            _take_over(run, again, _SETTLED & ~Q(node_id__in=retry.anew))
        elif again.partial:
            _take_over(run, again, Q(node_id__in=again.partial["given"]))
    again.workflow = run.workflow
    return again


def _check(run: Run, retry: Retry) -> None:
    if not run.is_terminal:
        raise Conflict("The run has not ended; only what has ended can be run again.", code="run_not_ended")
    if run.workflow.deleted_at is not None:
        raise Conflict("The workflow of this run was deleted.", code="workflow_deleted")
    if not retry.from_failed:
        return
    if run.status == Run.Status.COMPLETED:
        raise Conflict("The run completed: there is no failed node to begin with.", code="nothing_to_retry")
    if retry.payload is not SAME_PAYLOAD or retry.version != "same":
        raise Invalid("From the failed node a run goes on with its own payload and version.", code="not_the_same_run")


def _options(run: Run, retry: Retry, handle: str | None) -> StartOptions:
    seconds = None if run.deadline_at is None else (run.deadline_at - run.created_at).total_seconds()
    return StartOptions(
        trigger_type=run.trigger_type,
        trigger_node=run.trigger_node,
        version=None if retry.version == "same" else retry.version,
        version_of=run if retry.version == "same" else None,
        correlation_id=run.correlation_id,
        priority=run.priority,
        metadata=run.metadata,
        extra=run.extra,
        handle=handle,
        retry_of=run,
        deadline_seconds=seconds,
        partial=run.partial if retry.version == "same" else None,
    )


# What lies in a container belongs to it: one that failed begins anew, one that completed is not entered again.
_SETTLED = Q(iteration="") & (Q(status=Log.Status.COMPLETED) | Q(handle__isnull=False) & ~Q(handle=THROWN))


def _take_over(run: Run, again: Run, which: Q) -> None:
    """These logs as the history of an owner before the first one (epoch 1)."""
    logs = list(run.logs.filter(which))
    for log in logs:
        log.id, log.run_id, log.epoch, log.passes = new_id("fl_log"), again.id, 1, None
    Log.objects.bulk_create(logs, batch_size=500)
    last = again.logs.aggregate(last=Max("seq"))["last"] or 0
    Run.objects.filter(id=again.id).update(epoch=1, seq=last)
    again.epoch, again.seq = 1, last

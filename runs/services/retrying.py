"""Running again. What has ended never changes, so a retry is a new run that names the old one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from django.db import transaction
from django.utils import timezone

from runs.engine.big_values import keep_in_logs
from runs.engine.claimed import part_of
from runs.engine.plan import Place
from runs.keeping import kept
from runs.models import Log, Run, Wait
from runs.services.starting import StartOptions, start_run
from runs.services.steering import locked
from runs.services.variables import hand_on_variables
from runs.story import drawing_of
from wire.ids import new_id
from wire.problems import Conflict, Invalid
from workflows.document import Document
from workflows.models import Version
from workflows.node_settings import NodeOptions

SAME_PAYLOAD: Final = object()


@dataclass(frozen=True, slots=True)
class Retry:
    payload: Any = SAME_PAYLOAD
    version: int | Literal["draft", "same"] | Version | None = "same"
    """What the run ran, a published number, the draft as it is now, (None) the newest published one, or one that is
    drawn like what the run ran and differs in its settings."""
    from_failed: bool = False
    """Keeps every outcome that was recorded, and begins with the nodes that have none."""
    begin_at: Collection[Place] = ()
    """Places that have run: the new run begins with them. What follows from them runs again; every other outcome is
    kept."""
    correlation_id: str | None = None
    """Another one than the run's."""
    takes_handle: bool = False
    """The id that the caller holds, its own or ours, names the new run from now on; the old one keeps ours."""


def retry_run(run: Run, retry: Retry | None = None) -> Run:
    """A new run from the same trigger, with all that the caller said of the first one.

    Raises Conflict: `run_not_ended`, `workflow_deleted`, `nothing_to_retry` when `from_failed` is asked of a
    completed run, `not_run` for a place to begin at that has not run, and what `start_run` raises; Invalid when
    recorded outcomes are to meet another version, or with `from_failed` another payload; NotFound when it was purged.
    """
    retry = retry or Retry()
    _check(run, retry)
    with transaction.atomic():
        locked(run)
        handle = (run.handle or run.id) if retry.takes_handle else None
        if run.handle and retry.takes_handle:
            Run.objects.filter(id=run.id).update(handle=None)
        payload = run.trigger_payload if retry.payload is SAME_PAYLOAD else retry.payload
        again = start_run(run.workflow, payload, _options(run, retry, handle))
        if retry.from_failed or retry.begin_at:
            _take_over_kept(run, again, retry.begin_at)
        elif again.partial:
            _take_over_given(run, again, again.partial)
    again.workflow = run.workflow
    return again


def _check(run: Run, retry: Retry) -> None:
    if not run.is_terminal:
        raise Conflict("The run has not ended; only what has ended can be run again.", code="run_not_ended")
    if run.workflow.deleted_at is not None:
        raise Conflict("The workflow of this run was deleted.", code="workflow_deleted")
    if retry.from_failed and run.status == Run.Status.COMPLETED:
        raise Conflict("The run completed: there is no failed node to begin with.", code="nothing_to_retry")
    if retry.from_failed and retry.payload is not SAME_PAYLOAD:
        raise Invalid("From the failed node a run goes on with its own payload.", code="not_the_same_run")
    is_drawn_alike = retry.version == "same" or isinstance(retry.version, Version)
    if (retry.from_failed or retry.begin_at) and not is_drawn_alike:
        raise Invalid("What was recorded belongs to the version that ran.", code="not_the_same_run")
    _refuse_what_has_not_run(run, retry.begin_at)


def _refuse_what_has_not_run(run: Run, places: Collection[Place]) -> None:
    given = run.partial["given"] if run.partial else ()
    for place in places:
        has_run = run.logs.filter(node_id=place.node_id, iteration=place.iteration).exists()
        if not has_run or place.node_id in given:
            where = f" in iteration {place.iteration}" if place.iteration else ""
            text = f"“{place.node_id}” did not run{where}, so that nothing can begin with it."
            raise Conflict(text, code="not_run")


def _options(run: Run, retry: Retry, handle: str | None) -> StartOptions:
    return StartOptions(
        trigger_type=run.trigger_type,
        trigger_node=run.trigger_node,
        version=None if retry.version == "same" else retry.version,
        version_of=run if retry.version == "same" else None,
        correlation_id=retry.correlation_id or run.correlation_id,
        priority=run.priority,
        metadata=run.metadata,
        extra=run.extra,
        handle=handle,
        retry_of=run,
        deadline_seconds=_seconds_allowed(run),
        partial=run.partial if retry.version == "same" else None,
    )


def _seconds_allowed(run: Run) -> float | None:
    """From when the run might begin to its deadline."""
    if run.deadline_at is None:
        return None
    later = run.waits.filter(kind=Wait.Kind.START).values_list("wake_at", flat=True).first()
    return (run.deadline_at - (later or run.created_at)).total_seconds()


def _take_over_kept(run: Run, again: Run, begin_at: Collection[Place]) -> None:
    drawing = drawing_of(run.version_id)
    if drawing.plan is None:
        return
    part = part_of(run.partial) if run.partial else None
    held = kept(drawing.plan, run.logs.all(), begin_at, again.trigger_payload, run.trigger_node, part)
    _take_over(again, [*map(_opened_again, held.reopened), *held.settled])
    hand_on_variables(run, again)
    _limit_again(again, held.reopened, drawing.document)


def _take_over_given(run: Run, again: Run, partial: Mapping[str, Any]) -> None:
    """What a run of a part of the draft began with."""
    given = list(run.logs.filter(node_id__in=partial["given"]))
    around = partial.get("passes", {}) if partial["scope"] in ("only", "from") else {}
    opened = run.logs.filter(node_id__in=around, attempt=1, passes__isnull=False)
    _take_over(again, [*given, *map(_opened_again, opened)])


def _opened_again(log: Log) -> Log:
    log.status, log.started_at = Log.Status.STARTED, timezone.now()
    log.handle = log.output = log.error = log.completed_at = None
    return log


def _take_over(again: Run, logs: Sequence[Log]) -> None:
    """As the history of an owner before the first one (epoch 1)."""
    keep_in_logs(again.id, logs)
    for seq, log in enumerate(logs, start=1):
        log.id, log.run_id, log.epoch, log.seq = new_id("fl_log"), again.id, 1, seq
    Log.objects.bulk_create(logs, batch_size=500)
    Run.objects.filter(id=again.id).update(epoch=1, seq=len(logs))
    again.epoch, again.seq = 1, len(logs)


def _limit_again(again: Run, reopened: Sequence[Log], document: Document) -> None:
    """The time that a container has begins when it is opened."""
    data = {node["id"]: node["data"] for node in document["nodes"]}
    for log in reopened:
        seconds = NodeOptions.of(data[log.node_id]).timeout
        if seconds is not None:
            Wait.objects.create(
                run=again,
                node_id=log.node_id,
                iteration=log.iteration,
                attempt=log.attempt,
                kind=Wait.Kind.TIMEOUT,
                wake_at=log.started_at + timedelta(seconds=seconds),
            )

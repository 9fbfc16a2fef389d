"""Runs and their logs as the API, the stream and the dialects tell them: plain dicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runs.engine.approval_links import approval_link
from runs.engine.plan import Place
from runs.models import Log, Run, Wait
from runs.story import Story
from runs.workers import why_nobody_takes
from wire.prepared import Prepared
from workflows.nodes.set_variables import SetVariables
from workflows.records import duration_ms, record_for_run

# --- runs ---


_logs_of = Prepared(lambda run_id: Log.objects.filter(run_id=run_id), 1)


def run_record(run: Run, *, with_logs: bool = True) -> dict[str, Any]:
    """Everything: the workflow with the drawing that ran, and all logs unless they are to be left out."""
    logs = _logs_of.all(run.id) if run.epoch else []  # nothing happens before somebody owns it
    story = Story(run, logs)
    return {
        **_fields(run),
        "trigger_payload": run.trigger_payload,
        "output": run.output,
        "variables": story.variables(),
        "response": {"more": False, **run.response} if run.response else None,
        "workflow": record_for_run(run.workflow, run.version, story.drawing.document),
        "logs": [story.log_record(log) for log in logs] if with_logs else [],
        "waits": wait_records(run, has_begun=bool(logs)),
        "node_states": story.node_states(),
    }


def run_head(run: Run) -> dict[str, Any]:
    """For lists: without workflow, logs, node states and payloads."""
    return {**_fields(run), "workflow_id": run.workflow_id, "workflow_name": run.workflow.name}


def stream_record(run: Run, node_states: Mapping[str, Any]) -> dict[str, Any]:
    """For who watches: the head, with output, waits and how these nodes stand."""
    return {
        **run_head(run),
        "output": run.output,
        "waits": wait_records(run, has_begun=run.epoch > 0),
        "node_states": node_states,
    }


def _fields(run: Run) -> dict[str, Any]:
    error: dict[str, Any] | None = run.error
    took = duration_ms(run.started_at, run.completed_at)
    return {
        "id": run.id,
        "run_id": run.handle,
        "status": run.status,
        "trigger_type": run.trigger_type,
        "error_message": error.get("message") if error else None,
        "error": {"node_id": None, **error} if error else None,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "duration_in_seconds": None if took is None else took // 1000,
        "duration_ms": took,
        "created_at": run.created_at,
        "deadline_at": run.deadline_at,
        "correlation_id": run.correlation_id,
        "priority": run.priority,
        "metadata": run.metadata,
        "version": run.version.number,
        "is_draft": run.is_draft,
        "partial": _part_record(run.partial) if run.partial else None,
        "retry_of": run.retry_of_id,
        "parent_run_id": run.parent_id,
        "reason": why_nobody_takes(run) or run.reason or None,
        "terminated_by": run.terminated_by or None,
    }


def _part_record(partial: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scope": partial["scope"],
        "node_id": partial["node_id"],
        "iteration": partial.get("iteration", ""),
    }


def wait_records(run: Run, *, has_begun: bool) -> list[dict[str, Any]]:
    """What the run waits for; before it begins that can only be the time at which it is to start."""
    starts_later = run.started_at is None and run.owner is None and run.ready_at is None
    if run.is_terminal or not (has_begun or starts_later):
        return []
    waits = run.waits.filter(done_at=None).order_by("id")
    if not starts_later:
        waits = waits.exclude(kind=Wait.Kind.START)
    return [_wait_record(wait) for wait in waits]


def _wait_record(wait: Wait) -> dict[str, Any]:
    about = (wait.outcome or {}).get("about") if wait.kind == Wait.Kind.EVENT else None
    place = Place(wait.node_id, wait.iteration)
    return {
        "node_id": wait.node_id,
        "iteration": wait.iteration,
        "kind": "approval" if about else wait.kind,
        "until": wait.wake_at,
        "name": None if about else wait.name,
        "correlation": wait.correlation,
        "run_id": wait.child_id,
        "message": about["message"] if about else None,
        "approvers": about["approvers"] if about else None,
        "link": approval_link(wait.run_id, place) if about else None,
        "lease": _lease_record(wait) if wait.polled_at else None,
    }


def _lease_record(wait: Wait) -> dict[str, Any]:
    return {"worker": wait.worker or None, "polls": wait.polls, "polled_at": wait.polled_at, "until": wait.poll_at}


# --- logs and nodes ---


def log_records(run: Run, logs: Sequence[Log]) -> list[dict[str, Any]]:
    """`logs` are all of the run so far."""
    story = Story(run, logs)
    return [story.log_record(log) for log in logs]


def page_of_logs(run: Run, page: Sequence[Log]) -> list[dict[str, Any]]:
    """A few of the run's logs in the order of `seq`. Those after them are not read, as what came into a node was put
    out before; but for the containers around them, whose own end is not to be known yet."""
    if not page:
        return []
    around = list(Log.objects.filter(run=run, seq__gt=page[-1].seq, passes__isnull=False))
    for container in around:
        container.status, container.handle = Log.Status.STARTED, None
    story = Story(run, [*Log.objects.filter(run=run, seq__lt=page[0].seq), *page, *around])
    return [story.log_record(log) for log in page]


def variables_of(run: Run, logs: Sequence[Log]) -> dict[str, Any]:
    """As they stand now, with those that were set from outside and that nobody has taken over yet."""
    if not run.events and all(log.kind != SetVariables.kind for log in logs):
        return {}
    return Story(run, logs).variables()

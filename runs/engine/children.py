"""Runs that a node starts: which workflow is meant, and the row that the journal will make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runs.engine import queries
from runs.engine.claimed import ChildEnd, ClaimedRun
from runs.engine.database import Database
from runs.engine.new_run import MAX_DEPTH, deadline_of, run_row
from runs.engine.worker_tasks import inherited
from wire.ids import new_id
from wire.strict_json import JsonFault, check_value
from workflows.nodes.base import NodeError, Output, StartChild


@dataclass(frozen=True, slots=True)
class ChildRun:
    id: str
    row: dict[str, Any]
    wait: bool


def result_of(end: ChildEnd, child_id: str | None) -> Output | NodeError:
    """How a node that waited for a run ends."""
    if end.status == "completed":
        return Output(end.output)
    how = end.status or "deleted"
    said = (end.error or {}).get("message") or f"It was {how}."
    return NodeError(f"child_{how}", f"The run {child_id} did not complete. {said}", retryable=end.status == "failed")


def prepare(database: Database, parent: ClaimedRun, wanted: StartChild, now: datetime) -> ChildRun:
    """Raises NodeError when there is nothing to start, or the runs start one another without end."""
    if parent.depth >= MAX_DEPTH:
        raise NodeError("too_deep", f"Sub-workflows are nested more than {MAX_DEPTH} deep.", retryable=False)
    try:
        check_value(wanted.payload)
    except JsonFault as fault:
        raise NodeError("payload_not_json", str(fault), field="payload", retryable=False) from fault
    asked = {"project": parent.project_id, "name": wanted.workflow, "parent": parent.id}
    found = database.rows(queries.FIND_WORKFLOW, asked)
    if not found:
        raise NodeError("workflow_not_found", f"There is no workflow {wanted.workflow!r}.", field="workflow")
    workflow_id, version_id, seconds, extra = found[0]
    if version_id is None:
        raise NodeError("not_published", f"The workflow {wanted.workflow!r} is not published.", field="workflow")
    run_id = new_id("fl_run")
    row = run_row(
        run_id=run_id,
        project_id=parent.project_id,
        workflow_id=workflow_id,
        version_id=version_id,
        trigger_type="workflow",
        payload=wanted.payload,
        at=now,
        correlation_id=parent.correlation_id,
        priority=parent.priority,
        extra=inherited(extra) if extra else None,
        parent_id=parent.id,
        depth=parent.depth + 1,
        deadline_at=deadline_of(now, seconds),
    )
    return ChildRun(run_id, row, wanted.wait)

"""A run's row before anything happened to it. The start service and the journal (child runs) write the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from wire.strict_json import dumps
from wire.times import to_wire

MAX_DEPTH = 10


def deadline_of(start: datetime, seconds: float | None) -> datetime | None:
    """When a run must have ended that may start then."""
    return None if seconds is None else start + timedelta(seconds=seconds)


def starts_at(moment: datetime) -> str:
    """The reason of a run that is to start later."""
    return f"It starts at {to_wire(moment)}."


def run_row(
    *,
    run_id: str,
    project_id: str,
    workflow_id: str,
    version_id: str,
    trigger_type: str,
    payload: Any,
    at: datetime,
    trigger_node: str = "",
    is_draft: bool = False,
    handle: str | None = None,
    correlation_id: str | None = None,
    metadata: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
    priority: int = 0,
    retry_of_id: str | None = None,
    parent_id: str | None = None,
    depth: int = 0,
    deadline_at: datetime | None = None,
    partial: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "id": run_id,
        "project_id": project_id,
        "workflow_id": workflow_id,
        "version_id": version_id,
        "is_draft": is_draft,
        "handle": handle,
        "correlation_id": correlation_id,
        "metadata": dumps(metadata or {}),
        "extra": None if extra is None else dumps(extra),
        "priority": priority,
        "trigger_type": trigger_type,
        "trigger_node": trigger_node,
        "trigger_payload": "null" if payload is None else dumps(payload),
        "retry_of_id": retry_of_id,
        "parent_id": parent_id,
        "depth": depth,
        "partial": None if partial is None else dumps(partial),
        "status": "pending",
        "intent": "",
        "owner": None,
        "epoch": 0,
        "ready_at": at,
        "crashes": 0,
        "seq": 0,
        "output": None,
        "error": None,
        "response": None,
        "reason": "",
        "terminated_by": "",
        "created_at": at,
        "started_at": None,
        "completed_at": None,
        "deadline_at": deadline_at,
        "events": 0,
    }

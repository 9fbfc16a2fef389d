"""An instance's state in Dapr's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Max

from runs.models import Run
from wire import strict_json
from wire.times import to_wire

STATUS = {
    "pending": "PENDING",
    "running": "RUNNING",
    "waiting": "RUNNING",
    "suspended": "SUSPENDED",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "terminated": "TERMINATED",
}


def state(run: Run) -> dict[str, Any]:
    return {
        "instanceID": instance_id(run),
        "workflowName": run.workflow.key,
        "createdAt": to_wire(run.created_at),
        "lastUpdatedAt": to_wire(last_updated(run)),
        "runtimeStatus": STATUS[run.status],
        "properties": properties(run),
    }


def properties(run: Run) -> dict[str, str]:
    """Text to text; what is JSON is JSON inside the text. The caller's metadata stands under its own keys."""
    error = run.error or {}
    told = {
        "dapr.workflow.input": input_text(run),
        "dapr.workflow.output": output_text(run),
        "dapr.workflow.failure.error_type": error.get("code") if run.status == Run.Status.FAILED else None,
        "dapr.workflow.failure.error_message": error.get("message") if run.status == Run.Status.FAILED else None,
    }
    return {**run.metadata, **{name: str(text) for name, text in told.items() if text}}


def instance_id(run: Run) -> str:
    return run.handle or run.id


def start_at(run: Run) -> datetime | None:
    """When it was to start, where its caller named a time."""
    told = (run.extra or {}).get("start_at")
    return datetime.fromisoformat(told) if told else None


def input_text(run: Run) -> str | None:
    """As it was sent."""
    if run.extra and "input" in run.extra:
        return str(run.extra["input"])
    return None if run.trigger_payload is None else strict_json.dumps(run.trigger_payload)


def output_text(run: Run) -> str | None:
    has_output = run.status == Run.Status.COMPLETED or (run.status == Run.Status.TERMINATED and run.output is not None)
    return strict_json.dumps(run.output) if has_output else None


def last_updated(run: Run) -> datetime:
    if run.completed_at is not None:
        return run.completed_at
    times = run.logs.aggregate(started=Max("started_at"), completed=Max("completed_at"))
    moments: list[datetime] = [
        moment for moment in (run.created_at, run.started_at, *times.values()) if moment is not None
    ]
    return max(moments)

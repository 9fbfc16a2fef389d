"""Altostrat's objects, from our records: its fields only, its words for a status, and both of its published forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from runs.models import Log, Run
from runs.records import run_record
from workflows.models import Workflow
from workflows.records import workflow_record, workflow_rows

_WORKFLOW = (
    "id",
    "name",
    "description",
    "nodes",
    "edges",
    "schedule_type",
    "schedule_value",
    "next_run_at",
    "is_active",
    "webhook_url",
    "created_at",
    "updated_at",
    "authorization",
    "runs",
)
_STATUS = {
    "pending": "pending",
    "running": "running",
    "waiting": "running",
    "suspended": "running",
    "completed": "completed",
    "failed": "failed",
    "terminated": "failed",
}
LOG_STATUS = {"completed": "success", "failed": "error", "terminated": "error", "interrupted": "warning"}


def workflow_of(workflow: Workflow) -> dict[str, Any]:
    return _workflow(workflow_record(workflow), workflow)


def workflow_list(workflows: list[Workflow]) -> list[dict[str, Any]]:
    """Without nodes and edges."""
    return [_workflow(row, workflow) for row, workflow in zip(workflow_rows(workflows), workflows, strict=True)]


def run_of(run: Run) -> dict[str, Any]:
    """With the workflow as it ran, and its logs."""
    record = run_record(run)
    is_asked = any(wait["kind"] == "approval" for wait in record["waits"])
    return {
        **_run(record),
        **({"status": "awaiting_ui_interaction"} if is_asked else {}),
        "trigger_payload": record["trigger_payload"],
        "workflow": _workflow(record["workflow"], run.workflow),
        "logs": _logs_of(run) if record["logs"] else [],
    }


def run_without_workflow(run: Run) -> dict[str, Any]:
    """For lists."""
    record = run_of(run)
    del record["workflow"]
    return record


def _workflow(record: Mapping[str, Any], workflow: Workflow) -> dict[str, Any]:
    told = {name: record[name] for name in _WORKFLOW if name in record}
    told["runs"] = [_run({"error_message": None, "duration_in_seconds": None, **run}) for run in record["runs"]]
    if record["webhook_url"]:
        told["webhook_url"] = f"{settings.PUBLIC_URL}/workflows/webhooks/{workflow.hook_token}"
    return told


def _run(record: Mapping[str, Any]) -> dict[str, Any]:
    took = record.get("duration_ms")
    return {
        "id": record["id"],
        "status": _STATUS[record["status"]],
        "error_message": _error_message(record),
        "started_at": record["started_at"],
        "completed_at": record["completed_at"],
        "duration_in_seconds": None if took is None else took // 1000,
        "created_at": record["created_at"],
    }


def _error_message(record: Mapping[str, Any]) -> str | None:
    if record["status"] != "terminated":
        message: str | None = record["error_message"]
        return message
    by, reason = record.get("terminated_by"), record.get("reason")
    return f"The run was terminated{f' by {by}' if by else ''}{f': {reason}' if reason else '.'}"


def _logs_of(run: Run) -> list[dict[str, Any]]:
    return [log_of(log) for log in run.logs.all() if log.status in LOG_STATUS]


def log_of(log: Log) -> dict[str, Any]:
    """One attempt of a node, as far as it is over."""
    return {
        "id": log.id,
        "execution_id": log.run_id,
        "node_id": log.node_id,
        "component_id": log.kind,
        "status": LOG_STATUS[log.status],
        "output": log.output if log.error is None else {"error": log.error},
        "created_at": log.started_at,
    }

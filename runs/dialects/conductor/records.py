"""Conductor's objects from our runs: times as epoch milliseconds, what is null left out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from runs.dialects.conductor.forms import as_object, iso, millis, without_null, workflow_id
from runs.dialects.conductor.task_records import tasks
from runs.dialects.conductor.told import tasks_of
from runs.dialects.conductor.versions import definition_for, version_number
from runs.models import Log, Run, Wait
from runs.records import variables_of
from wire import strict_json
from workflows.nodes.base import TASK_TIMEOUT

FAILURE_RUN = "conductor.failure_workflow"
STATUS = {
    "pending": "RUNNING",
    "running": "RUNNING",
    "waiting": "RUNNING",
    "suspended": "PAUSED",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "terminated": "TERMINATED",
}


def status_of(run: Run) -> str:
    return "TIMED_OUT" if _is_late(run) else STATUS[run.status]


def _is_late(run: Run) -> bool:
    return run.status == Run.Status.FAILED and (run.error or {}).get("code") in ("deadline", TASK_TIMEOUT)


def workflow(run: Run, *, with_tasks: bool) -> dict[str, Any]:
    logs = list(run.logs.all()) if run.epoch else []
    defined = tasks_of(run.version_id)
    failed = [log.node_id for log in logs if log.status == Log.Status.FAILED and log.handle is None]
    return without_null(
        {
            "workflowId": workflow_id(run),
            "workflowName": run.workflow.key,
            "workflowVersion": version_number(run.version),
            "status": status_of(run),
            "createTime": millis(run.created_at),
            "startTime": millis(run.started_at or run.created_at),
            "updateTime": millis(last_updated(run, logs)),
            "endTime": millis(run.completed_at),
            "createdBy": (run.extra or {}).get("createdBy"),
            "updatedBy": run.terminated_by or None,
            "lastRetriedTime": millis(run.created_at) if run.retry_of_id else 0,
            "input": as_object(run.trigger_payload),
            "output": {**as_object(run.output), **_failure_run(run)},
            "variables": variables_of(run, logs),
            "tasks": tasks(run, logs) if with_tasks else [],
            "correlationId": run.correlation_id,
            "priority": run.priority,
            "reasonForIncompletion": reason(run),
            "failedReferenceTaskNames": failed,
            "failedTaskNames": [defined[ref].name if ref in defined else ref for ref in failed],
            "workflowDefinition": definition_for(run.version_id),
            "taskToDomain": (run.extra or {}).get("taskToDomain") or {},
            "parentWorkflowId": run.parent_id,
            "parentWorkflowTaskId": _parent_task(run),
            "reRunFromWorkflowId": run.retry_of_id,
            "idempotencyKey": (run.extra or {}).get("idempotencyKey"),
            "history": [],
            "rateLimited": False,
        }
    )


def _parent_task(run: Run) -> str | None:
    """The task of its parent that started it."""
    wait = Wait.objects.filter(run=run.parent_id, child=run).first() if run.parent_id else None
    return log_of(wait).id if wait else None


def log_of(wait: Wait) -> Log:
    """The attempt that waits."""
    return Log.objects.get(run=wait.run_id, node_id=wait.node_id, iteration=wait.iteration, attempt=wait.attempt)


def _failure_run(run: Run) -> dict[str, Any]:
    """The run that was started because this one failed."""
    if run.workflow.alert_workflow_id is None or run.status not in (Run.Status.FAILED, Run.Status.TERMINATED):
        return {}
    alert = run.alerts.exclude(run=None).first()
    return {FAILURE_RUN: alert.run_id} if alert else {}


def workflow_run(run: Run, request_id: str, strategy: str) -> dict[str, Any]:
    """The answer of a call that waited."""
    told = workflow(run, with_tasks=True)
    names = ("workflowId", "correlationId", "input", "output", "variables", "tasks", "status", "priority")
    kept = {name: told[name] for name in (*names, "createdBy", "createTime", "updateTime") if name in told}
    return {
        **kept,
        "responseType": strategy,
        "targetWorkflowId": told["workflowId"],
        "targetWorkflowStatus": told["status"],
        "requestId": request_id,
    }


def summary(run: Run) -> dict[str, Any]:
    """One row of a search; times are text there, payloads JSON in text."""
    ended = run.completed_at
    took = (ended - (run.started_at or run.created_at)) if ended else None
    texts = {name: strict_json.dumps(as_object(value)) for name, value in _payloads(run).items()}
    failed = (run.error or {}).get("node_id") or ""
    return without_null(
        {
            "workflowId": workflow_id(run),
            "workflowType": run.workflow.key,
            "version": version_number(run.version),
            "status": status_of(run),
            "correlationId": run.correlation_id,
            "startTime": iso(run.started_at or run.created_at),
            "updateTime": iso(ended or run.started_at or run.created_at),
            "endTime": iso(ended) if ended else None,
            "executionTime": round(took.total_seconds() * 1000) if took else 0,
            **texts,
            "inputSize": len(texts["input"]),
            "outputSize": len(texts["output"]),
            "reasonForIncompletion": reason(run),
            "failedReferenceTaskNames": failed,
            "failedTaskNames": [failed] if failed else [],
            "priority": run.priority,
            "createdBy": (run.extra or {}).get("createdBy"),
            "idempotencyKey": (run.extra or {}).get("idempotencyKey"),
        }
    )


def _payloads(run: Run) -> dict[str, Any]:
    return {"input": run.trigger_payload, "output": run.output}


def reason(run: Run) -> str | None:
    if run.status == Run.Status.FAILED:
        return (run.error or {}).get("message")
    said = run.reason or (run.error or {}).get("message")
    return said or None if run.status == Run.Status.TERMINATED else None


def last_updated(run: Run, logs: Iterable[Log]) -> datetime:
    moments = [log.completed_at or log.started_at for log in logs]
    return max([*moments, run.completed_at or run.started_at or run.created_at])

"""Conductor's objects from our runs: times as epoch milliseconds, what is null left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from runs.dialects.conductor.told import as_defined
from runs.dialects.conductor.versions import version_number
from runs.models import Log, Run
from runs.records import log_records, variables_of
from wire import strict_json

STATUS = {
    "pending": "RUNNING",
    "running": "RUNNING",
    "waiting": "RUNNING",
    "suspended": "PAUSED",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "terminated": "TERMINATED",
}
_TASK_STATUS = {
    "started": "IN_PROGRESS",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "interrupted": "FAILED",
    "terminated": "CANCELED",
}


def workflow_id(run: Run) -> str:
    return run.handle or run.id


def status_of(run: Run) -> str:
    return "TIMED_OUT" if _is_late(run) else STATUS[run.status]


def _is_late(run: Run) -> bool:
    return run.status == Run.Status.FAILED and (run.error or {}).get("code") == "deadline"


def workflow(run: Run, *, with_tasks: bool) -> dict[str, Any]:
    logs = list(run.logs.all()) if run.epoch else []
    failed = [log.node_id for log in logs if log.status == Log.Status.FAILED and log.handle is None]
    return _without_null(
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
            "input": as_object(run.trigger_payload),
            "output": as_object(run.output),
            "variables": variables_of(run, logs),
            "tasks": as_defined(run, logs, tasks(run, logs)) if with_tasks else [],
            "correlationId": run.correlation_id,
            "priority": run.priority,
            "reasonForIncompletion": reason(run),
            "failedReferenceTaskNames": failed,
            "failedTaskNames": failed,
            "taskToDomain": (run.extra or {}).get("taskToDomain") or {},
            "parentWorkflowId": run.parent_id,
            "reRunFromWorkflowId": run.retry_of_id,
            "idempotencyKey": (run.extra or {}).get("idempotencyKey"),
            "history": [],
            "rateLimited": False,
        }
    )


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
    return _without_null(
        {
            "workflowId": workflow_id(run),
            "workflowType": run.workflow.key,
            "version": version_number(run.version),
            "status": status_of(run),
            "correlationId": run.correlation_id,
            "startTime": _iso(run.started_at or run.created_at),
            "updateTime": _iso(ended or run.started_at or run.created_at),
            "endTime": _iso(ended) if ended else None,
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


def tasks(run: Run, logs: list[Log]) -> list[dict[str, Any]]:
    """One for each attempt of a node."""
    told = log_records(run, logs)
    return [_task(run, log, number) for number, log in enumerate(told, start=1)]


def task(run: Run, log: Log) -> dict[str, Any]:
    """One attempt. Its number is its place among all of the run."""
    return next(each for each in tasks(run, list(run.logs.all())) if each["taskId"] == log.id)


def _task(run: Run, log: Mapping[str, Any], number: int) -> dict[str, Any]:
    return _without_null(
        {
            "taskId": log["id"],
            "taskType": log["component_id"].upper(),
            "taskDefName": log["node_id"],
            "referenceTaskName": log["node_id"],
            "status": _TASK_STATUS[log["status"]],
            "workflowInstanceId": workflow_id(run),
            "workflowType": run.workflow.key,
            "workflowTask": {"name": log["node_id"], "taskReferenceName": log["node_id"], "type": log["component_id"]},
            "inputData": as_object(log["input"]),
            "outputData": as_object(log["output"]),
            "seq": number,
            "retryCount": max(log["attempt"] - 1, 0),
            "pollCount": 0,
            "scheduledTime": millis(log["started_at"]),
            "startTime": millis(log["started_at"]),
            "updateTime": millis(log["completed_at"] or log["started_at"]),
            "endTime": millis(log["completed_at"]),
            "retried": False,
            "executed": log["status"] != "started",
            "reasonForIncompletion": (log["error"] or {}).get("message"),
            "iteration": 0,
            "callbackAfterSeconds": 0,
            "responseTimeoutSeconds": 0,
            "queueWaitTime": 0,
            "workflowPriority": run.priority,
            "loopOverTask": False,
            "correlationId": run.correlation_id,
        }
    )


def reason(run: Run) -> str | None:
    if run.status == Run.Status.FAILED:
        return (run.error or {}).get("message")
    return run.reason or None if run.status == Run.Status.TERMINATED else None


def as_object(value: Any) -> dict[str, Any]:
    """Payloads are objects there; anything else of ours is told under `result`."""
    if isinstance(value, dict):
        return value
    return {} if value is None else {"result": value}


def last_updated(run: Run, logs: Iterable[Log]) -> datetime:
    moments = [log.completed_at or log.started_at for log in logs]
    return max([*moments, run.completed_at or run.started_at or run.created_at])


def millis(moment: datetime | None) -> int:
    """0 where it is not reached."""
    return round(moment.timestamp() * 1000) if moment else 0


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _without_null(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}

"""Attempts of nodes as Conductor's tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from runs.dialects.conductor.forms import as_object, millis, without_null, workflow_id
from runs.dialects.conductor.told import as_defined, iteration_of
from runs.engine.worker_tasks import NO_DOMAIN
from runs.models import Log, Run, Wait
from runs.records import log_records
from workflows.nodes.base import TASK_TIMEOUT

Json = dict[str, Any]

_DRAWN_HERE = "WORKER_TASK"
_STATUS = {
    "started": "IN_PROGRESS",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "interrupted": "FAILED",
    "terminated": "CANCELED",
}


def tasks(run: Run, logs: Sequence[Log]) -> list[Json]:
    """One for each attempt of a node, in the order in which they began."""
    told = [_task(run, record, number) for number, record in enumerate(_in_order(run, logs), start=1)]
    waits = _waits(run) if any(log.kind == "worker_task" for log in logs) else {}
    skipped = _skipped(run) if run.events else set()
    below = _runs_below(run) if any(log.kind in ("sub_workflow", "iterator") for log in logs) else {}
    places = {log.id: _place(log) for log in logs}
    for each in told:
        if each["referenceTaskName"] in skipped:
            each["status"] = "SKIPPED"
        if child_id := below.get(places[each["taskId"]]):
            each["subWorkflowId"] = child_id
    return _in_hands(as_defined(run, logs, told), logs, waits)


def task(run: Run, log: Log) -> Json:
    """One attempt. Its number is its place among all of the run."""
    logs = list(run.logs.all())
    records = enumerate(_in_order(run, logs), start=1)
    [told] = [_task(run, record, number) for number, record in records if record["id"] == log.id]
    waits = _waits(run) if log.kind == "worker_task" else {}
    return _in_hands(as_defined(run, logs, [told]) or [told], [log], waits)[0]


def task_in_hand(wait: Wait, log: Log) -> Json:
    """One that a worker has just taken."""
    names = ("id", "node_id", "iteration", "attempt", "status", "output", "error", "started_at", "completed_at")
    record = {**{name: getattr(log, name) for name in names}, "component_id": log.kind, "input": None}
    told = _task(wait.run, record, log.seq)
    return _in_hands(as_defined(wait.run, [log], [told]) or [told], [log], {_place(log): wait})[0]


def _in_order(run: Run, logs: Sequence[Log]) -> list[dict[str, Any]]:
    return sorted(log_records(run, logs), key=itemgetter("started_at"))


def _waits(run: Run) -> dict[tuple[str, str, int], Wait]:
    """Those of tasks for workers, also when they are over: they hold what the workers were given."""
    waits = Wait.objects.filter(run=run, kind=Wait.Kind.TASK)
    return {(wait.node_id, wait.iteration, wait.attempt): wait for wait in waits}


def _runs_below(run: Run) -> dict[tuple[str, str, int], str | None]:
    """The runs for which its tasks wait, or have waited."""
    waits = Wait.objects.filter(run=run, kind=Wait.Kind.CHILD, child__isnull=False)
    return {(wait.node_id, wait.iteration, wait.attempt): wait.child_id for wait in waits}


def _skipped(run: Run) -> set[str | None]:
    """The nodes whose output was said before they were reached."""
    told = run.inbox.filter(node_id__isnull=False, attempt=None, delivered_at__isnull=False)
    return set(told.values_list("node_id", flat=True))


def _place(log: Log) -> tuple[str, str, int]:
    return log.node_id, log.iteration, log.attempt


def _task(run: Run, log: Mapping[str, Any], number: int) -> Json:
    name, kind = log["node_id"], log["component_id"].upper()
    return without_null(
        {
            "taskId": log["id"],
            "taskType": kind,
            "taskDefName": name,
            "referenceTaskName": name,
            "status": "TIMED_OUT" if _is_late(log) else _STATUS[log["status"]],
            "workflowInstanceId": workflow_id(run),
            "workflowType": run.workflow.key,
            "workflowTask": {"name": name, "taskReferenceName": name, "type": kind},
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
            "iteration": iteration_of(log["iteration"]),
            "callbackAfterSeconds": 0,
            "responseTimeoutSeconds": 0,
            "queueWaitTime": 0,
            "workflowPriority": run.priority,
            "loopOverTask": bool(log["iteration"]),
            "correlationId": run.correlation_id,
        }
    )


def _is_late(log: Mapping[str, Any]) -> bool:
    return log["status"] == Log.Status.FAILED and (log["error"] or {}).get("code") == TASK_TIMEOUT


def _in_hands(told: Sequence[Json], logs: Sequence[Log], waits: Mapping[tuple[str, str, int], Wait]) -> list[Json]:
    """With what is known of tasks for workers."""
    by_id = {log.id: (log, waits[_place(log)]) for log in logs if _place(log) in waits}
    return [_in_hand(each, *by_id[each["taskId"]]) if each["taskId"] in by_id else each for each in told]


def domain_of(wait: Wait) -> str | None:
    """The first of those whose workers may take it."""
    first = (wait.domains or ",").split(",")[1]
    return None if first in ("", NO_DOMAIN) else first


def _in_hand(told: Json, log: Log, wait: Wait) -> Json:
    said: Json = {
        "inputData": as_object(wait.outcome["input"]),
        "pollCount": wait.polls,
        "startTime": millis(wait.polled_at),
        "queueWaitTime": max(millis(wait.polled_at or log.started_at) - millis(log.started_at), 0),
        "responseTimeoutSeconds": round(wait.outcome["lease"]),
    }
    said |= without_null({"workerId": wait.worker or None, "domain": domain_of(wait)})
    if told["workflowTask"].get("type") == _DRAWN_HERE:
        said |= {"taskType": wait.name, "taskDefName": wait.name}
    if log.status == Log.Status.STARTED:
        said["status"] = "IN_PROGRESS" if wait.polls else "SCHEDULED"
    if log.status != Log.Status.COMPLETED:
        said["outputData"] = as_object(wait.progress)
    return {**told, **said}

"""Where a run stands still until somebody outside says how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Q

from runs import services
from runs.dialects.conductor import records
from runs.models import Log, Run, Wait
from runs.waiting import look_until

T = TypeVar("T")

STRATEGIES = ("TARGET_WORKFLOW", "BLOCKING_WORKFLOW", "BLOCKING_TASK", "BLOCKING_TASK_INPUT")
MAX_DEPTH = 20


def blocking_wait(run: Run, depth: int = 0) -> Wait | None:
    """The oldest wait for an event that was not told yet, here or in a run for which this one waits."""
    told = services.pending_waits(run).filter(kind=Wait.Kind.EVENT).values("id")
    for wait in run.waits.filter(Q(id__in=told) | Q(kind=Wait.Kind.CHILD), done_at=None).order_by("id"):
        if wait.kind == Wait.Kind.EVENT:
            return wait
        below = blocking_wait(wait.child, depth + 1) if wait.child and depth < MAX_DEPTH else None
        if below is not None:
            return below
    return None


def rest(run: Run, seconds: float, is_enough: Callable[[Run], bool] = lambda run: False) -> Wait | None:
    """Blocks until the run has ended, or it is enough, or it stands still; the wait at which it does then."""

    def look() -> tuple[bool, Wait | None]:
        now = Run.objects.get(pk=run.pk)
        return now.is_terminal or is_enough(now), None if now.is_terminal else blocking_wait(now)

    return patiently(run, seconds, look, lambda seen: seen[0] or seen[1] is not None)[1]


def patiently(run: Run, seconds: float, look: Callable[[], T], is_enough: Callable[[T], bool]) -> T:
    """What is seen when it is enough, or when the time is over."""
    if connection.in_atomic_block:
        return look()
    connection.close()  # a waiting caller holds none of the pool's connections
    return look_until(run.id, seconds, look, is_enough)


def answer(run: Run, wait: Wait | None, request_id: str, strategy: str) -> dict[str, Any]:
    """How the run stands, or what it stands still at, as `strategy` asks for it."""
    target = {"targetWorkflowId": records.workflow_id(run), "targetWorkflowStatus": records.status_of(run)}
    if wait is None or strategy == "TARGET_WORKFLOW":
        return records.workflow_run(run, request_id, strategy)
    if strategy == "BLOCKING_WORKFLOW":
        return {**records.workflow_run(wait.run, request_id, strategy), **target}
    task = records.task(wait.run, log_of(wait))
    told = {"input": task["inputData"], "output": task["outputData"], "workflowId": task["workflowInstanceId"]}
    told |= {"priority": wait.run.priority, "createTime": task["scheduledTime"], "tasks": []}
    return {**task, **told, **target, "responseType": strategy, "requestId": request_id}


def log_of(wait: Wait) -> Log:
    return Log.objects.get(run=wait.run_id, node_id=wait.node_id, iteration=wait.iteration, attempt=wait.attempt)

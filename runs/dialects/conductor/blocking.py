"""Where a run stands still until somebody outside says how it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from runs import services
from runs.dialects.conductor import forms, records, task_records
from runs.dialects.conductor.base import ConductorView
from runs.models import Run, Wait
from runs.waiting import look_until
from wire.problems import BadRequest

STRATEGIES = ("TARGET_WORKFLOW", "BLOCKING_WORKFLOW", "BLOCKING_TASK", "BLOCKING_TASK_INPUT")
MAX_DEPTH = 20
FIRST_TASK_SECONDS = 1


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


def return_strategy(view: ConductorView) -> str:
    strategy = view.given("returnStrategy") or STRATEGIES[0]
    if strategy not in STRATEGIES:
        raise BadRequest.parameter("returnStrategy", f"must be one of {', '.join(STRATEGIES)}.")
    return strategy


def refs_of(view: ConductorView) -> list[str]:
    """The tasks for whose end the caller waits."""
    return [ref for ref in (view.given("waitUntilTaskRef") or "").split(",") if ref.strip()]


def rest(run: Run, seconds: float, until: Sequence[str] = ()) -> Wait | None:
    """Blocks until the run has ended, one of these tasks is over, or it stands still; the wait at which it does."""
    over = run.logs.filter(node_id__in=[ref.strip() for ref in until], completed_at__isnull=False)

    def look() -> tuple[bool, Wait | None]:
        now = Run.objects.get(pk=run.pk)
        is_over = now.is_terminal or bool(until and over.exists())
        return is_over, None if now.is_terminal else blocking_wait(now)

    return look_until(run.id, seconds, look, lambda seen: seen[0] or seen[1] is not None)[1]


def begun(run: Run) -> Run:
    """The run as it is when it has come to its first task: clients look for that right after they have started it. Only
    of a run that was accepted a moment ago it is waited for."""
    left = FIRST_TASK_SECONDS - (timezone.now() - run.created_at).total_seconds()
    if left <= 0:
        return run
    look_until(run.id, left, lambda: _has_begun(run.pk), bool)
    return Run.objects.select_related("version", "workflow").get(pk=run.pk)


def _has_begun(run_id: str) -> bool:
    now = Run.objects.get(pk=run_id)
    return not now.is_on_its_way or now.logs.filter(completed_at=None).exists()


def answer(run: Run, wait: Wait | None, request_id: str, strategy: str) -> dict[str, Any]:
    """How the run stands, or what it stands still at, as `strategy` asks for it."""
    target = {"targetWorkflowId": forms.workflow_id(run), "targetWorkflowStatus": records.status_of(run)}
    if wait is None or strategy == "TARGET_WORKFLOW":
        return records.workflow_run(run, request_id, strategy)
    if strategy == "BLOCKING_WORKFLOW":
        return {**records.workflow_run(wait.run, request_id, strategy), **target}
    task = task_records.task(wait.run, records.log_of(wait))
    told = {"input": task["inputData"], "output": task["outputData"], "workflowId": task["workflowInstanceId"]}
    told |= {"priority": wait.run.priority, "createTime": task["scheduledTime"], "tasks": []}
    return {**task, **told, **target, "responseType": strategy, "requestId": request_id}

"""Tasks as workers know them: taken, reported on and logged for by their ids."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Project
from runs import services
from runs.dialects.conductor import forms, task_records
from runs.dialects.conductor.base import whole
from runs.dialects.conductor.records import log_of
from runs.dialects.conductor.task_definitions import at_once
from runs.dialects.conductor.tasks import PATIENCE_SECONDS, reason_of, report_status, until_taken
from runs.models import Log, Run, Wait
from runs.patience import Patience
from runs.services import Report
from runs.waiting import free_connection, look_until
from wire.problems import BadRequest, Conflict, NotFound
from workflows.models import TaskType

Json = dict[str, Any]

LOOK_EVERY_SECONDS = 0.1
MAX_CALLBACK_SECONDS = 10**8


def take(
    project: Project, task_type: str, worker: str, count: int, seconds: float, domain: str | None = None
) -> list[Json]:
    """Waits so long for the first one."""
    patience = Patience(seconds)
    while not (taken := _take(project, task_type, worker, count, domain)):
        if not patience.seconds or not free_connection():
            return []
        time.sleep(min(patience.seconds, LOOK_EVERY_SECONDS))
    return [task_records.task_in_hand(wait, log_of(wait)) for wait in taken]


def _take(project: Project, task_type: str, worker: str, count: int, domain: str | None) -> list[Wait]:
    """As many as the type lets be at work at once. Who takes of such a type waits for who does so at this moment."""
    limit = at_once(project, task_type)
    if limit is None:
        return services.take_tasks(project, task_type, worker, count, domain)
    with transaction.atomic():
        TaskType.objects.select_for_update(no_key=True).filter(project=project, name=task_type).first()
        taken = Wait.objects.filter(kind=Wait.Kind.TASK, name=task_type, done_at=None, polls__gt=0, poll_at__gt=Now())
        free = min(count, limit - taken.filter(run__project=project).count())
        return services.take_tasks(project, task_type, worker, free, domain) if free > 0 else []


def find(project: Project, task_id: str) -> Log:
    """Raises NotFound."""
    mine = Log.objects.filter(run__project=project).select_related("run__workflow", "run__version")
    log = mine.filter(pk=task_id).first() if "\0" not in task_id else None
    if log is None:
        raise NotFound(f"No such task found by id: {task_id}")
    return log


def told(log: Log) -> Json:
    return task_records.task(log.run, log)


def next_after(project: Project, log: Log, worker: str) -> list[Json]:
    """One of the same type and domain as the task of this log, if there is any."""
    wait = _wait_of(log)
    if wait is None or wait.kind != Wait.Kind.TASK or wait.name is None:
        return []
    return take(project, wait.name, worker, 1, 0, task_records.domain_of(wait))


def update(project: Project, body: Json) -> Log:
    """`body` is a TaskResult. Raises BadRequest, NotFound, and Conflict for a task that another worker has by now or
    that cannot be completed so."""
    task_id = body.get("taskId")
    if not isinstance(task_id, str):
        raise BadRequest.parameter("taskId", "must be the id of a task.")
    status = report_status(body.get("status"))
    log = find(project, task_id)
    if lines := _lines(body.get("logs")):
        services.log_task(log, lines)
    wait = _reported_wait(log)
    report = Report(
        status=status,
        output=body.get("outputData") if body.get("outputData") is not None else {},
        reason=str(body.get("reasonForIncompletion") or reason_of(log.node_id, status)),
        worker=str(body.get("workerId") or "")[:200],
        after=_callback(body),
    )
    if wait is not None and not services.report_task(wait, report):
        _refuse_what_is_open(wait)
    elif wait is not None and wait.kind != Wait.Kind.TASK and status != "in_progress":
        until_taken(wait)
    return log


def _reported_wait(log: Log) -> Wait | None:
    """A task is on record a moment before it waits; a report may come in between, and is for that wait."""

    def look() -> tuple[Wait | None, bool]:
        run = Run.objects.filter(pk=log.run_id, logs__id=log.id, logs__completed_at=None).first()
        is_under_way = run is not None and run.is_on_its_way
        return _wait_of(log), is_under_way

    wait, is_under_way = look_until(log.run_id, PATIENCE_SECONDS, look, lambda seen: seen[0] is not None or not seen[1])
    if wait is None and is_under_way:
        raise _not_a_task(log.node_id)
    return wait


def _not_a_task(node_id: str) -> Conflict:
    return Conflict(f"The task {node_id} is not completed by reports.", code="not_a_task")


def _refuse_what_is_open(wait: Wait) -> None:
    """That it is over is as good as reported; that it is nothing for reports is not."""
    told_elsewhere = wait.kind in (Wait.Kind.CHILD, Wait.Kind.TIMEOUT) or (wait.name or "").startswith("$")
    if told_elsewhere and Wait.objects.filter(pk=wait.pk, done_at=None, run__status__in=Run.LIVE).exists():
        raise _not_a_task(wait.node_id)


def _callback(body: Json) -> float | None:
    if body.get("extendLease") or not body.get("callbackAfterSeconds"):
        return None
    return whole("callbackAfterSeconds", body["callbackAfterSeconds"], 0, MAX_CALLBACK_SECONDS)


def _lines(logs: Any) -> list[str]:
    said = logs if isinstance(logs, list) else []
    return [str(each["log"]) for each in said if isinstance(each, dict) and each.get("log") is not None]


def log(log: Log, line: str) -> None:
    services.log_task(log, [line])


def logs(log: Log) -> list[Json]:
    said: list[Json] = log.messages or []
    return [
        {"log": each["text"], "taskId": log.id, "createdTime": forms.millis(datetime.fromisoformat(each["at"]))}
        for each in said
    ]


def _wait_of(log: Log) -> Wait | None:
    """What is open at it; of a task that is over what was."""
    waits = Wait.objects.filter(run=log.run_id, node_id=log.node_id, iteration=log.iteration, attempt=log.attempt)
    return waits.select_related("run").exclude(kind=Wait.Kind.BACKOFF).order_by("-id").first()

"""Definitions of task types, `TaskDef`: kept as they were sent, and the rules in them taken over."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from accounts.models import Project
from runs.dialects.conductor.definitions import Json, Name, Part, below, invalid
from wire.problems import NotFound
from workflows.models import TaskType
from workflows.nodes.base import Retry
from workflows.task_types import TaskRules, save_task_type

MAX_RETRIES, MAX_DELAY = 20, 24 * 60 * 60
MAX_SECONDS = 10**9


class TaskDefinition(Part):
    name: Name
    retry_count: Annotated[int, Field(ge=0)] | None = 3
    retry_logic: Literal["FIXED", "EXPONENTIAL_BACKOFF", "LINEAR_BACKOFF"] | None = "FIXED"
    retry_delay_seconds: Annotated[int, Field(ge=0)] | None = 60
    timeout_seconds: Annotated[int, Field(ge=0, le=MAX_SECONDS)] | None = 0
    timeout_policy: Literal["RETRY", "TIME_OUT_WF", "ALERT_ONLY"] | None = "TIME_OUT_WF"
    response_timeout_seconds: Annotated[int, Field(ge=0, le=MAX_SECONDS)] | None = 3600

    @property
    def rules(self) -> TaskRules:
        retry = Retry(
            count=min(self.retry_count or 0, MAX_RETRIES),
            delay=min(self.retry_delay_seconds or 0, MAX_DELAY),
            backoff="exponential" if self.retry_logic == "EXPONENTIAL_BACKOFF" else "fixed",
        )
        has_end = self.timeout_seconds and self.timeout_policy != "ALERT_ONLY"
        return TaskRules(self.response_timeout_seconds or None, self.timeout_seconds if has_end else None, retry)


def read_task_definition(body: Any, path: str) -> TaskDefinition:
    """Raises BadRequest with the path of the first fault."""
    try:
        return TaskDefinition.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise invalid(below(path, *first["loc"]), first["msg"]) from None


def save(project: Project, body: Any, path: str = "") -> None:
    definition = read_task_definition(body, path)
    save_task_type(project, definition.name, definition.rules, body)


def find(project: Project, name: str) -> TaskType:
    known = TaskType.objects.filter(project=project, name=name).first() if "\0" not in name else None
    if known is None:
        raise NotFound(f"No such task type found by name: {name}")
    return known


def told(task_type: TaskType) -> Json:
    updated = round(task_type.updated_at.timestamp() * 1000)
    return {"updateTime": updated, **task_type.definition}

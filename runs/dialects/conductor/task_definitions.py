"""Definitions of task types, `TaskDef`: kept as they were sent, and the rules in them taken over."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError

from accounts.models import Project
from runs.dialects.conductor.definitions import Json, Name, below, invalid
from runs.dialects.conductor.definitions import TaskRules as Rules
from wire.problems import NotFound
from workflows.models import TaskType
from workflows.task_types import TaskRules, save_task_type


class TaskDefinition(Rules):
    name: Name
    concurrent_exec_limit: Annotated[int, Field(ge=0, le=10**6)] | None = None

    @property
    def rules(self) -> TaskRules:
        return TaskRules(self.lease, self.timeout, self.retry)


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


def at_once(project: Project, name: str) -> int | None:
    """How many tasks of the type may be in workers' hands at the same time; None for any number."""
    known = TaskType.objects.filter(project=project, name=name).first()
    return (known.definition.get("concurrentExecLimit") or None) if known else None


def told(task_type: TaskType) -> Json:
    updated = round(task_type.updated_at.timestamp() * 1000)
    return {"updateTime": updated, **task_type.definition}

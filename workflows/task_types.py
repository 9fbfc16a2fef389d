"""Types of tasks that workers outside do: the rules for nodes that say nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import Project
from workflows.models import TaskType
from workflows.nodes.base import Retry


@dataclass(frozen=True, slots=True)
class TaskRules:
    lease: float | None = None
    """Seconds without word from its worker, after which another one gets the task."""
    timeout: float | None = None
    """Seconds for the whole task."""
    retry: Retry | None = None


def save_task_type(project: Project, name: str, rules: TaskRules, definition: dict[str, Any]) -> TaskType:
    """Makes or replaces it; it holds for tasks that begin to wait from now on. `definition` is kept as it was sent."""
    retry = None if rules.retry is None else rules.retry.model_dump()
    said = {"lease": rules.lease, "timeout": rules.timeout, "retry": retry, "definition": definition}
    saved, _ = TaskType.objects.update_or_create(project=project, name=name, defaults=said)
    return saved

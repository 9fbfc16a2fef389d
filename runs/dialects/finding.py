"""What a vendor's names and ids mean here: the same look-ups for all dialects."""

from __future__ import annotations

from accounts.models import Project
from runs.models import Run
from workflows.models import Workflow


def workflow_named(project: Project, name: str) -> Workflow | None:
    """By key, as the vendors' names are here; else by the label that people see, if only one workflow has it."""
    if "\0" in name:
        return None
    mine = Workflow.objects.for_project(project).select_related("project", "published")
    by_key = mine.filter(key=name).first()
    if by_key is not None:
        return by_key
    labelled = list(mine.filter(name=name)[:2])
    return labelled[0] if len(labelled) == 1 else None


def run_of_handle(project: Project, handle: str) -> Run | None:
    """The newest run that the vendor's id stands for; else the one that has it as its own id."""
    if "\0" in handle:
        return None
    mine = Run.objects.for_project(project).select_related("version", "workflow")
    return mine.filter(handle=handle).first() or mine.filter(pk=handle).first()

"""A run again from one of its tasks, with another input for that task.

What ran does not change: the task's own input is another definition's, which is the run's apart from that.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.callers import Caller
from runs.dialects.conductor import versions
from runs.dialects.conductor.definitions import Json
from runs.models import Run
from wire.problems import BadRequest
from workflows.document import Document, read_document
from workflows.models import Version


def version_with_input(caller: Caller, run: Run, ref: str, task_input: Json) -> Version:
    """The version to run. BadRequest where that task cannot be given another input."""
    definition = versions.kept_definition(run.version_id)
    if definition is None or not versions.is_as_defined(caller, run.version):
        raise BadRequest.parameter("taskInput", "can be replaced only where the workflow is as it was registered.")
    if not _is_plain(task_input):
        raise BadRequest.parameter("taskInput", "is what the task gets, and holds no ${…}.")
    changed = _with_input(definition, ref, task_input)
    if changed is None:
        raise BadRequest.parameter("taskInput", f"{ref} is no task of the definition.")
    changed.pop("failureWorkflow", None)  # which is the workflow's, and stays
    _, version = versions.version_for(caller, changed)
    if _shape(read_document(version)) != _shape(read_document(run.version)):
        raise BadRequest.parameter("taskInput", f"{ref} reads its input for more than itself.")
    return version


def _with_input(definition: Json, ref: str, task_input: Json) -> Json | None:
    """None without such a task."""
    changed: Json = copy.deepcopy(definition)
    task = next((each for each in _tasks_in(changed["tasks"]) if each["taskReferenceName"] == ref), None)
    if task is None:
        return None
    task["inputParameters"] = task_input
    return changed


def _tasks_in(tasks: Iterable[Json]) -> Iterator[Json]:
    """All of them, those within others too."""
    for task in tasks:
        yield task
        cases = (task.get("decisionCases") or {}).values()
        for inner in (task.get("loopOver"), task.get("defaultCase"), *(task.get("forkTasks") or ()), *cases):
            yield from _tasks_in(inner or ())


def _is_plain(value: Any) -> bool:
    """Nothing in it would be read as a reference: it is what the task gets."""
    if isinstance(value, dict):
        return all(_is_plain(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return not (isinstance(value, str) and "${" in value)


def _shape(document: Document) -> tuple[list[Any], list[Any]]:
    nodes = [(node["id"], node["data"]["componentId"], node.get("parentId")) for node in document["nodes"]]
    return nodes, [(edge["source"], edge["target"], edge.get("sourceHandle")) for edge in document["edges"]]

"""Tasks that a definition names, in its own words: their names and types, iterations, and what they put out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from runs.dialects.conductor.definitions import Definition, Json, Task, all_tasks
from runs.dialects.conductor.drawing import case_of
from runs.dialects.conductor.forked import Forked
from runs.dialects.conductor.forms import as_object
from runs.dialects.conductor.inputs import inputs_of
from runs.dialects.conductor.shapes import http_output, shape_of, shaped
from runs.dialects.conductor.versions import kept_definition
from runs.models import Log, Run
from runs.story import readable_at

_TASK_TYPES = {"FORK_JOIN": "FORK", "FORK_JOIN_DYNAMIC": "FORK"}


def as_defined(run: Run, logs: Sequence[Log], told: Sequence[Json]) -> list[Json]:
    """`told` are the attempts of nodes. Of a version with a definition only those of its tasks are left, without the
    helpers that the drawing has beside them."""
    defined = tasks_of(run.version_id)
    if not (defined and told):
        return list(told)
    by_id, scope, forked = {log.id: log for log in logs}, readable_at(run, logs), Forked(run, defined)
    tasks: list[Json] = []
    for each in told:
        log = by_id[each["taskId"]]
        if item := forked.at(log.node_id, log.iteration):
            tasks.append(_as_forked(each, log, item))
        elif log.node_id in defined and defined[log.node_id].type != "DYNAMIC":
            inputs = inputs_of(run.version_id)[log.node_id].at(scope(log))
            tasks.append({**_as_defined(each, log, defined[log.node_id]), "inputData": inputs})
    return tasks


def _as_forked(told: Json, log: Log, item: Json) -> Json:
    """A task that was known only when it ran."""
    number = iteration_of(item["around"])
    said = {
        "taskType": item["name"] if item["type"] == "SIMPLE" else item["type"],
        "taskDefName": item["name"],
        "referenceTaskName": f"{item['ref']}__{number}" if number else item["ref"],
        "workflowTask": item["task"],
        "inputData": item["input"],
        "iteration": number,
        "loopOverTask": number > 0,
    }
    if log.status == Log.Status.COMPLETED:
        output = http_output(log.output) if log.kind == "http_request" else log.output
        said["outputData"] = as_object({"workflowId": output["run_id"]} if log.kind == "start_workflow" else output)
    return {**told, **said}


@lru_cache(maxsize=512)
def tasks_of(version_id: str) -> Mapping[str, Task]:
    """By reference names; none for what was drawn here. Versions that runs name never change."""
    try:
        return {task.ref: task for _, task in all_tasks(Definition.model_validate(kept_definition(version_id)))}
    except ValidationError:
        return {}


def _as_defined(told: Json, log: Log, task: Task) -> Json:
    written = task.written_type
    number = iteration_of(log.iteration)
    said = {
        "taskType": task.name if written == "SIMPLE" else _TASK_TYPES.get(written, written),
        "taskDefName": task.name,
        "referenceTaskName": f"{task.ref}__{number}" if number else task.ref,
        "workflowTask": _as_written(task),
        "iteration": number,
        "loopOverTask": number > 0,
    }
    if log.status == Log.Status.COMPLETED:
        output = output_of(task, log.output, log.handle or "")
        said["outputData"] = output
        said |= {"iteration": output["iteration"]} if written == "DO_WHILE" else {}
    elif log.handle == "out":
        said["status"] = "COMPLETED_WITH_ERRORS"  # it is optional, and the run went on
    return {**told, **said}


def _as_written(task: Task) -> Json:
    return task.stands_for or task.model_dump(by_alias=True, exclude_unset=True)


def iteration_of(iteration: str) -> int:
    """Its number in the innermost loop, from 1; 0 outside of loops."""
    last = iteration.rpartition(".")[2]
    return int(last) + 1 if last else 0


def output_of(task: Task, value: Any, handle: str) -> Json:
    """What the task has put out, of its node's output and the exit that it took."""
    if task.type in ("SWITCH", "DECISION"):
        case = case_of(handle)
        return {"evaluationResult": [case], "selectedCase": case} if task.type == "SWITCH" else {"caseOutput": [case]}
    if task.type == "DO_WHILE":
        passes = value if isinstance(value, list) else []
        return {**{str(n): each for n, each in enumerate(passes, start=1)}, "iteration": len(passes)}
    output = shaped(shape_of(task), value)
    return output if isinstance(output, dict) else {} if output is None else {"result": output}

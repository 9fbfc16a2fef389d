"""What Conductor's tasks put out, by where it stands in the outputs of our nodes. Pure."""

from __future__ import annotations

from typing import Any, TypeAlias

from runs.dialects.conductor.definitions import Task
from wire.strict_json import Step

Shape: TypeAlias = "dict[str, Shape] | tuple[Step, ...]"
"""Fields, or the way to a value in the node's output."""

SAME: Shape = ()
_NOTHING: Shape = {}
_HTTP: Shape = {"response": {"statusCode": ("status",), "headers": ("headers",), "body": ("body",)}}
_RESULT: Shape = {"result": ()}
_BY_TYPE: dict[str, Shape] = {
    "INLINE": _RESULT,
    "LAMBDA": _RESULT,
    "START_WORKFLOW": {"workflowId": ("run_id",)},
    "SET_VARIABLE": _NOTHING,
    "SWITCH": _NOTHING,
    "DECISION": _NOTHING,
    "FORK_JOIN": _NOTHING,
    "FORK_JOIN_DYNAMIC": _NOTHING,
    "NOOP": _NOTHING,
    "DYNAMIC": (0,),
    "TERMINATE": _NOTHING,
}


def http_output(output: Any) -> Any:
    """What Conductor's HTTP task puts out."""
    return shaped(_HTTP, output)


def shape_of(task: Task) -> Shape:
    """Not of a DO_WHILE, whose output counts its iterations."""
    if task.type == "HTTP":
        return SAME if task.async_complete else _HTTP
    if task.type == "WAIT":
        return _NOTHING if task.input_parameters else SAME
    return _BY_TYPE.get(task.type or "", SAME)


def shaped(shape: Shape, output: Any) -> Any:
    """The output of a node as Conductor has it. What is missing is null."""
    if isinstance(shape, dict):
        return {name: shaped(inner, output) for name, inner in shape.items()}
    for step in shape:
        if isinstance(output, list) and isinstance(step, int):
            output = output[step] if step < len(output) else None
        else:
            output = output.get(step) if isinstance(output, dict) else None
    return output

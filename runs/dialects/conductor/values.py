"""`${workflow.input.x}` and `${ref.output.y}` in a definition, as expressions of ours. Pure."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runs.dialects.conductor.definitions import Task, below, invalid
from wire import strict_json
from wire.strict_json import Step

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_HEAD = re.compile(r"[^.\[\]]+")
_STEP = re.compile(r"""\.([^.\[\]()*?@\s'"]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")
_BRACES = re.compile(r"\{{2,}|\{+$")
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_OF_WORKFLOW = {"input": "trigger", "workflowId": "run.id", "correlationId": "run.correlation_id"}
_HTTP = {"response": {"statusCode": "status", "headers": "headers", "body": "body"}}


@dataclass(frozen=True)
class Values:
    tasks: Mapping[str, Task]
    """All tasks of the definition by their reference names."""

    def setting(self, value: Any, path: str) -> Any:
        """A value as a node's setting. Raises BadRequest with the path of the fault."""
        if isinstance(value, dict):
            if "$path" in value:
                raise invalid(path, "A field cannot be called $path here.")
            return {key: self.setting(member, below(path, key)) for key, member in value.items()}
        if isinstance(value, list):
            return [self.setting(item, f"{path}[{place}]") for place, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        alone = _REFERENCE.fullmatch(value)
        return f"{{{{ {self._read(alone[1], path)} }}}}" if alone else self._spliced(value, path)

    def text(self, value: Any, path: str) -> str:
        """The same as text whatever it is: `null`, `true`, `3`."""
        text = value if isinstance(value, str) else strict_json.dumps(value)
        found = self._spliced(text, path)
        return f'{found}{{{{ "" }}}}' if is_alone(text) else found

    def output(self, ref: str, steps: list[Step], path: str) -> str:
        """What the task put out, as Conductor has it."""
        shape = _shape(self.tasks[ref])
        if shape is None:
            return _or_null(_path("nodes", [ref, *steps]))
        walked = 0
        while isinstance(shape, dict) and walked < len(steps):
            if steps[walked] not in shape:
                raise invalid(path, f"The output of {ref!r} has no {steps[walked]!r} here.")
            shape = shape[steps[walked]]
            walked += 1
        return _shaped(ref, shape, steps[walked:])

    def _spliced(self, text: str, path: str) -> str:
        """Every second piece is what stands in `${}`."""
        pieces = _REFERENCE.split(text)
        if any("${" in piece for piece in pieces[::2]):
            raise invalid(path, "A ${ must be closed, and cannot stand within another.")
        pieces[::2] = [literal(piece) for piece in pieces[::2]]
        pieces[1::2] = [f"{{{{ {self._read(piece, path)} }}}}" for piece in pieces[1::2]]
        return "".join(pieces)

    def _read(self, query: str, path: str) -> str:
        head, steps = _steps(query.strip(), path)
        part, rest = (steps[0], steps[1:]) if steps else ("", [])
        if head == "workflow":
            if part not in _OF_WORKFLOW:
                raise invalid(path, f"Of the workflow {', '.join(_OF_WORKFLOW)} can be read here, not {part!r}.")
            return _or_null(_path(_OF_WORKFLOW[str(part)], rest))
        if head not in self.tasks:
            raise invalid(path, f"There is no task {head!r}.")
        if part != "output":
            raise invalid(path, f"Of a task its output can be read here, not {part!r}.")
        return self.output(head, rest, path)


def literal(text: str) -> str:
    """Text in which nothing is an expression of ours."""
    return _BRACES.sub(lambda found: f'{{{{ "{found[0]}" }}}}', text)


def is_alone(text: str) -> bool:
    """One reference and nothing else, which keeps its type."""
    return _REFERENCE.fullmatch(text) is not None


def _shape(task: Task) -> Any:
    """What Conductor puts out, by the fields of our node's output; None where it is the same."""
    if task.type == "HTTP":
        return _HTTP
    if task.type == "START_WORKFLOW":
        return {"workflowId": "run_id"}
    waits_for_event = task.type == "WAIT" and not task.input_parameters
    return None if waits_for_event or task.type in ("HUMAN", "JOIN", "SUB_WORKFLOW") else {}


def _shaped(ref: str, shape: Any, steps: list[Step]) -> str:
    if isinstance(shape, str):
        return _or_null(_path("nodes", [ref, shape, *steps]))
    return f"{{{', '.join(f'{name!r}: {_shaped(ref, inner, [])}' for name, inner in shape.items())}}}"


def _steps(query: str, path: str) -> tuple[str, list[Step]]:
    head = _HEAD.match(query)
    steps: list[Step] = []
    at = head.end() if head else 0
    while head and at < len(query):
        step = _STEP.match(query, at)
        if step is None:
            raise invalid(path, f"{query!r} is more than names and indexes, which is all that is read here.")
        name = next((part for part in (step[1], step[3], step[4]) if part is not None), None)
        steps.append(int(step[2]) if name is None else name)
        at = step.end()
    return head[0] if head else "", steps


def _path(root: str, steps: list[Step]) -> str:
    return root + "".join(_step(step) for step in steps)


def _step(step: Step) -> str:
    plain = isinstance(step, str) and _NAME.fullmatch(step) and not keyword.iskeyword(step)
    return f".{step}" if plain else f"[{step!r}]"


def _or_null(path: str) -> str:
    """What is missing is null there."""
    return path if path == "trigger" else f"default({path}, None)"

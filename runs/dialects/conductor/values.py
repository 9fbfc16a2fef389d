"""`${workflow.input.x}` and `${ref.output.y}` in a definition, as expressions of ours. Pure."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.dialects.conductor.definitions import Json, Task, below, invalid
from runs.dialects.conductor.shapes import Shape, shape_of
from wire import strict_json
from wire.strict_json import Step
from workflows.expressions import compile_parameters

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_HEAD = re.compile(r"[^.\[\]]+")
_STEP = re.compile(r"""\.([^.\[\]()*?@\s'"]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")
_BRACES = re.compile(r"\{{2,}|\{+$")
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_OF_WORKFLOW = {
    "input": "trigger",
    "variables": "vars",
    "workflowId": "run.id",
    "correlationId": "run.correlation_id",
    "workflowType": "workflow.key",
}
_MANY = re.compile(r"\.\.|\.?\*|\[\s*(?:\*|\?|-?\d*\s*:)")
LAST = -1
AS_TEXT = '{{ "" }}'
"""Beside a lone expression, which would keep its type."""


@dataclass
class Values:
    tasks: Mapping[str, Task]
    """All tasks of the definition by their reference names."""
    loops: Mapping[str, tuple[str, ...]]
    """Task → the loops that it lies in, outermost first."""
    inside: tuple[str, ...] = ()
    """The same for where is read."""
    input: str = "trigger"
    """Where the workflow's input is."""
    chosen: dict[str, str] = field(default_factory=dict)
    """By the reference names of switches, what tells their cases apart, as an expression."""
    _reading: list[str] = field(default_factory=list)
    """Tasks whose inputs are being read, one by way of the other."""

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
        if alone and (many := _MANY.search(alone[1])):
            return self._query(alone[1][: many.start()], alone[1][many.start() :], path)
        return hole(self._read(alone[1], path)) if alone else self._spliced(value, path)

    def text(self, value: Any, path: str) -> str:
        """The same as text whatever it is: `null`, `true`, `3`."""
        text = value if isinstance(value, str) else strict_json.dumps(value)
        found = self._spliced(text, path)
        return f"{found}{AS_TEXT}" if is_alone(text) else found

    def expression(self, value: Any, path: str) -> str:
        """The same as one expression: of a lone reference its own, of what holds none the value."""
        if isinstance(value, str) and (alone := _REFERENCE.fullmatch(value)):
            return self._read(alone[1], path)
        if "${" in json.dumps(value):
            raise invalid(path, "must be one reference, or hold none.")
        return repr(value)

    def program(self, text: Any, path: str) -> str:
        """A program, in which no reference is looked for."""
        if not isinstance(text, str) or not text.strip():
            raise invalid(path, "must be a program.")
        for query in _REFERENCE.findall(text):
            head = _HEAD.match(query.strip())
            if head and (head[0] == "workflow" or head[0] in self.tasks):
                raise invalid(path, f"Make ${{{query}}} an input parameter, and read that in the program.")
        return text

    def output(self, ref: str, steps: Sequence[Step], path: str) -> str:
        """What the task put out, as Conductor has it."""
        task, place = self.tasks[ref], self._place(ref)
        if task.type == "DO_WHILE":
            return self._loop_output(ref, place, steps, path)
        shape, rest = shape_of(task), list(steps)
        if ref in self.chosen and len(place) == 1:
            return self._choice(ref, rest, path)
        while isinstance(shape, dict) and rest:
            if rest[0] not in shape:
                raise invalid(path, f"The output of {ref!r} has no {rest[0]!r} here.")
            shape = shape[str(rest.pop(0))]
        if len(place) > 1:  # the loop's results are in these words already
            return _or_null(_path("nodes", [*place, *steps]))
        return _shaped(place, shape, rest)

    def _choice(self, ref: str, steps: list[Step], path: str) -> str:
        """Of what a switch puts out."""
        value = self.chosen[ref]
        told = {"evaluationResult": f"[{value}]", "caseOutput": f"[{value}]", "selectedCase": value}
        match steps:
            case []:
                return f"{{'evaluationResult': [{value}], 'selectedCase': {value}}}"
            case [str(name)] if name in told:
                return told[name]
            case [str(name), 0] if name in told and name != "selectedCase":
                return value
        raise invalid(path, f"The output of {ref!r} has selectedCase and evaluationResult[0] here.")

    def outputs(self, ref: str, path: str) -> Any:
        """The same as a setting, field by field."""
        if self.tasks[ref].type == "DO_WHILE":
            return hole(self.output(ref, [], path))
        place = self._place(ref)
        return _as_setting(place, () if len(place) > 1 else shape_of(self.tasks[ref]))

    def place(self, ref: str) -> str:
        """Where the output of the task's node is."""
        return _path("nodes", self._place(ref))

    # --- loops ---

    def _place(self, ref: str) -> list[Step]:
        """Where the task's output is found from here: of one in a loop around which this stands, in the results of
        the loop's last pass."""
        shared = 0
        theirs = self.loops[ref]
        while shared < min(len(theirs), len(self.inside)) and theirs[shared] == self.inside[shared]:
            shared += 1
        return [step for loop in theirs[shared:] for step in (loop, LAST)] + [ref]

    def _loop_output(self, ref: str, place: list[Step], steps: Sequence[Step], path: str) -> str:
        if ref in self.inside:
            return self._within_loop(ref, steps, path)
        passes = _path("nodes", place)
        if not steps:
            counted = f"{{str(n + 1): each for n, each in enumerate({passes})}}"
            return f'{{**{counted}, "iteration": len({passes})}}'
        if list(steps) == ["iteration"]:
            return f"len({passes})"
        first = str(steps[0])
        if not first.isdecimal() or first == "0":
            raise invalid(path, f"The output of {ref!r} has iteration, and 1, 2, … for its iterations.")
        return _or_null(_path("nodes", [*place, int(first) - 1, *steps[1:]]))

    def _within_loop(self, ref: str, steps: Sequence[Step], path: str) -> str:
        told = {"iteration": "index + 1"}
        if self.tasks[ref].goes_over_items:
            told |= {"loopIndex": "index", "loopItem": "item"}
        if ref != self.inside[-1] or not steps or steps[0] not in told:
            raise invalid(path, f"Within the loop {ref!r} {', '.join(told)} of it can be read, and nothing else.")
        name = told[str(steps[0])]
        return _or_null(_path(name, steps[1:])) if name == "item" else name

    # --- reading ---

    def _query(self, start: str, rest: str, path: str) -> Json:
        """A JSONPath: plain names and indexes, and from the first wildcard on what it leads to. Without any match it
        is an empty list."""
        head, [part, *steps] = _steps(start.strip(), path)
        root: list[Step] = []
        if head == "workflow" and part in ("input", "variables"):
            root += ["vars"] if part == "variables" else self.input.split(".")
        elif head in self.tasks and part == "output" and self.tasks[head].type != "DO_WHILE":
            place, shape = self._place(head), shape_of(self.tasks[head])
            while isinstance(shape, dict) and steps and steps[0] in shape and len(place) == 1:
                shape = shape[str(steps.pop(0))]
            root = ["nodes", *place, *(shape if isinstance(shape, tuple) and len(place) == 1 else ())]
        if not root:
            raise invalid(path, "Wildcards go over workflow.input, workflow.variables or a task's output.")
        query = "$" + "".join(f"[{json.dumps(step)}]" for step in (*root, *steps)) + rest
        setting: Json = {"$path": query, "default": []}
        for error in compile_parameters({"query": setting}, [str(step) for step in root[1:2]]).errors:
            raise invalid(path, error.message)
        return setting

    def _spliced(self, text: str, path: str) -> str:
        """Every second piece is what stands in `${}`."""
        pieces = _REFERENCE.split(text)
        if any("${" in piece for piece in pieces[::2]):
            raise invalid(path, "A ${ must be closed, and cannot stand within another.")
        pieces[::2] = [literal(piece) for piece in pieces[::2]]
        pieces[1::2] = [hole(self._read(piece, path)) for piece in pieces[1::2]]
        return "".join(pieces)

    def _read(self, query: str, path: str) -> str:
        head, steps = _steps(query.strip(), path)
        part, rest = (steps[0], steps[1:]) if steps else ("", [])
        if head == "workflow":
            if part not in _OF_WORKFLOW:
                raise invalid(path, f"Of the workflow {', '.join(_OF_WORKFLOW)} can be read here, not {part!r}.")
            return _or_null(_path(self.input if part == "input" else _OF_WORKFLOW[str(part)], rest))
        if head not in self.tasks:
            raise invalid(path, f"There is no task {head!r}.")
        if part == "input":
            return self._input(head, rest, path)
        if part != "output":
            raise invalid(path, f"Of a task its input and output can be read here, not {part!r}.")
        return self.output(head, rest, path)

    def _input(self, ref: str, steps: list[Step], path: str) -> str:
        """What the task was given is read where that came from."""
        if ref in self._reading or self.loops[ref] != self.inside[: len(self.loops[ref])]:
            raise invalid(path, f"The input of {ref!r} cannot be read here.")
        value: Any = self.tasks[ref].input_parameters
        rest = list(steps)
        while rest and isinstance(value, dict):
            value = value.get(str(rest.pop(0)))
        self._reading.append(ref)
        if rest and isinstance(value, str) and is_alone(value):
            return self._done(self._read(f"{value[2:-1]}{''.join(_as_written(step) for step in rest)}", path))
        return self._done(self.expression(None if rest else value, path))

    def _done(self, expression: str) -> str:
        self._reading.pop()
        return expression


def of_node(node_id: str) -> str:
    """The output of a node, by its id."""
    return _path("nodes", [node_id])


def literal(text: str) -> str:
    """Text in which nothing is an expression of ours."""
    return _BRACES.sub(lambda found: f'{{{{ "{found[0]}" }}}}', text)


def hole(expression: str) -> str:
    return f"{{{{ {expression} }}}}"


def is_alone(text: str) -> bool:
    """One reference and nothing else, which keeps its type."""
    return _REFERENCE.fullmatch(text) is not None


def _shaped(place: list[Step], shape: Shape, steps: list[Step]) -> str:
    if isinstance(shape, tuple):
        return _or_null(_path("nodes", [*place, *shape, *steps]))
    return f"{{{', '.join(f'{name!r}: {_shaped(place, inner, [])}' for name, inner in shape.items())}}}"


def _as_setting(place: list[Step], shape: Shape) -> Any:
    if isinstance(shape, tuple):
        return hole(_or_null(_path("nodes", [*place, *shape])))
    return {name: _as_setting(place, inner) for name, inner in shape.items()}


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


def _as_written(step: Step) -> str:
    return f"[{step}]" if isinstance(step, int) else f"['{step}']"


def _path(root: str, steps: Sequence[Step]) -> str:
    return root + "".join(_step(step) for step in steps)


def _step(step: Step) -> str:
    plain = isinstance(step, str) and _NAME.fullmatch(step) and not keyword.iskeyword(step)
    return f".{step}" if plain else f"[{step!r}]"


def _or_null(path: str) -> str:
    """What is missing is null there."""
    return path if path == "trigger" else f"default({path}, None)"

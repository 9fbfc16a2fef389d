"""What tasks were given: their input parameters, with values where they have references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from runs.dialects.conductor.definitions import Definition, Json, Task, all_tasks
from runs.dialects.conductor.drawing import loops_of
from runs.dialects.conductor.kinds import PROGRAMS
from runs.dialects.conductor.values import Values, of_node
from runs.dialects.conductor.versions import kept_definition
from wire.problems import BadRequest
from workflows.expressions import CompiledParameters, ExpressionError, Scope, compile_parameters, resolve_now


@dataclass(frozen=True)
class Inputs:
    """Of one task. Parameters that only the sandbox could compute are left out."""

    plain: Json
    compiled: Mapping[str, CompiledParameters]

    def at(self, scope: Scope) -> Json:
        values = {name: _resolved(compiled, scope).get(name) for name, compiled in self.compiled.items()}
        return {**self.plain, **values}


def _resolved(compiled: CompiledParameters, scope: Scope) -> Json:
    try:
        resolved: Json = resolve_now(compiled, scope)
    except ExpressionError:
        return {}
    return resolved


@lru_cache(maxsize=256)
def inputs_of(version_id: str) -> Mapping[str, Inputs]:
    """By the tasks' reference names. Versions that runs name never change."""
    definition = Definition.model_validate(kept_definition(version_id))
    tasks = {task.ref: task for _, task in all_tasks(definition)}
    values = Values(tasks, loops_of(definition))
    if definition.input_template and "input" not in tasks:
        values.input = of_node("input")
    return {ref: _inputs(task, values) for ref, task in tasks.items()}


def _inputs(task: Task, values: Values) -> Inputs:
    values.inside = values.loops[task.ref]
    plain: Json = {}
    compiled: dict[str, CompiledParameters] = {}
    for name, value in task.input_parameters.items():
        if name in PROGRAMS:
            plain[name] = value
        elif (read := _compiled(name, value, values)) is not None:
            compiled[name] = read
    return Inputs(plain, compiled)


def _compiled(name: str, value: Any, values: Values) -> CompiledParameters | None:
    try:
        compiled = compile_parameters({name: values.setting(value, name)}, [*values.tasks, "input"])
    except BadRequest:
        return None
    return None if compiled.needs_sandbox or compiled.errors else compiled

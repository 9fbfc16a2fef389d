"""A definition as a workflow on our canvas. Pure.

A task becomes the node of its reference name, with helpers beside it where it takes more than one node: they carry the
task's name with a suffix. The definition stays with the trigger node.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runs.dialects.conductor.definitions import (
    FORKS,
    JAVASCRIPT,
    VALUE_PARAM,
    Definition,
    Json,
    Task,
    WorkflowParam,
    all_tasks,
    below,
    invalid,
)
from runs.dialects.conductor.dynamic_forks import Dynamic, joined
from runs.dialects.conductor.kinds import Kinds
from runs.dialects.conductor.shapes import shape_of
from runs.dialects.conductor.values import AS_TEXT, Values, hole, is_alone, literal, of_node
from workflows.nodes.base import Retry

KEPT_AS = "workflow_def"
"""The trigger node's setting that holds the definition as it was sent."""
RETRY_DELAY = 60
"""Seconds, as Conductor has it where nothing else is said."""
MOST_ITERATIONS = 10_000
SECONDS = r"""(() => {
  const units = { d: 86400, h: 3600, m: 60, s: 1 };
  const part = /(\d+)\s*(days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])/gi;
  let seconds = 0;
  const rest = String($.duration).replace(part, (_, count, unit) => {
    seconds += count * units[unit[0].toLowerCase()];
    return "";
  });
  if (rest.trim() || !seconds) throw new Error(`${$.duration} is no time such as 1d 2h 3m 4s.`);
  return seconds;
})()"""
"""A program that reads a time as Conductor writes it."""

Ends = list[tuple[str, str | None]]
"""Nodes with the exits by which the next task is reached; none at the beginning of a loop, and where nothing leads
on."""

_OWN_EXITS = ("default", "error", "compensate")


class Drawing:
    """`nodes` and `edges`; the nodes' `paths` in the definition, and by their paths the workflows that are `called`.

    Raises BadRequest for what cannot be run.
    """

    def __init__(self, definition: Definition, body: Json) -> None:
        tasks = {task.ref: task for _, task in all_tasks(definition)}
        self.nodes: list[Json] = []
        self.edges: list[Json] = []
        self.paths: dict[str, str] = {}
        self._taken = set(tasks)
        self._forked: dict[str, str] = {}
        self._branches: dict[str, dict[str, Ends]] = {}
        self._loose: Ends = []
        self._parent: str | None = None
        self._values = Values(tasks, loops_of(definition))
        self._kinds = Kinds(self._values)
        start = self._free("start")
        self._node(start, "manual_trigger", [], label="Start", **{KEPT_AS: body})
        ends = self._row(definition.tasks, "tasks", self._beginning(definition, [(start, None)]))
        if ends:
            self._output(definition, ends)

    @property
    def called(self) -> dict[str, WorkflowParam]:
        return self._kinds.called

    # --- rows of tasks ---

    def _beginning(self, definition: Definition, ends: Ends) -> Ends:
        """What the workflow knows before its first task."""
        if definition.input_template:
            expression = f"{{**{definition.input_template!r}, **trigger}}"
            ends = self._helper("input", "inputTemplate", "transform", ends, label="Input", expression=expression)
            self._values.input = of_node(ends[0][0])
        if definition.variables:
            variables = self._values.setting(definition.variables, "variables")
            ends = self._helper("variables", "variables", "set_variables", ends, label="Variables", variables=variables)
        return ends

    def _row(self, tasks: list[Task], path: str, ends: Ends) -> Ends:
        for place, task in enumerate(tasks):
            here = f"{path}[{place}]"
            if not ends and place:
                raise invalid(here, "Nothing leads to it: what stands before it ends the run.")
            self.paths[task.ref] = here
            if task.start_delay:
                wait = {"label": f"Before {task.name}", "duration": task.start_delay, "unit": "seconds"}
                ends = self._helper(f"{task.ref}_delay", f"{here}.startDelay", "delay", ends, **wait)
            ends = self._task(task, here, ends, tasks[place - 1] if place else None)
        return ends

    def _task(self, task: Task, path: str, ends: Ends, before: Task | None) -> Ends:
        match task.type:
            case "SWITCH" | "DECISION":
                return self._switch(task, path, ends)
            case "DO_WHILE":
                return self._loop(task, path, ends)
            case "FORK_JOIN_DYNAMIC" | "DYNAMIC":
                return self._dynamic(task, path, ends)
            case "JOIN" | "EXCLUSIVE_JOIN":
                return self._join(task, path, ends, before)
            case "WAIT" if "${" in str(task.input_parameters.get("duration")):
                return self._timed(task, path, ends)
            case "HTTP" if task.async_complete:
                kind, settings = self._kinds.of(task, path)
                ends = self._helper(f"{task.ref}_call", path, kind, ends, label=task.name, **settings)
                return self._of_task(task, "wait_for_event", {"name": task.ref}, ends)
        kind, settings = self._kinds.of(task, path)
        ends = self._of_task(task, kind, settings, ends)
        if task.type == "FORK_JOIN":
            rows = task.fork_tasks or []
            branches = [self._row(row, f"{path}.forkTasks[{n}]", ends) for n, row in enumerate(rows)]
            self._branches[task.ref] = {row[-1].ref: branch for row, branch in zip(rows, branches, strict=True)}
            return [end for branch in branches for end in branch]
        return [] if task.type == "TERMINATE" else ends

    def _timed(self, task: Task, path: str, ends: Ends) -> Ends:
        """A wait whose time is known only when it is reached: a program reads it."""
        read, place = SECONDS, f"{path}.inputParameters.duration"
        inputs = {"duration": self._values.setting(task.input_parameters["duration"], place)}
        ends = self._helper(
            f"{task.ref}_seconds", place, "javascript", ends, label="How long", source=read, inputs=inputs
        )
        return self._of_task(task, "delay", {"duration": hole(of_node(ends[0][0])), "unit": "seconds"}, ends)

    def _of_task(self, task: Task, kind: str, settings: Json, ends: Ends) -> Ends:
        options: Json = {"on_error": "continue"} if task.optional else {}
        if task.type not in ("DO_WHILE", "DYNAMIC", *FORKS) and (rule := _retry(task)):
            options["retry"] = rule
        return self._node(task.ref, kind, ends, label=task.name, **settings, **options)

    # --- choosing ---

    def _switch(self, task: Task, path: str, ends: Ends) -> Ends:
        left, ends = self._chosen(task, path, ends)
        rows = task.decision_cases or {}
        cases = [{"name": _exit(case), "conditions": [_equals(left, case)]} for case in rows]
        self._of_task(task, "switch", {"cases": cases}, ends)
        onward: Ends = []
        for case, row in rows.items():
            here = below(path, "decisionCases", case)
            onward += self._row(row, here, [(task.ref, _exit(case))])
        return onward + self._row(task.default_case or [], f"{path}.defaultCase", [(task.ref, "default")])

    def _chosen(self, task: Task, path: str, ends: Ends) -> tuple[str, Ends]:
        """By what the cases are told apart, and the ends behind what computes it. Later tasks may read it."""
        is_old = task.type == "DECISION"
        script, place = (task.case_expression, "caseExpression") if is_old else (task.expression, "expression")
        is_script = bool(script) if is_old else task.evaluator_type in JAVASCRIPT
        inputs = f"{path}.inputParameters"
        if is_script:
            kind, settings = self._kinds.script(script, f"{path}.{place}", task, inputs)
            ends = self._helper(f"{task.ref}_case", f"{path}.{place}", kind, ends, label=task.name, **settings)
            self._values.chosen[task.ref] = of_node(ends[0][0])
            return hole(of_node(ends[0][0])) + AS_TEXT, ends
        if not is_old and task.evaluator_type != VALUE_PARAM:
            raise invalid(f"{path}.evaluatorType", f"must be {VALUE_PARAM}, {' or '.join(JAVASCRIPT)}.")
        name, place = (task.case_value_param, "caseValueParam") if is_old else (task.expression, "expression")
        if name not in task.input_parameters:
            raise invalid(f"{path}.{place}", "It must be the name of one of the inputParameters.")
        value, place = task.input_parameters[name or ""], below(inputs, name or "")
        if not isinstance(value, str) or is_alone(value):
            self._values.chosen[task.ref] = self._values.expression(value, place)
        return self._values.text(value, place), ends

    # --- side by side ---

    def _join(self, task: Task, path: str, ends: Ends, before: Task | None) -> Ends:
        refs = task.join_on or []
        if before and before.type == "FORK_JOIN" and refs:
            ends = self._awaited(refs, self._branches[before.ref])
        if task.type == "EXCLUSIVE_JOIN" and before and before.type == "FORK_JOIN":
            return self._of_task(task, "join", {"wait_for": "any", "cancel_rest": False}, ends)
        if before and before.type == "FORK_JOIN_DYNAMIC":
            expression = joined(self._forked[before.ref], before.ref)
        elif task.type == "EXCLUSIVE_JOIN":
            expression = "None"
            for ref in reversed([*refs, *(task.default_exclusive_join_task or ())]):
                expression = f"default({self._values.place(self._known(ref, path))}, {expression})"
        else:
            rows = before.fork_tasks or [] if before else []
            refs = refs or [row[-1].ref for row in rows if row[-1].type != "TERMINATE"]
            expression = f"{{{', '.join(f'{ref!r}: {self._values.output(ref, [], path)}' for ref in refs)}}}"
        return self._of_task(task, "transform", {"expression": expression}, ends)

    def _awaited(self, refs: list[str], branches: Mapping[str, Ends]) -> Ends:
        """The ends of what a join waits for. The other branches go on beside what follows, up to the end."""
        ends = [end for ref in refs for end in branches.get(ref, [(ref, None)])]
        self._loose += [end for last, branch in branches.items() if last not in refs for end in branch]
        return ends

    def _known(self, ref: str, path: str) -> str:
        if ref not in self._values.tasks:
            raise invalid(f"{path}.joinOn", f"There is no task {ref!r}.")
        return ref

    def _dynamic(self, task: Task, path: str, ends: Ends) -> Ends:
        dynamic, settings = Dynamic(task, path, self._values), {}
        self.called.update(dynamic.called)
        if task.type == "FORK_JOIN_DYNAMIC":
            told = {"label": f"Tasks of {task.name}", "expression": dynamic.items}
            [(tasks, _)] = ends = self._helper(f"{task.ref}_tasks", path, "transform", ends, **told)
            self._forked[task.ref] = tasks
            settings["items"] = hole(of_node(tasks))
        ends = self._of_task(task, dynamic.kind, {**settings, **dynamic.settings}, ends)
        outer, self._parent = self._parent, task.ref

        def draw(suffix: str, kind: str, ends: Ends, /, **data: Any) -> Ends:
            return self._helper(f"{task.ref}_{suffix}", path, kind, ends, **data)

        rule = _retry(task)
        dynamic.draw(draw, {"retry": rule} if rule else {})
        self._parent = outer
        return ends

    # --- again and again ---

    def _loop(self, task: Task, path: str, ends: Ends) -> Ends:
        kind, settings = self._looping(task, path)
        after = self._of_task(task, kind, settings, ends)
        container = self.nodes[-1]["data"]
        outside, parent = self._values.inside, self._parent
        self._values.inside, self._parent = (*outside, task.ref), task.ref
        loose, self._loose = self._loose, []
        inner = [*self._row(task.loop_over or [], f"{path}.loopOver", []), *self._loose]
        self._loose = loose
        if not inner:
            raise invalid(f"{path}.loopOver", "Every way through it ends the run.")
        if not task.goes_over_items:
            container["until"], inner = self._condition(task, path, inner)
        mapping = {ref: self._values.outputs(ref, path) for ref in self._told_in(task)}
        self._helper(f"{task.ref}_outputs", path, "set", inner, label="Outputs", mapping=mapping)
        self._values.inside, self._parent = outside, parent
        return after

    def _looping(self, task: Task, path: str) -> tuple[str, Json]:
        if not task.goes_over_items:
            return "repeat_until", {"until": "True", "max_passes": MOST_ITERATIONS, "output": "all"}
        is_input = task.items is None
        items, place = (task.input_parameters["items"], "inputParameters.items") if is_input else (task.items, "items")
        return "for_each", {"items": self._values.setting(items, f"{path}.{place}")}

    def _condition(self, task: Task, path: str, ends: Ends) -> tuple[str, Ends]:
        """When the loop is over, and the ends behind what computes it."""
        condition, inputs = task.loop_condition or "", f"{path}.inputParameters"
        if task.evaluator_type == VALUE_PARAM:
            if condition not in task.input_parameters:
                raise invalid(f"{path}.loopCondition", "It must be the name of one of the inputParameters.")
            value = self._values.expression(task.input_parameters[condition], below(inputs, condition))
            return f"not ({value})", ends
        seen: Json = {task.ref: {"iteration": hole("index + 1")}}
        seen |= {ref: self._values.outputs(ref, path) for ref in self._told_in(task) if ref in condition}
        seen = {ref: {"output": value} if _reads_output(condition, ref) else value for ref, value in seen.items()}
        kind, settings = self._kinds.script(condition, f"{path}.loopCondition", task, inputs, **seen)
        ends = self._helper(f"{task.ref}_while", f"{path}.loopCondition", kind, ends, label="Go on?", **settings)
        return f"not {of_node(ends[0][0])}", ends

    def _told_in(self, loop: Task) -> list[str]:
        """The tasks of which an iteration has something to tell."""
        here = self._values.inside
        tasks = self._values.tasks
        return [ref for ref, around in self._values.loops.items() if around == here and shape_of(tasks[ref]) != {}]

    # --- the end ---

    def _output(self, definition: Definition, ends: Ends) -> None:
        """What the run puts out: as it is told, else what the last task does. It ends when all branches have."""
        ends = [*ends, *self._loose]
        last = definition.tasks[-1]
        if definition.output_parameters:
            mapping = self._values.setting(definition.output_parameters, "outputParameters")
            self._helper("output", "outputParameters", "set", ends, label="Output", mapping=mapping)
        elif self._loose or last.type == "DO_WHILE" or shape_of(last):
            expression = self._values.output(last.ref, [], "tasks")
            self._helper("output", "tasks", "transform", ends, label="Output", expression=expression)

    # --- nodes ---

    def _free(self, name: str) -> str:
        while name in self._taken:
            name = f"{name}_"
        self._taken.add(name)
        return name

    def _helper(self, name: str, path: str, kind: str, ends: Ends, /, **data: Any) -> Ends:
        """A node that is no task itself."""
        node_id = self._free(name)
        self.paths[node_id] = path
        return self._node(node_id, kind, ends, **data)

    def _node(self, node_id: str, kind: str, ends: Ends, /, **data: Any) -> Ends:
        lies_in = {"parentId": self._parent} if self._parent else {}
        self.nodes.append({"id": node_id, **lies_in, "data": {"componentId": kind, **data}})
        for source, handle in ends:
            way = {"sourceHandle": handle} if handle else {}
            self.edges.append({"id": f"e{len(self.edges) + 1}", "source": source, "target": node_id, **way})
        return [(node_id, None)]


def loops_of(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Every task with the loops that it lies in, outermost first."""
    return dict(_loops(definition.tasks, ()))


def _loops(row: list[Task], around: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for task in row:
        found.append((task.ref, around))
        for inner, tasks in task.within():
            found += _loops(tasks, (*around, task.ref) if inner == "loopOver" else around)
    return found


def _retry(task: Task) -> Json | None:
    """As the task says it, and the definition of its type that lies in it; else as its type says where it has one."""
    rules = task.task_definition
    if task.retry_count is None and rules is None:
        return None
    rule = rules.retry if rules else Retry(delay=RETRY_DELAY)
    count = rule.count if task.retry_count is None else task.retry_count
    if count:
        return rule.model_copy(update={"count": count}).model_dump(exclude=None if rule.codes else {"codes"})
    return {"count": 0} if task.type in (None, "SIMPLE") else None


def _reads_output(program: str, ref: str) -> bool:
    """Whether it reads `$.ref.output.x`, where Conductor's own documents have `$.ref.x`."""
    name = re.escape(ref)
    task = rf"""\$(?:\.{name}\b|\[\s*['"]{name}['"]\s*\])"""
    return re.search(rf"""{task}(?:\.output\b|\[\s*['"]output['"]\s*\])""", program) is not None


def _exit(case: str) -> str:
    return f"case_{case}" if case in _OWN_EXITS else case


def case_of(handle: str) -> str:
    """Which case an exit is for."""
    return handle.removeprefix("case_") if handle.removeprefix("case_") in _OWN_EXITS else handle


def _equals(left: str, case: str) -> Json:
    return {"left": left, "type": "string", "operator": "equals", "right": literal(case)}

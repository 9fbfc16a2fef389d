"""Tasks that are known only when they run, as a loop over them whose passes run side by side: FORK_JOIN_DYNAMIC, and
DYNAMIC, which is one of them."""

from __future__ import annotations

from typing import Any, Protocol

from runs.dialects.conductor.definitions import Json, Task, WorkflowParam, below, invalid
from runs.dialects.conductor.values import Values, hole, of_node
from workflows.nodes.for_each import MAX_AT_ONCE

Ends = list[tuple[str, str | None]]

KINDS = {
    "HTTP": "http_request",
    "HUMAN": "wait_for_event",
    "SIMPLE": "worker_task",
    "START_WORKFLOW": "start_workflow",
    "SUB_WORKFLOW": "sub_workflow",
}
"""Types that may turn out to be meant, with the kinds of the nodes that do them."""
_REQUEST = "item.input.get('http_request', item.input)"


class Draw(Protocol):
    def __call__(self, suffix: str, kind: str, ends: Ends, /, **data: Any) -> Ends: ...


class Dynamic:
    """What a task turns out to be: `items` are objects with `ref`, `name`, `type`, `input` and, of a type that runs
    another workflow, `workflow`. `kind` is that of its node.

    Raises BadRequest for what cannot be run.
    """

    def __init__(self, task: Task, path: str, values: Values) -> None:
        self.called: dict[str, WorkflowParam] = {}
        self.kind = "for_each"
        self.settings: Json = {"concurrency": MAX_AT_ONCE}
        self._task = task
        self._given = task.input_parameters
        self._inputs = f"{path}.inputParameters"
        self._path = path
        self._values = values
        self._type: str | None = None
        if task.type == "DYNAMIC":
            self.settings = {"items": [self._one()]}
        elif task.dynamic_fork_tasks_param is None:
            self.items = self._same_task()
        else:
            self.items = self._different_tasks()
        if task.stands_for:
            self.kind, self._type = "for_each", "SIMPLE"

    def _read(self, name: str) -> str:
        if name not in self._given:
            raise invalid(below(self._inputs, name), "must say what is run, and with which inputs.")
        return self._values.expression(self._given[name], below(self._inputs, name))

    # --- one ---

    def _one(self) -> Json:
        param = self._task.dynamic_task_name_param
        if not param:
            raise invalid(f"{self._path}.dynamicTaskNameParam", "must be the name of one of the inputParameters.")
        name, called = self._read(param), self._task.sub_workflow_param
        workflow = called.name if called else self._given.get("subWorkflowName")
        return {
            "ref": self._task.ref,
            "name": hole(name),
            "type": hole(f"{name} if {name} in {tuple(KINDS)!r} else 'SIMPLE'"),
            "workflow": self._values.setting(workflow, f"{self._inputs}.subWorkflowName"),
            "input": self._values.setting(self._given, self._inputs),
        }

    # --- the same task with each of the inputs ---

    def _same_task(self) -> str:
        inputs, workflow = self._read("forkTaskInputs"), self._given.get("forkTaskWorkflow")
        if workflow is None:
            self._type, name, called = self._same_type(), self._read("forkTaskName"), "None"
        else:
            self._type = "SUB_WORKFLOW"
            name = self._values.expression(self._given.get("forkTaskName", workflow), self._inputs)
            called = self._workflow(workflow, below(self._inputs, "forkTaskWorkflow"))
        numbered = "{**(each if isinstance(each, dict) else {'input': each}), '__index': n}"
        told = f"'name': {name}, 'type': {self._type!r}, 'workflow': {called}, 'input': {numbered}"
        return f"[{{'ref': '_' + {name} + '_' + str(n), {told}}} for n, each in enumerate({inputs} or [])]"

    def _same_type(self) -> str:
        name = self._given.get("forkTaskName")
        kind = self._given.get("forkTaskType", name if name in KINDS else "SIMPLE")
        if kind not in KINDS or kind in ("START_WORKFLOW", "SUB_WORKFLOW"):
            place = "forkTaskType" if "forkTaskType" in self._given else "forkTaskName"
            raise invalid(below(self._inputs, place), "must be HTTP, SIMPLE or HUMAN; or name a forkTaskWorkflow.")
        return str(kind)

    def _workflow(self, workflow: Any, path: str) -> str:
        version = self._given.get("forkTaskWorkflowVersion")
        if isinstance(workflow, str) and "${" not in workflow:
            self.called[path] = WorkflowParam(name=workflow, version=version if isinstance(version, int) else None)
        self.kind = "iterator"
        self.settings |= {"workflow": self._values.setting(workflow, path), "payload": hole("item.input")}
        return self._values.expression(workflow, path)

    # --- a task for each ---

    def _different_tasks(self) -> str:
        tasks = self._read(self._task.dynamic_fork_tasks_param or "")
        inputs = self._read(self._task.dynamic_fork_tasks_input_param_name or "dynamicForkTasksInputParamName")
        fields = {
            "ref": "task['taskReferenceName']",
            "name": "task.get('name') or task['taskReferenceName']",
            "type": "task.get('type') or 'SIMPLE'",
            "workflow": "(task.get('subWorkflowParam') or {}).get('name')",
            "input": f"({inputs} or {{}}).get(task['taskReferenceName']) or task.get('inputParameters') or {{}}",
            "task": "task",
        }
        told = ", ".join(f"{name!r}: {value}" for name, value in fields.items())
        return f"[{{{told}}} for task in {tasks} or []]"

    # --- what lies in it ---

    def draw(self, draw: Draw, options: Json) -> None:
        """`options` are for workers' tasks."""
        if self.kind == "iterator":
            return
        if self._type is not None:
            self._draw_one(draw, self._type, [], options)
            return
        cases = [{"name": name, "conditions": [_is_type(name)]} for name in KINDS]
        [(switch, _)] = draw("type", "switch", [], label="Of which type", cases=cases)
        for name in KINDS:
            self._draw_one(draw, name, [(switch, name)], options)
        message = f"Only {', '.join(KINDS)} can be run so here, not {hole('item.type')}."
        draw("other", "stop", [(switch, "default")], label="Another type", status="failed", message=message)

    def _draw_one(self, draw: Draw, kind: str, ends: Ends, options: Json) -> None:
        match kind:
            case "HTTP":
                _call(draw, ends)
            case "HUMAN":
                draw("human", "wait_for_event", ends, label="Person", name=hole("item.ref"))
            case "SUB_WORKFLOW":
                called = {"workflow": hole("item.workflow"), "payload": hole("item.input")}
                draw("workflow", "sub_workflow", ends, label="Workflow", **called)
            case "START_WORKFLOW":
                called = {name: hole(f"item.input.startWorkflow.{name}") for name in ("name", "input")}
                started = {"workflow": called["name"], "payload": called["input"]}
                draw("start", "start_workflow", ends, label="Start", **started)
            case _:
                given = {"task_type": hole("item.name"), "input": hole("item.input"), **options}
                draw("worker", "worker_task", ends, label="Worker", **given)


def joined(tasks: str, fork: str) -> str:
    """What comes of the tasks of a fork, by their reference names: `tasks` is the node that told them."""
    return f"{{each['ref']: result for each, result in zip({of_node(tasks)}, {of_node(fork)})}}"


def _is_type(name: str) -> Json:
    return {"left": hole("item.type"), "type": "string", "operator": "equals", "right": name}


def _call(draw: Draw, ends: Ends) -> None:
    headers = f"[{{'key': name, 'value': str(value)}} for name, value in ({_REQUEST}.get('headers') or {{}}).items()]"
    ends = draw(
        "call",
        "http_request",
        ends,
        label="Call",
        url=hole(f"{_REQUEST}['uri']"),
        method=hole(f"{_REQUEST}.get('method', 'GET')"),
        headers=hole(headers),
        body=hole(f"{_REQUEST}.get('body')"),
    )
    node = of_node(ends[0][0])
    response = {"statusCode": hole(f"{node}.status"), "headers": hole(f"{node}.headers"), "body": hole(f"{node}.body")}
    draw("response", "set", ends, label="Response", mapping={"response": response})

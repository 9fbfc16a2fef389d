"""FORK_JOIN_DYNAMIC: as many ways as its inputs say when it runs, as a loop over them whose passes run side by side."""

from __future__ import annotations

from typing import Any, Protocol

from runs.dialects.conductor.definitions import Json, Task, WorkflowParam, below, invalid
from runs.dialects.conductor.values import AS_TEXT, Values, hole, of_node
from workflows.nodes.for_each import MAX_AT_ONCE

Ends = list[tuple[str, str | None]]

FORKED_TYPES = ("HTTP", "SUB_WORKFLOW")


class Draw(Protocol):
    def __call__(self, suffix: str, kind: str, ends: Ends, **data: Any) -> Ends: ...


class DynamicFork:
    """`kind` and `settings` of its node, what lies in it, and what its join makes of the results."""

    def __init__(self, task: Task, path: str, values: Values) -> None:
        """Raises BadRequest for what cannot be run."""
        self.called: dict[str, WorkflowParam] = {}
        self.kind = "for_each"
        self._given = task.input_parameters
        self._inputs = f"{path}.inputParameters"
        self._path = path
        self._values = values
        self._ref = task.ref
        self.is_of_one_task = task.dynamic_fork_tasks_param is None
        if self.is_of_one_task:
            self._same_task()
        else:
            self._different_tasks(task)
        self.settings["concurrency"] = MAX_AT_ONCE

    def _read(self, name: str) -> str:
        if name not in self._given:
            raise invalid(below(self._inputs, name), "must say what is run, and with which inputs.")
        return self._values.expression(self._given[name], below(self._inputs, name))

    # --- the same task with each of the inputs ---

    def _same_task(self) -> None:
        inputs = self._read("forkTaskInputs")
        numbered = "{**(each if isinstance(each, dict) else {'input': each}), '__index': n}"
        self.settings: Json = {"items": hole(f"[{numbered} for n, each in enumerate({inputs} or [])]")}
        workflow = self._given.get("forkTaskWorkflow")
        name = self._given.get("forkTaskName", workflow)
        named = f"'_' + {self._values.expression(name, self._inputs)} + '_' + str(n)"
        self.joined = f"{{{named}: each for n, each in enumerate({of_node(self._ref)})}}"
        if workflow is not None:
            self._workflow(workflow, below(self._inputs, "forkTaskWorkflow"))
        elif self._given.get("forkTaskType", name) != "HTTP":
            place = "forkTaskType" if "forkTaskType" in self._given else "forkTaskName"
            raise invalid(below(self._inputs, place), "must be HTTP here, or a forkTaskWorkflow must be named.")

    def _workflow(self, workflow: Any, path: str) -> None:
        version = self._given.get("forkTaskWorkflowVersion")
        if isinstance(workflow, str) and "${" not in workflow:
            self.called[path] = WorkflowParam(name=workflow, version=version if isinstance(version, int) else None)
        self.kind = "iterator"
        self.settings |= {"workflow": self._values.setting(workflow, path), "payload": hole("item")}

    # --- a task for each ---

    def _different_tasks(self, task: Task) -> None:
        tasks = self._read(task.dynamic_fork_tasks_param or "")
        inputs = self._read(task.dynamic_fork_tasks_input_param_name or "dynamicForkTasksInputParamName")
        given = f"({inputs} or {{}}).get(task['taskReferenceName']) or task.get('inputParameters') or {{}}"
        pairs = f"[{{'task': task, 'input': {given}}} for task in {tasks} or []]"
        self.settings = {"items": hole(pairs)}
        results = f"zip({tasks} or [], {of_node(self._ref)})"
        self.joined = f"{{task['taskReferenceName']: each for task, each in {results}}}"

    # --- what lies in it ---

    def draw(self, draw: Draw) -> None:
        if self.kind == "iterator":
            return
        if self.is_of_one_task:
            _call(draw, [], "item.get('http_request', item)")
            return
        cases = [{"name": name, "conditions": [_is_type(name)]} for name in FORKED_TYPES]
        [(switch, _)] = draw("type", "switch", [], label="Of which type", cases=cases)
        _call(draw, [(switch, "HTTP")], "item.input.get('http_request', item.input)")
        workflow = {"workflow": hole("item.task.subWorkflowParam.name"), "payload": hole("item.input")}
        draw("workflow", "sub_workflow", [(switch, "SUB_WORKFLOW")], label="Workflow", **workflow)
        message = f"Only {' and '.join(FORKED_TYPES)} can be forked here, not {hole('item.task')}."
        draw("other", "stop", [(switch, "default")], label="Another type", status="failed", message=message)


def _is_type(name: str) -> Json:
    left = f"{hole('default(item.task.type, None)')}{AS_TEXT}"
    return {"left": left, "type": "string", "operator": "equals", "right": name}


def _call(draw: Draw, ends: Ends, request: str) -> None:
    """The expression `request` gives what Conductor's HTTP task calls `http_request`."""
    headers = f"[{{'key': name, 'value': str(value)}} for name, value in ({request}.get('headers') or {{}}).items()]"
    ends = draw(
        "call",
        "http_request",
        ends,
        label="Call",
        url=hole(f"{request}['uri']"),
        method=hole(f"{request}.get('method', 'GET')"),
        headers=hole(headers),
        body=hole(f"{request}.get('body')"),
    )
    node = of_node(ends[0][0])
    response = {"statusCode": hole(f"{node}.status"), "headers": hole(f"{node}.headers"), "body": hole(f"{node}.body")}
    draw("response", "set", ends, label="Response", mapping={"response": response})

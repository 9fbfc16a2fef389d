"""A definition as a workflow on our canvas. Pure.

A task becomes the node of its reference name. The definition stays with the trigger node.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from runs.dialects.conductor.definitions import (
    Definition,
    Json,
    Task,
    WorkflowParam,
    all_tasks,
    below,
    check_called,
    invalid,
)
from runs.dialects.conductor.values import Values, is_alone, literal

KEPT_AS = "workflow_def"
"""The trigger node's setting that holds the definition as it was sent."""
RETRY_DELAY = 60
"""Seconds, as Conductor has it where nothing else is said."""

Ends = list[tuple[str, str | None]]
"""Nodes with the exits by which the next task is reached."""

_OWN_EXITS = ("default", "error", "compensate")
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"\s*(\d{1,9})\s*(d|days?|h|hours?|hrs?|m|minutes?|mins?|s|seconds?|secs?)(?![a-z])", re.I)
_UNTIL = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?(?:\s+(\S+))?")


class Drawing:
    """`nodes` and `edges`; the nodes' `paths` in the definition, and by their paths the workflows that are `called`.

    Raises BadRequest for what cannot be run.
    """

    def __init__(self, definition: Definition, body: Json) -> None:
        tasks = {task.ref: task for _, task in all_tasks(definition)}
        self.nodes: list[Json] = []
        self.edges: list[Json] = []
        self.paths: dict[str, str] = {}
        self.called: dict[str, WorkflowParam] = {}
        self._values = Values(tasks)
        start = self._free("start")
        self._node(start, "manual_trigger", [], label="Start", **{KEPT_AS: body})
        ends = self._row(definition.tasks, "tasks", [(start, None)])
        if ends:
            self._output(definition, ends)

    def _row(self, tasks: list[Task], path: str, ends: Ends) -> Ends:
        for place, task in enumerate(tasks):
            here = f"{path}[{place}]"
            if not ends:
                raise invalid(here, "Nothing leads to it: what stands before it ends the run.")
            self.paths[task.ref] = here
            ends = self._task(task, here, ends)
        return ends

    def _task(self, task: Task, path: str, ends: Ends) -> Ends:
        if task.type == "SWITCH":
            return self._switch(task, path, ends)
        kind, settings = self._kind(task, path)
        if task.retry_count:
            settings["retry"] = {"count": task.retry_count, "delay": RETRY_DELAY, "backoff": "fixed"}
        if task.optional:
            settings["on_error"] = "continue"
        self._node(task.ref, kind, ends, label=task.name, **settings)
        if task.type == "FORK_JOIN":
            rows = enumerate(task.fork_tasks or ())
            branches = [self._row(row, f"{path}.forkTasks[{n}]", [(task.ref, None)]) for n, row in rows]
            return [end for branch in branches for end in branch]
        return [] if task.type == "TERMINATE" else [(task.ref, None)]

    def _kind(self, task: Task, path: str) -> tuple[str, Json]:
        inputs = f"{path}.inputParameters"
        match task.type:
            case "HTTP":
                return "http_request", self._http(task, inputs)
            case "WAIT":
                return _wait(task, inputs)
            case "HUMAN":
                return "wait_for_event", {"name": task.ref}
            case "TERMINATE":
                return "stop", self._stop(task, inputs)
            case "SUB_WORKFLOW" if task.sub_workflow_param:
                self.called[f"{path}.subWorkflowParam"] = task.sub_workflow_param
                payload = self._values.setting(task.input_parameters, inputs)
                return "sub_workflow", {"workflow": task.sub_workflow_param.name, "payload": payload}
            case "START_WORKFLOW":
                return "start_workflow", self._start(task, f"{inputs}.startWorkflow")
            case "JOIN":
                outputs = (f"{ref!r}: {self._values.output(ref, [], path)}" for ref in task.join_on or ())
                return "transform", {"expression": f"{{{', '.join(outputs)}}}"}
        return "transform", {"expression": "input"}

    def _switch(self, task: Task, path: str, ends: Ends) -> Ends:
        value = task.input_parameters[task.expression or ""]
        left = self._values.text(value, below(path, "inputParameters", task.expression or ""))
        rows = task.decision_cases or {}
        cases = [{"name": _exit(case), "conditions": [_equals(left, case)]} for case in rows]
        self._node(task.ref, "switch", ends, label=task.name, cases=cases)
        onward: Ends = []
        for case, row in rows.items():
            here = below(path, "decisionCases", case)
            onward += self._row(row, here, [(task.ref, _exit(case))])
        return onward + self._row(task.default_case or [], f"{path}.defaultCase", [(task.ref, "default")])

    def _http(self, task: Task, path: str) -> Json:
        given = task.input_parameters
        if "http_request" in given:
            given, path = given["http_request"], f"{path}.http_request"
        if not isinstance(given, Mapping):
            raise invalid(path, "must be an object.")
        setting = {name: self._values.setting(value, f"{path}.{name}") for name, value in given.items() if value}
        if "uri" not in setting:
            raise invalid(f"{path}.uri", "The address that is called is missing.")
        settings = {"url": setting["uri"], "method": setting.get("method", "GET")}
        settings["headers"] = _headers(setting, path)
        if isinstance(timeout := given.get("readTimeOut"), int) and timeout > 0:
            settings["timeout"] = timeout / 1000
        body = given.get("body")
        if isinstance(body, str) and not is_alone(body):
            content_type = setting.get("contentType", "application/json")
            return {**settings, "body_type": "raw", "raw": setting.get("body", ""), "content_type": content_type}
        return {**settings, "body": self._values.setting(body, f"{path}.body")}

    def _stop(self, task: Task, path: str) -> Json:
        given = task.input_parameters
        status = given.get("terminationStatus")
        if status not in ("COMPLETED", "FAILED"):
            raise invalid(f"{path}.terminationStatus", "must be COMPLETED or FAILED.")
        if status == "FAILED":
            reason = given.get("terminationReason") or f"Ended by {task.ref}."
            return {"status": "failed", "message": self._values.text(reason, f"{path}.terminationReason")}
        output = self._values.setting(given.get("workflowOutput") or {}, f"{path}.workflowOutput")
        return {"status": "completed", "output": output}

    def _start(self, task: Task, path: str) -> Json:
        try:
            called = WorkflowParam.model_validate(task.input_parameters.get("startWorkflow"))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            raise invalid(below(path, *first["loc"]), first["msg"]) from None
        check_called(called, path)
        self.called[path] = called
        return {"workflow": called.name, "payload": self._values.setting(called.input or {}, f"{path}.input")}

    def _output(self, definition: Definition, ends: Ends) -> None:
        """What the run puts out: as it is told, else what the last task does."""
        last = definition.tasks[-1]
        name = self._free("output")
        if definition.output_parameters:
            mapping = self._values.setting(definition.output_parameters, "outputParameters")
            self.paths[name] = "outputParameters"
            self._node(name, "set", ends, label="Output", mapping=mapping)
        elif last.type in ("HTTP", "START_WORKFLOW"):
            expression = self._values.output(last.ref, [], "tasks")
            self._node(name, "transform", ends, label="Output", expression=expression)

    def _free(self, name: str) -> str:
        while name in self._values.tasks:
            name = f"_{name}"
        return name

    def _node(self, node_id: str, kind: str, ends: Ends, **data: Any) -> None:
        self.nodes.append({"id": node_id, "data": {"componentId": kind, **data}})
        for source, handle in ends:
            way = {"sourceHandle": handle} if handle else {}
            self.edges.append({"id": f"e{len(self.edges) + 1}", "source": source, "target": node_id, **way})


def _exit(case: str) -> str:
    return f"case_{case}" if case in _OWN_EXITS else case


def _equals(left: str, case: str) -> Json:
    return {"left": left, "type": "string", "operator": "equals", "right": literal(case)}


def _headers(setting: Json, path: str) -> list[Json]:
    headers = setting.get("headers", {})
    if not isinstance(headers, dict):
        raise invalid(f"{path}.headers", "must be an object.")
    told = {"Accept": setting.get("accept"), "Content-Type": setting.get("contentType"), **headers}
    return [
        {"key": key, "value": each if isinstance(each, str) else str(each)}
        for key, value in told.items()
        if value is not None
        for each in (value if isinstance(value, list) else [value])
    ]


def _wait(task: Task, path: str) -> tuple[str, Json]:
    """For a while, until a moment, or until the run is told the event of the task's reference name."""
    given = task.input_parameters
    if not given:
        return "wait_for_event", {"name": task.ref}
    [name, *others] = given
    value = given[name]
    if others or name not in ("duration", "until"):
        raise invalid(path, "must hold either duration or until, or nothing.")
    if not isinstance(value, str) or "${" in value:
        raise invalid(f"{path}.{name}", "must be text without references: it is read before there is any data.")
    if name == "duration":
        return "delay", {"duration": _seconds(value, f"{path}.duration"), "unit": "seconds"}
    return "wait_until", _moment(value, f"{path}.until")


def _seconds(text: str, path: str) -> int:
    seconds, at = 0, 0
    while at < len(text.rstrip()):
        part = _DURATION.match(text, at)
        if part is None:
            raise invalid(path, "must be told in days, hours, minutes and seconds, such as 1d 2h 3m 4s.")
        seconds += int(part[1]) * _UNITS[part[2][0].lower()]
        at = part.end()
    return seconds


def _moment(text: str, path: str) -> Json:
    told = _UNTIL.fullmatch(text.strip())
    moment = f"{told[1]}T{told[2] or '00:00'}" if told else ""
    try:
        datetime.fromisoformat(moment)
        ZoneInfo(told[3] if told and told[3] else "UTC")
    except (KeyError, ValueError, OSError):
        raise invalid(path, "must be a moment such as 2030-01-31 09:00 Europe/Rome.") from None
    return {"moment": moment, **({"timezone": told[3]} if told and told[3] else {})}

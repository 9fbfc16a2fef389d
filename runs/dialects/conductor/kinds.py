"""A task as a kind of node of ours with its settings. Pure.

What takes more than one node (switches, forks, loops) is drawn in drawing.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from runs.dialects.conductor.definitions import (
    JAVASCRIPT,
    VALUE_PARAM,
    Json,
    Task,
    WorkflowParam,
    below,
    check_called,
    invalid,
)
from runs.dialects.conductor.values import Values, hole, is_alone
from workflows.nodes.worker_task import LONGEST_LEASE
from workflows.scripts import Language, syntax_fault

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"\s*(\d{1,9})\s*(d|days?|h|hours?|hrs?|m|minutes?|mins?|s|seconds?|secs?)(?![a-z])", re.I)
_UNTIL = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?(?:\s+(\S+))?")
PROGRAMS = ("evaluatorType", "expression", "scriptExpression", "queryExpression")
"""Of a program's parameters: what says which program it is."""

Kind = tuple[str, Json]


class Kinds:
    """Raises BadRequest for what cannot be run. By their paths, the workflows that are `called`."""

    def __init__(self, values: Values) -> None:
        self.called: dict[str, WorkflowParam] = {}
        self._values = values

    def of(self, task: Task, path: str) -> Kind:
        inputs = f"{path}.inputParameters"
        match task.type:
            case "HTTP":
                return "http_request", self._http(task, inputs)
            case "INLINE" | "LAMBDA" | "JSON_JQ_TRANSFORM":
                return (self._jq if task.type == "JSON_JQ_TRANSFORM" else self._inline)(task, inputs)
            case "SET_VARIABLE":
                return "set_variables", {"variables": self._values.setting(task.input_parameters, inputs)}
            case "WAIT" | "HUMAN":
                return _wait(task, inputs)
            case "SIMPLE" | None:
                return "worker_task", self._worker_task(task, inputs)
            case "EVENT":
                return "raise_event", self._event(task, path)
            case "TERMINATE":
                return "stop", self._stop(task, inputs)
            case "SUB_WORKFLOW" if task.sub_workflow_param:
                self.called[f"{path}.subWorkflowParam"] = task.sub_workflow_param
                payload = self._values.setting(task.input_parameters, inputs)
                return "sub_workflow", {"workflow": task.sub_workflow_param.name, "payload": payload}
            case "START_WORKFLOW":
                return "start_workflow", self._start(task, f"{inputs}.startWorkflow")
        return "transform", {"expression": "input"}

    def _worker_task(self, task: Task, path: str) -> Json:
        """What is not said here is as the type of the task says it."""
        settings: Json = {"task_type": task.name, "input": self._values.setting(task.input_parameters, path)}
        if rules := task.task_definition:
            settings |= {"respond_within": min(rules.lease or 0, LONGEST_LEASE), "at_most": rules.timeout or 0}
        return settings

    def _event(self, task: Task, path: str) -> Json:
        """Told to the runs that share the correlation id of this one."""
        queue, _, name = (task.sink or "").partition(":")
        if queue != "conductor":
            raise invalid(f"{path}.sink", "must be conductor, or conductor: and an event's name; there are no queues.")
        payload = self._values.setting(task.input_parameters, f"{path}.inputParameters")
        correlation = hole("default(run.correlation_id, None) or run.id")
        return {"name": name or task.ref, "correlation": correlation, "payload": payload}

    # --- programs ---

    def program(self, language: Language, text: Any, path: str) -> str:
        source = self._values.program(text, path)
        fault = syntax_fault(language, source)
        if fault:
            raise invalid(path, fault)
        return source

    def script(self, text: Any, path: str, task: Task, inputs_path: str, **more: Any) -> Kind:
        """JavaScript that finds the task's inputs, and more, in `$`."""
        return "javascript", {
            "source": self.program("javascript", text, path),
            "inputs": {**self._inputs(task, inputs_path), **more},
        }

    def _inputs(self, task: Task, path: str) -> Json:
        given = {name: value for name, value in task.input_parameters.items() if name not in PROGRAMS}
        setting: Json = self._values.setting(given, path)
        return setting

    def _inline(self, task: Task, path: str) -> Kind:
        given = task.input_parameters
        if task.type == "LAMBDA":
            return self.script(given.get("scriptExpression"), f"{path}.scriptExpression", task, path)
        evaluator = given.get("evaluatorType") or task.evaluator_type or JAVASCRIPT[0]
        program = given.get("expression", task.expression)
        place = f"{path}.expression"
        if evaluator == VALUE_PARAM:
            if program not in given:
                raise invalid(place, "It must be the name of one of the inputParameters.")
            return "transform", {"expression": self._values.expression(given[program], below(path, program))}
        if evaluator not in JAVASCRIPT:
            raise invalid(f"{path}.evaluatorType", f"must be {', '.join(JAVASCRIPT)} or {VALUE_PARAM}.")
        return self.script(program, place, task, path)

    def _jq(self, task: Task, path: str) -> Kind:
        place = f"{path}.queryExpression"
        program = self.program("jq", task.input_parameters.get("queryExpression"), place)
        return "jq", {"filter": program, "data": self._inputs(task, path)}

    # --- calls ---

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

    def _start(self, task: Task, path: str) -> Json:
        try:
            called = WorkflowParam.model_validate(task.input_parameters.get("startWorkflow"))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            raise invalid(below(path, *first["loc"]), first["msg"]) from None
        check_called(called, path)
        self.called[path] = called
        return {"workflow": called.name, "payload": self._values.setting(called.input or {}, f"{path}.input")}

    # --- the end ---

    def _stop(self, task: Task, path: str) -> Json:
        given = task.input_parameters
        status = given.get("terminationStatus")
        if status not in ("COMPLETED", "FAILED", "TERMINATED"):
            raise invalid(f"{path}.terminationStatus", "must be COMPLETED, FAILED or TERMINATED.")
        output = self._values.setting(given.get("workflowOutput") or {}, f"{path}.workflowOutput")
        settings: Json = {"status": status.lower(), "output": output}
        if status != "COMPLETED":
            reason = given.get("terminationReason") or f"Ended by {task.ref}."
            settings["message"] = self._values.text(reason, f"{path}.terminationReason")
        return settings


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


# --- times ---


def _wait(task: Task, path: str) -> Kind:
    """For a while, until a moment, or until the run is told the event of the task's reference name."""
    given = task.input_parameters
    if not given or task.type == "HUMAN":
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

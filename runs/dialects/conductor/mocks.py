"""What a test says of its tasks, and a definition in which workers' tasks stand for all that reaches out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from runs.dialects.conductor.definitions import Json, Part, invalid
from runs.dialects.conductor.forked import DYNAMIC
from wire.strict_json import join_path

REACHING_OUT = ("EVENT", "HTTP", "HUMAN", "SIMPLE", "START_WORKFLOW", "SUB_WORKFLOW", "WAIT")
COMPUTING = ("INLINE", "JSON_JQ_TRANSFORM", "LAMBDA")
"""They run, where nothing is said of them."""

Millis = Annotated[int, Field(ge=0, le=10**12)]


class Mock(Part):
    """What comes of one attempt."""

    status: Literal["IN_PROGRESS", "COMPLETED", "FAILED", "FAILED_WITH_TERMINAL_ERROR"] = "COMPLETED"
    output: Json | None = None
    execution_time: Millis = 0
    queue_wait_time: Millis = 0


class MockedTest(Part):
    """By reference names; those of tasks in loops may have `__1`, `__2`, … behind them."""

    task_ref_to_mock_output: dict[str, list[Mock]] | None = None
    sub_workflow_test_request: dict[str, Json] | None = None


def read_mocks(body: Any) -> MockedTest:
    """Raises BadRequest with the path of the first fault."""
    try:
        return MockedTest.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise invalid(join_path(first["loc"]), first["msg"]) from None


@dataclass(frozen=True)
class StandIns:
    """`mocks` has the number of a task's mocks by its reference name, `types` the definitions of task types."""

    mocks: Mapping[str, int]
    types: Mapping[str, Json]

    def definition(self, body: Json) -> Json:
        """A checked definition for a test."""
        return {**body, "tasks": self._row(body["tasks"])}

    def _row(self, tasks: Iterable[Json]) -> list[Json]:
        return [self._task({**task, **self._within(task)}) for task in tasks]

    def _within(self, task: Json) -> Json:
        rows: Json = {name: self._row(task[name]) for name in ("defaultCase", "loopOver") if task.get(name)}
        if task.get("forkTasks"):
            rows["forkTasks"] = [self._row(row) for row in task["forkTasks"]]
        if task.get("decisionCases"):
            rows["decisionCases"] = {case: self._row(row) for case, row in task["decisionCases"].items()}
        return rows

    def _task(self, task: Json) -> Json:
        kind, count = task.get("type") or "SIMPLE", self.mocks.get(task["taskReferenceName"], 0)
        if kind in DYNAMIC:
            rules = {"retryCount": max([*self.mocks.values(), 1]) - 1, "retryDelaySeconds": 0}
            return {**task, "startDelay": 0, "taskDefinition": rules, "standsFor": task}
        if kind not in REACHING_OUT and not (kind in COMPUTING and count):
            return {**task, "startDelay": 0} if task.get("startDelay") else task
        known = {**self.types.get(task["name"], {}), **(task.get("taskDefinition") or {})}
        rules = {"retryCount": max(count - 1, 0), **known, "name": task["name"], "retryDelaySeconds": 0}
        plain = {"type": "SIMPLE", "asyncComplete": False, "startDelay": 0, "taskDefinition": rules}
        return {**task, **plain, "standsFor": {**task, "type": kind}}


def counted(test: MockedTest) -> dict[str, int]:
    """The most mocks that a task has, by its name without an iteration's number."""
    most: dict[str, int] = {}
    for name, mocks in (test.task_ref_to_mock_output or {}).items():
        ref, _, number = name.rpartition("__")
        for each in (name, ref) if number.isdecimal() else (name,):
            most[each] = max(most.get(each, 0), len(mocks))
    return most

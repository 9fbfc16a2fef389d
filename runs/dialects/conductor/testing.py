"""Runs in which nothing reaches out: what would do so is a task that no worker gets, and comes to what the caller has
said of it beforehand. A run comes no further than to a task of which nothing is said."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from runs import services
from runs.dialects.conductor import records, versions
from runs.dialects.conductor.base import ConductorView
from runs.dialects.conductor.definitions import Json, read_definition
from runs.dialects.conductor.forked import Forked
from runs.dialects.conductor.mocks import Mock, StandIns, counted, read_mocks
from runs.dialects.conductor.starting import asked, start
from runs.dialects.conductor.tasks import STATUSES, reason_of
from runs.dialects.conductor.told import iteration_of, tasks_of
from runs.engine.worker_tasks import TASK_DOMAINS
from runs.models import Run, Wait
from runs.services import Report
from runs.waiting import look_until
from wire.problems import BadRequest
from workflows.models import TaskType, Version

MAX_SECONDS = 60
MAX_DEPTH = 5
STOOD_STILL = "The test came no further: nothing was said of what comes next."


def run_test(view: ConductorView, body: Json) -> Json:
    """The run as it stands when it has ended, or nothing more is said. One that has not ended is terminated then.

    Raises BadRequest and NotFound as a start does.
    """
    test = _Test(view, body, time.monotonic() + MAX_SECONDS)
    try:
        test.go_on()
        return test.told()
    finally:
        services.terminate_run(test.run, reason=STOOD_STILL, by=view.caller.user.email)


@dataclass(frozen=True)
class _Awaited:
    """A task for which there may be a mock, or another workflow to test."""

    ref: str
    iteration: str
    type: str
    called: Json


class _Test:
    def __init__(self, view: ConductorView, body: Json, end: float, depth: int = 0) -> None:
        said = read_mocks(body)
        self._view = view
        self._end = end
        self._depth = depth
        self._mocks = {ref: list(mocks) for ref, mocks in (said.task_ref_to_mock_output or {}).items()}
        self._below = said.sub_workflow_test_request or {}
        self._used: dict[str, Mock] = {}
        self._stuck: set[int] = set()
        types = {each.name: each.definition for each in TaskType.objects.filter(project=view.project)}
        definition = StandIns(counted(said), types).definition(_definition(view, body))
        nobodys = {TASK_DOMAINS: {"*": str(uuid.uuid4())}}
        wanted = asked(view, None, {**body, "workflowDef": definition, **nobodys})
        self.run = start(view.caller, replace(wanted, key=None))

    def go_on(self) -> None:
        while (left := self._end - time.monotonic()) > 0:
            waits, _ = look_until(self.run.id, left, self._look, lambda seen: bool(seen[0]) or not seen[1])
            if not waits:
                return
            self._answer(waits[0])

    def _look(self) -> tuple[list[Wait], bool]:
        """The tasks of which something is said, and whether the run is at work."""
        now = Run.objects.get(pk=self.run.pk)
        waits = services.pending_waits(now).filter(kind=Wait.Kind.TASK)
        return [wait for wait in waits if self._said_of(wait) or self._is_below(wait)], now.is_on_its_way

    def _task_of(self, wait: Wait) -> _Awaited:
        tasks = tasks_of(self.run.version_id)
        item = Forked(self.run, tasks).at(wait.node_id, wait.iteration)
        if item:
            return _Awaited(item["ref"], item["around"], item["type"], {"name": item["workflow"]})
        task = tasks[wait.node_id]
        called = task.sub_workflow_param
        named = {"name": called.name, "version": called.version} if called else {}
        if called and called.workflow_definition:
            named["workflowDef"] = called.workflow_definition
        return _Awaited(task.ref, wait.iteration, task.written_type, named)

    def _said_of(self, wait: Wait) -> list[Mock]:
        task = self._task_of(wait)
        return self._mocks.get(f"{task.ref}__{iteration_of(task.iteration)}") or self._mocks.get(task.ref, [])

    def _is_below(self, wait: Wait) -> bool:
        is_free = self._depth < MAX_DEPTH and wait.pk not in self._stuck
        return is_free and self._task_of(wait).type == "SUB_WORKFLOW"

    def _answer(self, wait: Wait) -> None:
        if mocks := self._said_of(wait):
            self._used[records.log_of(wait).id] = mock = mocks.pop(0)
            self._report(wait, mock.status, mock.output or {})
            return
        status, output = self._go_below(wait)
        if status == "COMPLETED":
            self._report(wait, status, output)
        elif status in ("FAILED", "TIMED_OUT", "TERMINATED"):
            self._report(wait, "FAILED", output)
        else:
            self._stuck.add(wait.pk)

    def _report(self, wait: Wait, status: str, output: Json) -> None:
        reported = STATUSES[status]
        services.report_task(wait, Report(reported, output, reason_of(wait.node_id, reported)))

    def _go_below(self, wait: Wait) -> tuple[str, Json]:
        task = self._task_of(wait)
        body = {**task.called, **self._below.get(task.ref, {}), "input": wait.outcome["input"]}
        below = _Test(self._view, body, self._end, self._depth + 1)
        try:
            below.go_on()
            told = below.told()
        finally:
            services.terminate_run(below.run, reason=STOOD_STILL, by=self._view.caller.user.email)
        return told["status"], told["output"]

    def told(self) -> Json:
        told = records.workflow(self._view.find_run(self.run.id), with_tasks=True)
        tasks = [_timed(task, self._used.get(task["taskId"])) for task in told["tasks"]]
        return {**told, "tasks": tasks, "taskToDomain": {}}


def _timed(task: Json, mock: Mock | None) -> Json:
    if mock is None or not (mock.execution_time or mock.queue_wait_time):
        return task
    started = task["endTime"] - mock.execution_time
    times = {"startTime": started, "scheduledTime": started - mock.queue_wait_time}
    return {**task, **times, "queueWaitTime": mock.queue_wait_time}


def _definition(view: ConductorView, body: Json) -> Json:
    """As it is told inline, or was registered."""
    given = body.get("workflowDef")
    if given is None:
        wanted = asked(view, body.get("name"), body)
        version = wanted.version
        found = version if isinstance(version, Version) else versions.find_version(wanted.workflow, version)
        given = versions.kept_definition(found.id) if found else None
    if given is None:
        raise BadRequest.parameter("name", "Only what was registered as a definition can be tested.")
    read_definition(given)
    kept: Mapping[str, object] = given
    return dict(kept)

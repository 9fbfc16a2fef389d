"""Conductor's own workers do tasks: `python -m … URL KEY_ID KEY_SECRET`. One is killed at its work, and another one,
in a process of its own as well, does the task."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.http.models import TaskDef, TaskResult
from conductor.client.orkes_clients import OrkesClients
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.task.simple_task import SimpleTask

from tests.dialects.drivers.conductor_client import refused, until

LEASE = 2


@contextmanager
def worker(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Its processes, which are killed as when the power goes."""
    command = [sys.executable, "-m", "tests.dialects.drivers.conductor_worker", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def says_that_it_began(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    while (line := process.stdout.readline()) and "began" not in line:
        pass
    assert "began" in line, "the worker ended without any task"


def taken(tasks: Any) -> Any:
    """By hand, without a runner."""
    for _ in range(600):
        found = tasks.batch_poll_tasks("by_hand", worker_id="hand", count=1, timeout_in_millisecond=100)
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("there never was a task")


def main(url: str, key_id: str, key_secret: str) -> None:
    keys = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    clients = OrkesClients(Configuration(base_url=url, authentication_settings=keys))
    flow: Any = clients.get_workflow_client()
    metadata: Any = clients.get_metadata_client()
    tasks: Any = clients.get_task_client()

    metadata.register_task_def(TaskDef(name="double", response_timeout_seconds=LEASE, timeout_seconds=600))
    assert metadata.get_task_def("double").response_timeout_seconds == LEASE
    twice = SimpleTask("double", "twice")
    twice.input_parameters = {"n": "${workflow.input.n}"}
    doubling: Any = ConductorWorkflow(executor=clients.get_workflow_executor(), name="Doubling", version=1) >> twice
    doubling.output_parameters({"result": "${twice.output.doubled}"}).register(overwrite=True)
    run = flow.start_workflow_by_name("Doubling", {"n": 21})
    with worker(url, key_id, key_secret, "hang") as lost:
        says_that_it_began(lost)
    with worker(url, key_id, key_secret, "work") as other:
        says_that_it_began(other)
        assert until(flow, run, "COMPLETED").output == {"result": 42}
        [task] = flow.get_workflow(run).tasks
        assert (task.status, task.poll_count >= 2, task.output_data) == ("COMPLETED", True, {"doubled": 42})
        runs = [flow.start_workflow_by_name("Doubling", {"n": n}) for n in range(10)]
        assert [until(flow, each, "COMPLETED").output for each in runs] == [{"result": 2 * n} for n in range(10)]

    by_hand: Any = ConductorWorkflow(executor=clients.get_workflow_executor(), name="ByHand", version=1)
    (by_hand >> SimpleTask("by_hand", "work")).register(overwrite=True)
    run = flow.start_workflow_by_name("ByHand", {})
    task = taken(tasks)
    assert (task.workflow_instance_id, task.reference_task_name) == (run, "work")
    tasks.add_task_log(task.task_id, "half way")
    assert [line.log for line in tasks.get_task_logs(task.task_id)] == ["half way"]
    assert tasks.get_task(task.task_id).status == "IN_PROGRESS"
    result = TaskResult(task_id=task.task_id, workflow_instance_id=run, worker_id="hand", status="COMPLETED")
    result.output_data = {"by": "hand"}
    assert tasks.update_task(result) == task.task_id
    assert until(flow, run, "COMPLETED").output == {"by": "hand"}
    assert refused(lambda: tasks.get_task("nope")) == 404
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])

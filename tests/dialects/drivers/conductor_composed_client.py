"""Workflows that Conductor's client composes and runs without registering them, and tests: `python -m … URL KEY_ID
KEY_SECRET TARGET`."""

from __future__ import annotations

import sys
import time
from typing import Any

from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.http.models import StartWorkflowRequest, TaskResult
from conductor.client.http.models.rerun_workflow_request import RerunWorkflowRequest
from conductor.client.http.models.workflow_test_request import WorkflowTestRequest
from conductor.client.orkes_clients import OrkesClients
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.task.dynamic_task import DynamicTask
from conductor.client.workflow.task.http_task import HttpTask
from conductor.client.workflow.task.javascript_task import JavascriptTask
from conductor.client.workflow.task.simple_task import SimpleTask
from conductor.client.workflow.task.switch_task import SwitchTask
from conductor.client.workflow.task.terminate_task import TerminateTask, WorkflowStatus
from conductor.client.workflow.task.wait_task import WaitTask

from tests.dialects.drivers.conductor_client import until


def main(url: str, key_id: str, key_secret: str, target: str) -> None:
    keys = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    clients = OrkesClients(Configuration(base_url=url, authentication_settings=keys))
    flow: Any = clients.get_workflow_client()
    tasks: Any = clients.get_task_client()
    executor = clients.get_workflow_executor()

    def new(name: str) -> Any:
        return ConductorWorkflow(executor=executor, name=name, version=1)

    within = new("Within") >> HttpTask("ask", {"uri": f"{target}/within"})
    choose = SwitchTask("choose", "${workflow.input.where}")
    choose.switch_case("here", JavascriptTask("word", "'in ' + $.where", {"where": "${workflow.input.where}"}))
    choose.default_case(TerminateTask("nowhere", WorkflowStatus.TERMINATED, "no such place"))
    outer = new("Outer") >> [[within], [WaitTask("pause", wait_for_seconds=1)]] >> choose
    outer.output_parameters({"word": "${word.output.result}"})
    ran = outer.execute(workflow_input={"where": "here"}, wait_for_seconds=60)
    assert (ran.status, ran.output) == ("COMPLETED", {"word": "in here"}), ran
    ended = flow.get_workflow(outer.execute(workflow_input={"where": "?"}, wait_for_seconds=60).workflow_id)
    assert (ended.status, ended.reason_for_incompletion) == ("TERMINATED", "no such place"), ended

    sent, again = SimpleTask("mail", "first"), SimpleTask("mail", "second")
    tested = new("Tested") >> HttpTask("get", {"uri": f"{target}/never"}) >> sent
    tested = tested >> SwitchTask("by", sent.output("to")).switch_case("ada", again)
    mocks = {
        "get": [{"status": "COMPLETED", "output": {}}],
        "first": [{"status": "FAILED", "output": {}}, {"status": "COMPLETED", "output": {"to": "ada"}}],
        "second": [{"status": "COMPLETED", "output": {"n": 1}}],
    }
    request = WorkflowTestRequest(name="Tested", task_ref_to_mock_output=mocks, workflow_def=tested.to_workflow_def())
    run = flow.test_workflow(request)
    assert run.status == "COMPLETED", run
    assert [(task.reference_task_name, task.status) for task in run.tasks] == [
        ("get", "COMPLETED"),
        ("first", "FAILED"),
        ("first", "COMPLETED"),
        ("by", "COMPLETED"),
        ("second", "COMPLETED"),
    ]

    steered = new("Steered") >> WaitTask("gate") >> DynamicTask("${gate.output.kind}", "turned_out")
    run_id = steered.start_workflow(StartWorkflowRequest(task_to_domain={"*": "mine"}))
    flow.terminate_workflow(run_id, reason="once more")
    flow.retry_workflow(run_id)
    gate = _at_work(flow, run_id)
    done = TaskResult(task_id=gate.task_id, workflow_instance_id=run_id, status="COMPLETED")
    done.output_data = {"kind": "mail"}
    tasks.update_task(done)
    [mail] = _polled(tasks, "mine")
    assert mail.reference_task_name == "turned_out", mail
    tasks.update_task(TaskResult(task_id=mail.task_id, workflow_instance_id=run_id, status="COMPLETED"))
    until(flow, run_id, "COMPLETED")
    flow.rerun_workflow(run_id, RerunWorkflowRequest(re_run_from_task_id=mail.task_id))
    [mail] = _polled(tasks, "mine")
    tasks.update_task(TaskResult(task_id=mail.task_id, workflow_instance_id=run_id, status="COMPLETED"))
    until(flow, run_id, "COMPLETED")
    print("ok")  # noqa: T201 - what the test waits for


def _at_work(flow: Any, run_id: str) -> Any:
    for _ in range(600):
        told = [task for task in flow.get_workflow(run_id).tasks if task.status == "IN_PROGRESS"]
        if told:
            return told[0]
        time.sleep(0.1)
    raise AssertionError(f"{run_id} never came to its first task")


def _polled(tasks: Any, domain: str) -> Any:
    assert not tasks.batch_poll_tasks("mail", worker_id="w", count=1, timeout_in_millisecond=100, domain="other")
    for _ in range(300):
        found = tasks.batch_poll_tasks("mail", worker_id="w", count=1, timeout_in_millisecond=200, domain=domain)
        if found:
            return found
    raise AssertionError("there never was a task")


if __name__ == "__main__":
    main(*sys.argv[1:])

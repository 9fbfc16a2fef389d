"""Conductor's client completes tasks at which workflows stand still: `python -m … URL KEY_ID KEY_SECRET`."""

from __future__ import annotations

import sys
import time
import uuid
from typing import Any

from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.http.models import StartWorkflowRequest, WorkflowDef, WorkflowTask
from conductor.client.http.models.start_workflow_request import IdempotencyStrategy as On
from conductor.client.orkes_clients import OrkesClients

from tests.dialects.drivers.conductor_client import refused, until


def one_gate(clients: OrkesClients) -> None:
    """As the contract has it."""
    flow: Any = clients.get_workflow_client()
    name = "gate_demo"
    gate = WorkflowTask(name="gate", task_reference_name="gate", type="WAIT")
    clients.get_metadata_client().update_workflow_def(
        WorkflowDef(name=name, version=1, tasks=[gate], timeout_seconds=0)
    )
    run = flow.start_workflow_by_name(name, {"a": 1}, version=1, correlationId="c-1", priority=5)
    flow.pause_workflow(run)
    assert flow.get_workflow(run).status == "PAUSED"
    flow.resume_workflow(run)
    assert flow.get_workflow(run).priority == 5
    clients.get_task_client().update_task_by_ref_name(run, "gate", "COMPLETED", {"ok": True})
    while flow.get_workflow(run, include_tasks=False).status != "COMPLETED":
        time.sleep(0.1)
    once = StartWorkflowRequest(name=name, version=1, idempotency_key=str(uuid.uuid4()))
    once.idempotency_strategy = On.RETURN_EXISTING
    second = flow.start_workflow(once)
    assert second == flow.start_workflow(once)
    once.idempotency_strategy = On.FAIL
    assert refused(lambda: flow.start_workflow(once)) == 409
    flow.terminate_workflow(second, reason="done")
    assert flow.get_workflow(second).reason_for_incompletion == "done"
    assert flow.search(query=f"workflowType={name} AND status IN (COMPLETED)").results
    flow.delete_workflow(second)
    assert refused(lambda: flow.get_workflow(second)) == 404


def two_gates(clients: OrkesClients) -> None:
    flow: Any = clients.get_workflow_client()
    tasks: Any = clients.get_task_client()
    gates = [
        WorkflowTask(name="hold", task_reference_name="first", type="WAIT"),
        WorkflowTask(name="ask", task_reference_name="second", type="HUMAN"),
    ]
    definition = WorkflowDef(name="two_gates", version=1, tasks=gates, output_parameters={"said": "${second.output}"})
    clients.get_metadata_client().update_workflow_def(definition)

    run = flow.start_workflow_by_name("two_gates", {})
    told = tasks.update_task_sync(run, "first", "COMPLETED", {"n": 1})
    first = told.tasks[0]
    assert (first.reference_task_name, first.task_type, first.status) == ("first", "WAIT", "COMPLETED")
    assert refused(lambda: tasks.update_task_sync(run, "first", "COMPLETED", {})) == 404
    tasks.update_task_by_ref_name(run, "second", "COMPLETED", "yes")
    assert until(flow, run, "COMPLETED").output == {"said": {"result": "yes"}}

    run = flow.start_workflow_by_name("two_gates", {})
    tasks.update_task_by_ref_name(run, "first", "FAILED", {})
    assert "first" in until(flow, run, "FAILED").reason_for_incompletion


def main(url: str, key_id: str, key_secret: str) -> None:
    keys = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    clients = OrkesClients(Configuration(base_url=url, authentication_settings=keys))
    one_gate(clients)
    two_gates(clients)
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])

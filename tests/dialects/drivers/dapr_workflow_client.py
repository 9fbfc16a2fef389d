"""Dapr's workflow client against a server: `python -m … HOST GRPC_PORT GATE`. The workflow GATE waits
for the event `Approval`."""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from dapr.ext.workflow import DaprWorkflowClient, WorkflowStatus


def main(host: str, port: str, gate: str) -> None:
    flow: Any = DaprWorkflowClient(host=host, port=port)
    run = str(uuid.uuid4())
    assert flow.schedule_new_workflow(gate, input={"a": 1}, instance_id=run) == run
    flow.wait_for_workflow_start(run, timeout_in_seconds=30)
    with pytest.raises(grpc.RpcError) as taken:
        flow.schedule_new_workflow(gate, input={}, instance_id=run)
    assert taken.value.code() is grpc.StatusCode.ALREADY_EXISTS
    flow.pause_workflow(run)
    assert flow.get_workflow_state(run).runtime_status == WorkflowStatus.SUSPENDED
    flow.resume_workflow(run)
    assert flow.get_workflow_state(run).runtime_status == WorkflowStatus.RUNNING
    flow.raise_workflow_event(run, "approval", data={"ok": True})
    done = flow.wait_for_workflow_completion(run, timeout_in_seconds=30)
    assert (done.runtime_status, done.serialized_input) == (WorkflowStatus.COMPLETED, '{"a": 1}')
    assert done.serialized_output == '{"ok":true}'

    other = flow.schedule_new_workflow(gate, instance_id="a|b/c@d")
    flow.terminate_workflow(other, output="bye")
    ended = flow.wait_for_workflow_completion(other, timeout_in_seconds=30)
    assert (ended.runtime_status, ended.serialized_output) == (WorkflowStatus.TERMINATED, '"bye"')
    flow.purge_workflow(run)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    waiting = flow.schedule_new_workflow(gate, start_at=soon)
    assert flow.get_workflow_state(waiting).runtime_status == WorkflowStatus.PENDING
    flow.wait_for_workflow_start(waiting, timeout_in_seconds=30)
    assert datetime.now(UTC) >= soon
    flow.terminate_workflow(waiting)
    assert flow.get_workflow_state(run) is None
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])

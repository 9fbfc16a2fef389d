"""Dapr's workflow client against a server: `python -m … HOST GRPC_PORT SLEEPER ADDER`, the names of two workflows."""

from __future__ import annotations

import sys
import uuid
from typing import Any

import grpc
import pytest
from dapr.ext.workflow import DaprWorkflowClient, WorkflowStatus


def main(host: str, port: str, sleeper: str, adder: str) -> None:
    flow: Any = DaprWorkflowClient(host=host, port=port)
    run = str(uuid.uuid4())
    assert flow.schedule_new_workflow(sleeper, input={"a": 1}, instance_id=run) == run
    flow.wait_for_workflow_start(run, timeout_in_seconds=30)
    with pytest.raises(grpc.RpcError) as taken:
        flow.schedule_new_workflow(sleeper, input={}, instance_id=run)
    assert taken.value.code() is grpc.StatusCode.ALREADY_EXISTS
    flow.pause_workflow(run)
    assert flow.get_workflow_state(run).runtime_status == WorkflowStatus.SUSPENDED
    flow.resume_workflow(run)
    assert flow.get_workflow_state(run).runtime_status == WorkflowStatus.RUNNING
    flow.terminate_workflow(run, output="bye")
    ended = flow.wait_for_workflow_completion(run, timeout_in_seconds=30)
    assert (ended.runtime_status, ended.serialized_output) == (WorkflowStatus.TERMINATED, '"bye"')
    assert ended.serialized_input == '{"a": 1}'
    flow.purge_workflow(run)
    assert flow.get_workflow_state(run) is None

    sums = flow.schedule_new_workflow(adder, input={"a": 41}, instance_id="a|b/c@d")
    done = flow.wait_for_workflow_completion(sums, timeout_in_seconds=30)
    assert (done.runtime_status, done.serialized_output) == (WorkflowStatus.COMPLETED, '{"total":42}')
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])

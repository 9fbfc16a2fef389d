"""The runtime's own service, by the stubs of Dapr's package: `python -m … ADDRESS TOKEN GATE`.

The client that wrapped them is gone from today's package; what it sent is what is sent here.
"""

from __future__ import annotations

import sys
import time
from typing import Any, cast

import grpc
import pytest
from dapr.proto import api_service_v1
from dapr.proto.runtime.v1 import workflow_pb2 as pb


def main(address: str, token: str, gate: str) -> None:
    with grpc.insecure_channel(address) as channel:
        stub: Any = api_service_v1.DaprStub(channel)  # type: ignore[no-untyped-call]
        for suffix in ("Beta1", "Alpha1"):
            drive(stub, suffix, (("dapr-api-token", token),), gate)
        with pytest.raises(grpc.RpcError) as refused:
            stub.GetWorkflowBeta1(pb.GetWorkflowRequest(instance_id="x"), timeout=10)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    print("ok")  # noqa: T201 - what the test waits for


def drive(stub: Any, suffix: str, token: tuple[tuple[str, str]], gate: str) -> None:
    instance = f"c2-{suffix}"

    def call(name: str, request: object) -> Any:
        return getattr(stub, f"{name}Workflow{suffix}")(request, metadata=token, timeout=30)

    def until(word: str) -> pb.GetWorkflowResponse:
        for _ in range(300):
            state = call("Get", pb.GetWorkflowRequest(instance_id=instance, workflow_component="dapr"))
            if state.runtime_status == word:
                return cast(pb.GetWorkflowResponse, state)
            time.sleep(0.1)
        raise AssertionError(f"never {word}")

    start = pb.StartWorkflowRequest(
        instance_id=instance, workflow_component="dapr", workflow_name=gate, input=b'{"a": 1}'
    )
    assert call("Start", start).instance_id == instance
    assert until("RUNNING").properties["dapr.workflow.input"] == '{"a": 1}'
    call("Pause", pb.PauseWorkflowRequest(instance_id=instance, workflow_component="dapr"))
    until("SUSPENDED")
    call("Resume", pb.ResumeWorkflowRequest(instance_id=instance, workflow_component="dapr"))
    until("RUNNING")
    request = pb.RaiseEventWorkflowRequest(instance_id=instance, event_name="Approval", event_data=b'"ok"')
    call("RaiseEvent", request)
    assert until("COMPLETED").properties["dapr.workflow.output"] == '"ok"'
    call("Terminate", pb.TerminateWorkflowRequest(instance_id=instance, workflow_component="dapr"))
    assert until("COMPLETED")  # it stays what it is
    call("Purge", pb.PurgeWorkflowRequest(instance_id=instance, workflow_component="dapr"))
    with pytest.raises(grpc.RpcError) as gone:
        call("Get", pb.GetWorkflowRequest(instance_id=instance, workflow_component="dapr"))
    assert gone.value.code() is grpc.StatusCode.NOT_FOUND
    assert "no such instance exists" in str(gone.value.details())


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Dapr's client of before its workflow package, which talks to the runtime's own service: `python … GRPC_PORT GATE`, by
the interpreter into which `make tools` installs dapr-1.14.lock. The workflow GATE waits for the event `Approval`."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from dapr.clients import DaprClient
from dapr.clients.exceptions import DaprInternalError

COMPONENT = "dapr"


def refused(call: Callable[[], Any]) -> bool:
    try:
        call()
    except (grpc.RpcError, DaprInternalError):
        return True
    return False


def main(port: str, gate: str) -> None:
    with DaprClient(f"127.0.0.1:{port}") as client:
        dapr: Any = client

        def until(instance: str, word: str) -> Any:
            for _ in range(600):
                state = dapr.get_workflow(instance_id=instance, workflow_component=COMPONENT)
                if state.runtime_status.upper() == word:
                    return state
                time.sleep(0.05)
            raise AssertionError(f"{instance} never became {word}")

        instance = f"older-{uuid.uuid4()}"
        started = dapr.start_workflow(COMPONENT, gate, input={"a": 1}, instance_id=instance)
        assert started.instance_id == instance
        assert refused(lambda: dapr.start_workflow(COMPONENT, gate, instance_id=instance))
        state = until(instance, "RUNNING")
        assert (state.workflow_name, state.properties) == (gate, {"dapr.workflow.input": '{"a": 1}'})
        dapr.pause_workflow(instance, COMPONENT)
        until(instance, "SUSPENDED")
        dapr.resume_workflow(instance, COMPONENT)
        until(instance, "RUNNING")
        dapr.raise_workflow_event(instance, COMPONENT, "Approval", {"ok": True})
        assert until(instance, "COMPLETED").properties["dapr.workflow.output"] == '{"ok":true}'
        dapr.purge_workflow(instance, COMPONENT)
        assert refused(lambda: dapr.get_workflow(instance, COMPONENT))

        at = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        later = dapr.start_workflow(COMPONENT, gate, workflow_options={"dapr.workflow.start_time": at}).instance_id
        until(later, "PENDING")
        dapr.terminate_workflow(later, COMPONENT)
        until(later, "TERMINATED")
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])

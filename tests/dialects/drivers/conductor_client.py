"""Conductor's client against a server: `python -m … URL KEY_ID KEY_SECRET`. The workflow `gate` waits for an event, and
`shaky` fails."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.http.models import StartWorkflowRequest
from conductor.client.http.models.rerun_workflow_request import RerunWorkflowRequest
from conductor.client.http.models.start_workflow_request import IdempotencyStrategy
from conductor.client.http.rest import ApiException
from conductor.client.orkes_clients import OrkesClients


def refused(call: Callable[[], Any]) -> int | None:
    try:
        call()
    except ApiException as error:
        return int(error.status)
    return None


def until(flow: Any, run: str, status: str) -> Any:
    for _ in range(600):
        told = flow.get_workflow(run, include_tasks=False)
        if told.status == status:
            return told
        time.sleep(0.05)
    raise AssertionError(f"{run} never became {status}")


def main(url: str, key_id: str, key_secret: str) -> None:
    keys = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    flow: Any = OrkesClients(Configuration(base_url=url, authentication_settings=keys)).get_workflow_client()

    run = flow.start_workflow_by_name("gate", {"a": 1}, version=1, correlationId="c-1", priority=5)
    flow.pause_workflow(run)
    assert flow.get_workflow(run).status == "PAUSED"
    flow.resume_workflow(run)
    told = until(flow, run, "RUNNING")
    assert (told.priority, told.correlation_id, told.input) == (5, "c-1", {"a": 1})
    assert flow.get_by_correlation_ids("gate", ["c-1"], include_completed=False)["c-1"][0].workflow_id == run
    assert refused(lambda: flow.restart_workflow(run)) == 409

    once = StartWorkflowRequest(name="gate", version=1, idempotency_key=str(uuid.uuid4()))
    once.idempotency_strategy = IdempotencyStrategy.RETURN_EXISTING
    second = flow.start_workflow(once)
    assert second == flow.start_workflow(once)
    once.idempotency_strategy = IdempotencyStrategy.FAIL
    assert refused(lambda: flow.start_workflow(once)) == 409
    flow.terminate_workflow(second, reason="done")
    assert until(flow, second, "TERMINATED").reason_for_incompletion == "done"

    flow.restart_workflow(second)
    until(flow, second, "RUNNING")
    flow.terminate_workflow(second)
    assert flow.rerun_workflow(second, RerunWorkflowRequest(workflow_input={"b": 2})) == second
    assert until(flow, second, "RUNNING").input == {"b": 2}
    flow.terminate_workflow(run)
    until(flow, run, "TERMINATED")

    failed = flow.start_workflow_by_name("shaky", {})
    until(flow, failed, "FAILED")
    [good, bad] = flow.get_workflow(failed).tasks
    assert (good.status, bad.status, bad.reference_task_name) == ("COMPLETED", "FAILED", "fail")
    flow.retry_workflow(failed)
    until(flow, failed, "FAILED")

    found = flow.search(query="workflowType=gate AND status IN (TERMINATED)").results
    assert run in [each.workflow_id for each in found]
    flow.delete_workflow(failed)
    assert refused(lambda: flow.get_workflow(failed)) == 404
    assert refused(lambda: flow.start_workflow_by_name("nope", {})) == 404
    print("ok")  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main(*sys.argv[1:])

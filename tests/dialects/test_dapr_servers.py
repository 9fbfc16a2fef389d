"""Dapr's API against the real server, embedded and distributed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.dialects.driving import drive, drive_javascript, drive_older
from tests.provision import wait_until
from tests.servers import Server, chain, node


@pytest.fixture(scope="module")
def secret(either_shape: Server) -> str:
    """An API key's, with workflows to start in its project."""
    with either_shape.api() as api:
        nodes = [node("start", "manual_trigger"), node("sum", "set", mapping={"total": "{{ trigger.a + 1 }}"})]
        api.published("Adder", nodes, chain(*nodes))
        slow = [node("start", "manual_trigger"), node("nap", "delay", duration=60), node("end", "log", message="up")]
        api.published("Sleeper", slow, chain(*slow))
        gate = [node("start", "manual_trigger"), node("gate", "wait_for_event", name="Approval")]
        api.published("Gate", gate, chain(*gate))
        return str(api.call("POST", "/api-keys", {"name": "dapr"}, status=201)["secret"])


@pytest.fixture(scope="module")
def dapr(either_shape: Server, secret: str) -> Iterator[httpx2.Client]:
    """Calls with the token that Dapr's clients send."""
    with httpx2.Client(
        base_url=f"{either_shape.url}/v1.0", headers={"dapr-api-token": secret}, timeout=60, trust_env=False
    ) as client:
        yield client


def until(dapr: httpx2.Client, instance: str, word: str) -> Any:
    seen: dict[str, Any] = {}

    def is_so() -> bool:
        seen.update(dapr.get(f"/workflows/dapr/{instance}").json())
        return bool(seen["runtimeStatus"] == word)

    wait_until(is_so, f"{instance} is {word}", 30)
    return seen


def test_an_instance_runs_to_its_end(dapr: httpx2.Client) -> None:
    instance = dapr.post("/workflows/dapr/adder/start", json={"a": 41}).json()["instanceID"]
    told = until(dapr, instance, "COMPLETED")
    assert told["properties"] == {"dapr.workflow.input": '{"a":41}', "dapr.workflow.output": '{"total":42}'}


def test_of_many_equal_starts_at_once_one_is_accepted_also_where_an_ended_one_had_the_id(dapr: httpx2.Client) -> None:
    def start(_: int) -> int:
        return dapr.post("/workflows/sleeper/one/start", json={}).status_code

    for _ in range(2):
        with ThreadPoolExecutor(10) as callers:
            assert sorted(callers.map(start, range(10))) == [202] + [409] * 9
        assert dapr.post("/workflows/dapr/one/terminate").status_code == 202
        until(dapr, "one", "TERMINATED")


def test_a_run_is_held_lets_go_and_ends_with_the_callers_output(dapr: httpx2.Client) -> None:
    assert dapr.post("/workflows/sleeper/held/start").status_code == 202
    until(dapr, "held", "RUNNING")
    dapr.post("/workflows/dapr/held/pause")
    until(dapr, "held", "SUSPENDED")
    dapr.post("/workflows/dapr/held/resume")
    until(dapr, "held", "RUNNING")
    dapr.post("/workflows/dapr/held/terminate", content=b'"bye"')
    assert until(dapr, "held", "TERMINATED")["properties"]["dapr.workflow.output"] == '"bye"'
    assert dapr.delete("/workflows/sleeper/held").status_code == 202
    assert dapr.get("/workflows/dapr/held").status_code == 404


def test_daprs_workflow_client_works_unchanged(either_shape: Server, secret: str) -> None:
    port = either_shape.grpc_port
    drive("dapr_workflow_client", "127.0.0.1", port, "gate", DAPR_API_TOKEN=secret)


def test_daprs_javascript_clients_work_unchanged(either_shape: Server, secret: str) -> None:
    drive_javascript("dapr_client", either_shape.port, either_shape.grpc_port, secret, "gate")


def test_daprs_older_client_works_unchanged(either_shape: Server, secret: str) -> None:
    surroundings = {"DAPR_API_TOKEN": secret, "DAPR_HTTP_ENDPOINT": either_shape.url}
    drive_older("dapr_older_client", either_shape.grpc_port, "gate", **surroundings)


def test_the_stubs_of_older_clients_work_unchanged(either_shape: Server, secret: str) -> None:
    drive("dapr_runtime_client", f"127.0.0.1:{either_shape.grpc_port}", secret, "gate")


def test_it_is_ready(dapr: httpx2.Client) -> None:
    assert dapr.get("/healthz").status_code == dapr.get("/healthz/outbound").status_code == 204


def test_a_body_that_is_too_large_is_refused_in_its_shape(dapr: httpx2.Client) -> None:
    answer = dapr.post("/workflows/dapr/adder/start", content=b"x" * 1_100_000)
    assert (answer.status_code, answer.json()["errorCode"]) == (413, "ERR_PAYLOAD_TOO_LARGE")

"""A hundred equal starts at the same moment, by every API that promises to start one run, in both shapes."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import httpx2
import pytest

from runs.dialects.dapr.proto import taskhub_pb2 as pb
from tests.provision import wait_until
from tests.servers import Api, Server, chain, node

TIMES = 100


@dataclass(frozen=True)
class Racers:
    http: httpx2.Client
    channel: grpc.Channel
    secret: str
    workflow: str
    flow: str
    project: str

    def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """The server may ask a caller to come again while another holds the key; clients do."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        answers: list[httpx2.Response] = []

        def is_answered() -> bool:
            answers.append(self.http.post(path, json=body, headers=named))
            return "Retry-After" not in answers[-1].headers

        wait_until(is_answered, f"an answer to POST {path}", 60)
        return answers[-1]

    def runs(self) -> int:
        listed = self.http.get(f"/api/v1/runs?workflow={self.workflow}").json()
        return len(listed["results"])


@pytest.fixture(scope="module")
def api(either_shape: Server) -> Iterator[Api]:
    with either_shape.api() as signed_in:
        yield signed_in


@pytest.fixture(scope="module")
def secret(api: Api) -> str:
    return str(api.call("POST", "/api-keys", {"name": "race"}, status=201)["secret"])


@pytest.fixture
def racers(either_shape: Server, api: Api, secret: str) -> Iterator[Racers]:
    """With a workflow of their own, whose runs do not end by themselves."""
    nodes = [node("start", "manual_trigger"), node("gate", "wait_for_event", name="Go")]
    workflow = api.published(f"race-{uuid.uuid4().hex[:8]}", nodes, chain(*nodes))
    [project, *_] = [each["id"] for each in api.call("GET", "/projects")["results"]]
    headers = {"Authorization": f"Bearer {secret}"}
    limits = httpx2.Limits(max_connections=TIMES)
    with (
        httpx2.Client(base_url=either_shape.url, headers=headers, timeout=120, trust_env=False, limits=limits) as http,
        grpc.insecure_channel(f"127.0.0.1:{either_shape.grpc_port}") as channel,
    ):
        yield Racers(http, channel, secret, workflow["id"], workflow["key"], project)


def native(on: Racers) -> str:
    answer = on.post(f"/api/v1/workflows/{on.workflow}/execute", {}, Idempotency_Key="once")
    return f"{answer.status_code} {answer.json()['id']}"


def altostrat(on: Racers) -> str:
    key = "5b0c2f0e-6d5d-4a59-9f0f-0a3f6f3f4b11"
    answer = on.post(f"/workflows/{on.workflow}/execute", {}, Idempotency_Key=key)
    return f"{answer.status_code} {answer.json()['id']}"


def conductor(on: Racers) -> str:
    headers = {"X_Idempotency_key": "once", "X_on_conflict": "RETURN_EXISTING"}
    answer = on.post(f"/api/workflow/{on.flow}", {}, **headers)
    return f"{answer.status_code} {answer.text}"


def conductor_and_fail(on: Racers) -> str:
    headers = {"X_Idempotency_key": "once", "X_on_conflict": "FAIL"}
    return str(on.post(f"/api/workflow/{on.flow}", {}, **headers).status_code)


def dapr(on: Racers) -> str:
    return str(on.post(f"/v1.0/workflows/{on.flow}/{on.flow}/start", {}).status_code)


def dapr_by_event(on: Racers) -> str:
    event = {"specversion": "1.0", "id": on.flow, "source": "tests", "type": "race", "data": {}}
    answer = on.http.post(
        f"/v1.0/events/{on.flow}", content=json.dumps(event), headers={"Content-Type": "application/cloudevents+json"}
    )
    return f"{answer.status_code} {answer.json()['instanceID']}"


def dapr_by_grpc(on: Racers) -> str:
    start = on.channel.unary_unary(
        "/TaskHubSidecarService/StartInstance",
        request_serializer=pb.CreateInstanceRequest.SerializeToString,
        response_deserializer=pb.CreateInstanceResponse.FromString,
    )
    try:
        wanted = pb.CreateInstanceRequest(instanceId=f"{on.flow}|1", name=on.flow)
        start(wanted, metadata=(("dapr-api-token", on.secret),), timeout=120)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code.name
    return "OK"


def functiongraph(on: Racers) -> str:
    path = f"/v2/{on.project}/fgs/workflows/{on.workflow}/executions"
    answer = on.post(path, {"input": {}}, X_WorkflowRun_ID=on.flow)
    return f"{answer.status_code} {answer.json()['execution_id']}"


ALL_ALIKE = [native, altostrat, conductor, dapr_by_event, functiongraph]
ONE_ONLY = [(conductor_and_fail, "200", "409"), (dapr, "202", "409"), (dapr_by_grpc, "OK", "ALREADY_EXISTS")]


def race(start: Callable[[Racers], str], on: Racers) -> Counter[str]:
    with ThreadPoolExecutor(TIMES) as callers:
        return Counter(callers.map(lambda _: start(on), range(TIMES)))


@pytest.mark.parametrize("start", ALL_ALIKE, ids=lambda start: start.__name__)
def test_all_are_told_of_the_one_run(start: Callable[[Racers], str], racers: Racers) -> None:
    [(told, times)] = race(start, racers).items()
    assert told.startswith("20")
    assert (times, racers.runs()) == (TIMES, 1)


@pytest.mark.parametrize(("start", "first", "others"), ONE_ONLY, ids=[start.__name__ for start, *_ in ONE_ONLY])
def test_one_starts_it_and_the_others_are_refused(
    start: Callable[[Racers], str], first: str, others: str, racers: Racers
) -> None:
    assert race(start, racers) == {first: 1, others: TIMES - 1}
    assert racers.runs() == 1

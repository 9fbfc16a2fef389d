"""What every dialect's door says to requests that are wrong in any way, over the wire: its own shape, never a page of
HTML, never a trace of what went wrong inside."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import httpx2
import pytest

from runs.dialects.dapr.proto import taskhub_pb2 as pb
from tests.servers import Server

LARGE = b'{"a": "' + b"x" * 1_100_000 + b'"}'


@dataclass(frozen=True)
class Door:
    read: str
    """A route that only reads."""
    write: str
    """A route that takes a JSON object."""
    words: frozenset[str]
    """The fields of every error."""
    statuses: tuple[int, ...] = (400, 422)
    """What a body that is no good JSON object may be."""
    missing: str = "nothing/of/the/kind"


DOORS = {
    "altostrat": Door("/workflows", "/workflows", frozenset({"type", "code", "message", "doc_url"})),
    "conductor": Door(
        "/api/workflow/search", "/api/metadata/workflow", frozenset({"status", "message", "instance", "retryable"})
    ),
    # Its bodies are opaque text, and none of them is wrong by its form.
    "dapr": Door("/v1.0/metadata", "/v1.0/events/nope", frozenset({"errorCode", "message"})),
    "functiongraph": Door(
        "/v2/{project}/fgs/workflows",
        "/v2/{project}/fgs/workflows",
        frozenset({"error_code", "error_msg", "request_id"}),
        (400,),
    ),
}
BAD_BODIES = {
    "no JSON": b"{",
    "not UTF-8": b'{"a": "\xff"}',
    "a key twice": b'{"a": 1, "a": 2}',
    "NaN": b'{"a": NaN}',
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "a NUL": b'{"name": "\\u0000"}',
    "half a pair": b'{"name": "\\ud800"}',
    "nothing": b"",
}


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx2.Client]:
    with server.api() as api:
        secret = api.call("POST", "/api-keys", {"name": "refused"}, status=201)["secret"]
        [project, *_] = [each["id"] for each in api.call("GET", "/projects")["results"]]
    headers = {"Authorization": f"Bearer {secret}", "X-Project": project}
    with httpx2.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


def address(client: httpx2.Client, path: str) -> str:
    return path.format(project=client.headers["X-Project"])


def is_said_as_its_own(door: Door, answer: httpx2.Response) -> None:
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json", answer.text
    told = json.loads(answer.content)
    # Altostrat says of a token only that it is wrong.
    assert door.words <= set(told) or (answer.status_code, set(told)) == (401, {"message"}), told
    assert all(word not in answer.text for word in ("Traceback", "<html", 'File "'))


each_door = pytest.mark.parametrize("name", DOORS)


@each_door
def test_a_body_that_cannot_be_read(name: str, client: httpx2.Client) -> None:
    door = DOORS[name]
    for what, body in BAD_BODIES.items():
        answer = client.post(address(client, door.write), content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in door.statuses, f"{what}: {answer.status_code} {answer.text}"
        is_said_as_its_own(door, answer)


@each_door
def test_a_body_that_is_too_large_also_in_chunks(name: str, client: httpx2.Client) -> None:
    door = DOORS[name]
    chunks = (LARGE[at : at + 65_536] for at in range(0, len(LARGE), 65_536))
    for content in (LARGE, chunks):
        answer = client.post(address(client, door.write), content=content)
        assert answer.status_code == 413
        is_said_as_its_own(door, answer)


@each_door
def test_a_key_a_method_or_a_route_that_is_wrong(name: str, client: httpx2.Client) -> None:
    door = DOORS[name]
    read, key = address(client, door.read), client.headers["Authorization"]
    for method, path, authorization, status in (
        ("GET", read, "", 401),
        ("GET", read, "Bearer wrong", 401),
        ("GET", read, "Bearer psk_wrong", 401),
        ("GET", read, "Bearer a.b.c", 401),
        ("PATCH", read, key, 405),
        ("GET", f"{read.rstrip('/')}/{door.missing}", key, 404),
        ("POST", f"{read}/", key, 404),
    ):
        answer = client.request(method, path, headers={"Authorization": authorization})
        assert answer.status_code == status, f"{method} {path} {authorization}: {answer.text}"
        is_said_as_its_own(door, answer)


@each_door
def test_a_request_that_ends_before_its_body_does_leaves_the_server_standing(name: str, client: httpx2.Client) -> None:
    path, host = address(client, DOORS[name].write), client.base_url
    head = f"POST {path} HTTP/1.1\r\nHost: {host.host}:{host.port}\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection((host.host, host.port), timeout=30) as connection:
        connection.sendall(head.encode() + b'{"a"')
    assert client.get(address(client, DOORS[name].read)).status_code == 200


def test_grpc_refuses_by_status(server: Server) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:

        def code_of(method: str, request: bytes, *metadata: tuple[str, str]) -> grpc.StatusCode:
            call: Any = channel.unary_unary(f"/TaskHubSidecarService/{method}")
            with pytest.raises(grpc.RpcError) as refused:
                call(request, metadata=metadata, timeout=60)
            assert "Traceback" not in str(refused.value.details())
            code: grpc.StatusCode = refused.value.code()
            return code

        hello = pb.GetInstanceRequest(instanceId="x").SerializeToString()
        assert code_of("GetInstance", hello) is grpc.StatusCode.UNAUTHENTICATED
        assert code_of("GetInstance", hello, ("dapr-api-token", "psk_wrong")) is grpc.StatusCode.UNAUTHENTICATED
        assert code_of("GetWorkItems", b"") is grpc.StatusCode.UNIMPLEMENTED
        large = pb.CreateInstanceRequest(name="x" * 1_100_000).SerializeToString()
        assert code_of("StartInstance", large) is grpc.StatusCode.RESOURCE_EXHAUSTED

"""What comes in wrong is answered right, on every route: always problem+json, never a 500."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from config.openapi import schema
from runs.serving import housekeeping
from tests.config.routes import METHODS, Route, api_routes
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import by_clock, made

pytestmark = pytest.mark.django_db

ROUTES = api_routes()
WITH_BODY = [
    (method.upper(), path.removeprefix("/api/v1"))
    for path, item in schema()["paths"].items()
    for method, operation in item.items()
    if isinstance(operation, dict) and "requestBody" in operation
]


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


@pytest.fixture
def ids(client: ApiClient) -> dict[str, str]:
    """Of things that are there, so that a body is looked at."""
    housekeeping.ensure_housekeeping()
    workflow = made(client, published=True)["id"]
    made(client, by_clock(), published=True, active=True)
    schedule = client.get("/schedules").json()["results"][0]["id"]
    past = {"since": "2026-01-01", "until": "2026-01-08"}
    credential = {"name": "Mail", "kind": "bearer", "data": {"token": "x"}}
    return {
        "workflow_id": workflow,
        "run_id": client.post(f"/workflows/{workflow}/execute", {}).json()["id"],
        "credential_id": client.post("/credentials", credential).json()["id"],
        "key_id": client.post("/api-keys", {"name": "x"}).json()["id"],
        "delivery_id": "dlv_none",
        "listener_id": client.post(f"/workflows/{workflow}/listen").json()["id"],
        "schedule_id": schedule,
        "backfill_id": client.post(f"/schedules/{schedule}/backfill", past).json()["id"],
        "task_id": str(housekeeping.tasks()[0].pk),
        "node_id": "start",
        "name": "paid",
        "number": "1",
        "token": "x",
        "dialect": "altostrat",
    }


def is_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text[:300]
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["code"]
    assert body["title"]


def filled(path: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        for kind in ("id:", "number:", "str:", "event:", "node:"):
            path = path.replace(f"<{kind}{name}>", value)
        path = path.replace(f"{{{name}}}", value)
    assert "<" not in path
    assert "{" not in path
    return path


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_other_methods_are_405(route: Route, client: ApiClient, ids: dict[str, str]) -> None:
    for method in (*METHODS, "OPTIONS"):
        if method not in route.methods:
            answer = client.send(method, filled(route.path, ids), None)
            is_problem(answer, 405)
            assert answer["Allow"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_strangers_are_401_where_it_is_not_open(route: Route, ids: dict[str, str]) -> None:
    is_open = route.path.startswith(("/session", "/sign-in", "/token", "/schema", "/docs"))
    if not is_open or route.path == "/session/password":
        for method in route.methods:
            answer = ApiClient("").send(method, filled(route.path, ids), {})
            is_problem(answer, 401)
            assert answer["WWW-Authenticate"].startswith("Bearer")


BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "no JSON": (b"{", 400),
    "not UTF-8": (b'{"a": "\xff"}', 400),
    "a key twice": (b'{"a": 1, "a": 2}', 400),
    "NaN": (b'{"a": NaN}', 400),
    "too deep": (b"[" * 100_000, 400),
    "deep object": (b'{"a":' * 65 + b"1" + b"}" * 65, 400),
    "NUL": (b'{"a": "\\u0000"}', 422),
    "half a pair": (b'{"a": "\\ud800"}', 422),
    "a huge integer": (b'{"a": ' + b"9" * 1001 + b"}", 422),
    "a list": (b"[]", 422),
    "a text": (b'"x"', 422),
    "null": (b"null", 422),
    "unknown field": (b'{"no_such_field": 1}', 422),
    "too large": (b'{"a": "' + b"x" * settings.MAX_BODY_BYTES + b'"}', 413),
}


# An event's payload may be any JSON: what is no object, or holds names that nobody knows, is none the worse for it.
TAKES_ANY_JSON = "/runs/{run_id}/events/{name}"
FINE_AS_JSON = ("a list", "a text", "null", "unknown field")


@pytest.mark.parametrize(("method", "path"), WITH_BODY, ids=lambda part: str(part))
def test_a_bad_body_is_said_to_be_one(method: str, path: str, client: ApiClient, ids: dict[str, str]) -> None:
    for name, (body, status) in BAD_BODIES.items():
        answer = client.send(method, filled(path, ids), body)
        if path == TAKES_ANY_JSON and name in FINE_AS_JSON:
            assert answer.status_code == 202
        else:
            is_problem(answer, status)


OTHER_KINDS = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "rubbish",
)


@pytest.mark.parametrize(("method", "path"), WITH_BODY, ids=lambda part: str(part))
def test_other_kinds_of_bodies_are_415(method: str, path: str, client: ApiClient, ids: dict[str, str]) -> None:
    for kind in OTHER_KINDS:
        is_problem(client.send(method, filled(path, ids), b'{"a": 1}', Content_Type=kind), 415)


@pytest.mark.parametrize("path", ["/workflows", "/runs", "/api-keys", "/session"])
def test_other_kinds_of_answers_are_406(path: str, client: ApiClient) -> None:
    is_problem(client.get(path, Accept="application/xml"), 406)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/workflows/",
        "/workflows/fl_none",
        "/workflows/a b",
        "/workflows/%00",
        "/workflows/fl_none%00",
        f"/workflows/{'x' * 65}",
        "/workflows/é",
        "/workflows/fl_1'--",
        "/runs/..%2f",
        "/runs/fl_run_none",
        "/credentials/cred_none",
        "/workflows/fl_1/versions/99999999999999999999",
        "/workflows/fl_1/versions/-1",
    ],
)
def test_what_is_not_there_is_404(path: str, client: ApiClient) -> None:
    is_problem(client.get(path), 404)


@pytest.mark.parametrize("query", ["search=%00", "cursor=%00", "limit=%00", "search=%ff%fe", "metadata.%00=x", "a=b"])
def test_a_bad_query_never_breaks_anything(query: str, client: ApiClient) -> None:
    for path in ("/workflows", "/runs", "/credentials", "/api-keys"):
        assert client.get(f"{path}?{query}").status_code in (200, 400)

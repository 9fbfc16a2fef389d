"""Every API route with another tenant's ids: 404, and nothing changed. A route without a row fails.

Alice owns what is asked for; Charlie asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.utils import timezone

from accounts import services as accounts
from accounts.api.base import ProjectView
from runs.models import Delivery
from tests.config.routes import api_routes
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, by_clock, calling, edge, hello, made, node

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Hers:
    """What Alice owns."""

    project: str
    workflow: str
    key: str
    run: str
    handle: str
    credential: str
    api_key: str
    delivery: str
    listener: str
    cursor: str
    schedule: str
    backfill: str


@dataclass(frozen=True)
class Try:
    """One request of Charlie's, and what must come of it."""

    path: str
    body: Any = None
    status: int = 404
    shows: str = ""


Row = Callable[[Hers], list[Try]]


def nothing_to_name(_: Hers) -> list[Try]:
    """The route takes no id of anything that belongs to a project."""
    return []


def with_secret(credential: str) -> Json:
    call = node("call", "http_request", url="https://example.com/", auth=credential)
    nested = node("nested", "http_request", parameters={"url": "https://example.com/", "auth": credential})
    return hello(
        nodes=[node("start", "manual_trigger"), call, nested], edges=[edge("start", "call"), edge("call", "nested")]
    )


def in_bodies(path: str) -> Row:
    return lambda hers: [
        Try(path, with_secret(hers.credential)),
        Try(path, calling(hers.workflow)),
        Try(path, calling(hers.workflow) | {"is_active": True}),
    ]


def at(path: str, body: Any = None) -> Row:
    return lambda hers: [Try(path.format(hers=hers), body)]


PAST = {"since": "2026-01-01", "until": "2026-01-08"}

ROWS: dict[str, Row] = {
    "GET /session": nothing_to_name,
    "POST /session": nothing_to_name,
    "DELETE /session": nothing_to_name,
    "PUT /session/password": nothing_to_name,
    "GET /sign-in/<str:token>": nothing_to_name,
    "POST /token": nothing_to_name,
    "POST /token/refresh": nothing_to_name,
    "GET /projects": nothing_to_name,
    "GET /components": nothing_to_name,
    "GET /schema": nothing_to_name,
    "GET /schema/<id:dialect>": nothing_to_name,
    "GET /docs": nothing_to_name,
    "GET /api-keys": lambda hers: [Try(f"/api-keys?cursor={hers.cursor}", status=200)],
    "POST /api-keys": nothing_to_name,
    "DELETE /api-keys/<id:key_id>": at("/api-keys/{hers.api_key}"),
    "GET /credentials": lambda hers: [Try(f"/credentials?cursor={hers.cursor}", status=200)],
    "POST /credentials": nothing_to_name,
    "GET /credentials/<id:credential_id>": at("/credentials/{hers.credential}"),
    "PUT /credentials/<id:credential_id>": at("/credentials/{hers.credential}", {"name": "Charlie's"}),
    "DELETE /credentials/<id:credential_id>": at("/credentials/{hers.credential}"),
    "GET /workflows": lambda hers: [
        Try(f"/workflows?search={hers.workflow}", status=200),
        Try(f"/workflows?cursor={hers.cursor}", status=200),
    ],
    "POST /workflows": in_bodies("/workflows"),
    "POST /workflows/validate": lambda hers: [
        Try("/workflows/validate", with_secret(hers.credential), 200, "credential_not_found"),
        Try("/workflows/validate", calling(hers.workflow), 200, "workflow_not_found"),
    ],
    "GET /workflows/<id:workflow_id>": lambda hers: [
        Try(f"/workflows/{hers.workflow}"),
        Try(f"/workflows/{hers.key}"),
    ],
    "PUT /workflows/<id:workflow_id>": lambda hers: [
        Try(f"/workflows/{hers.workflow}", {"name": "Charlie's"}),
        *in_bodies("/workflows/{own}")(hers),
    ],
    "DELETE /workflows/<id:workflow_id>": at("/workflows/{hers.workflow}"),
    "POST /workflows/<id:workflow_id>/publish": at("/workflows/{hers.workflow}/publish", {}),
    "POST /workflows/<id:workflow_id>/activate": at("/workflows/{hers.workflow}/activate"),
    "POST /workflows/<id:workflow_id>/deactivate": at("/workflows/{hers.workflow}/deactivate"),
    "POST /workflows/<id:workflow_id>/execute": lambda hers: [
        Try(f"/workflows/{hers.workflow}/execute", {}),
        Try(f"/workflows/{hers.workflow}/execute?wait=1", {"version": "draft", "run_id": hers.handle}),
    ],
    "GET /workflows/<id:workflow_id>/versions": at("/workflows/{hers.workflow}/versions"),
    "GET /workflows/<id:workflow_id>/versions/<number:number>": at("/workflows/{hers.workflow}/versions/1"),
    "GET /workflows/<id:workflow_id>/differences": at("/workflows/{hers.workflow}/differences?before=1"),
    "GET /workflows/<id:workflow_id>/export": at("/workflows/{hers.workflow}/export"),
    "GET /templates": lambda hers: [Try("/templates", status=200)],
    # In a copy of one's own no credential is linked; a document that is refused leaves nothing behind either.
    "POST /workflows/import": lambda hers: [
        Try("/workflows/import", {"document": {**with_secret(hers.credential), "edges": {}}}, 422),
    ],
    "GET /tags": lambda hers: [Try("/tags", status=200)],
    "POST /workflows/<id:workflow_id>/presence": at("/workflows/{hers.workflow}/presence", {"client": "tab-one-1"}),
    "GET /workflows/<id:workflow_id>/pins": at("/workflows/{hers.workflow}/pins"),
    "PUT /workflows/<id:workflow_id>/pins": at("/workflows/{hers.workflow}/pins", {"pins": {"start": {"value": 1}}}),
    "GET /workflows/<id:workflow_id>/samples": at("/workflows/{hers.workflow}/samples"),
    "POST /workflows/<id:workflow_id>/preview": at(
        "/workflows/{hers.workflow}/preview", {"node_id": "start", "settings": {}}
    ),
    "GET /workflows/<id:workflow_id>/schedule/preview": at("/workflows/{hers.workflow}/schedule/preview"),
    "POST /workflows/<id:workflow_id>/acknowledge": at("/workflows/{hers.workflow}/acknowledge"),
    "GET /workflows/<id:workflow_id>/alerts": at("/workflows/{hers.workflow}/alerts"),
    "GET /workflows/<id:workflow_id>/alerts/settings": at("/workflows/{hers.workflow}/alerts/settings"),
    "PUT /workflows/<id:workflow_id>/alerts/settings": lambda hers: [
        Try(f"/workflows/{hers.workflow}/alerts/settings", {"alert_workflow": None}),
        Try("/workflows/{own}/alerts/settings", {"alert_workflow": hers.workflow}),
    ],
    "POST /workflows/<id:workflow_id>/alerts/test": at("/workflows/{hers.workflow}/alerts/test"),
    "GET /schedules": lambda hers: [Try("/schedules", status=200), Try(f"/schedules?workflow={hers.key}", status=200)],
    "GET /schedules/preview": nothing_to_name,
    "GET /schedules/timeline": lambda hers: [Try("/schedules/timeline?hours=168", status=200)],
    "POST /schedules/<id:schedule_id>/pause": at("/schedules/{hers.schedule}/pause", {"reason": "Charlie's"}),
    "POST /schedules/<id:schedule_id>/resume": at("/schedules/{hers.schedule}/resume"),
    "POST /schedules/<id:schedule_id>/backfill": at("/schedules/{hers.schedule}/backfill", PAST),
    "GET /schedules/<id:schedule_id>/backfill/preview": at(
        "/schedules/{hers.schedule}/backfill/preview?since=2026-01-01&until=2026-01-08"
    ),
    "GET /backfills": lambda hers: [Try("/backfills", status=200)],
    "POST /backfills/<id:backfill_id>/pause": at("/backfills/{hers.backfill}/pause", {}),
    "POST /backfills/<id:backfill_id>/resume": at("/backfills/{hers.backfill}/resume", {}),
    "POST /backfills/<id:backfill_id>/cancel": at("/backfills/{hers.backfill}/cancel", {}),
    "GET /workers": lambda hers: [Try("/workers", status=403)],
    "GET /housekeeping": lambda hers: [Try("/housekeeping", status=403)],
    "PUT /housekeeping/<number:task_id>": lambda hers: [Try("/housekeeping/1", {"enabled": False}, status=403)],
    "GET /firings": lambda hers: [
        Try("/firings", status=200),
        Try(f"/firings?schedule={hers.schedule}", status=200),
        Try(f"/firings?backfill={hers.backfill}", status=200),
    ],
    "GET /runs": lambda hers: [
        Try(f"/runs?workflow={hers.workflow}"),
        Try("/runs?correlation_id=hers", status=200),
        Try("/runs?metadata.whose=hers", status=200),
        Try(f"/runs?cursor={hers.cursor}", status=200),
    ],
    "GET /runs/<id:run_id>": lambda hers: [Try(f"/runs/{hers.run}"), Try(f"/runs/{hers.handle}")],
    "POST /runs/<id:run_id>/terminate": lambda hers: [
        Try(f"/runs/{hers.run}/terminate", {"reason": "Charlie's"}),
        Try(f"/runs/{hers.handle}/terminate", {}),
    ],
}

ROWS |= {
    "GET /deliveries": lambda hers: [
        Try(f"/deliveries?workflow={hers.workflow}"),
        Try(f"/deliveries?search={hers.delivery}", status=200),
    ],
    "GET /deliveries/<id:delivery_id>": at("/deliveries/{hers.delivery}"),
    "POST /deliveries/replay": lambda hers: [Try("/deliveries/replay", {"ids": [hers.delivery]}, 202, "not_found")],
    "POST /workflows/<id:workflow_id>/listen": at("/workflows/{hers.workflow}/listen"),
    "GET /workflows/<id:workflow_id>/listen/<id:listener_id>": lambda hers: [
        Try(f"/workflows/{hers.workflow}/listen/{hers.listener}"),
        Try(f"/workflows/{{own}}/listen/{hers.listener}"),
    ],
    "DELETE /workflows/<id:workflow_id>/listen/<id:listener_id>": lambda hers: [
        Try(f"/workflows/{hers.workflow}/listen/{hers.listener}"),
        Try(f"/workflows/{{own}}/listen/{hers.listener}"),
    ],
}

ROWS |= {
    "POST /events/<event:name>": lambda hers: [Try("/events/paid", {"correlation": "hers"}, 202, '"runs":[]')],
    "GET /runs/<id:run_id>/logs": at("/runs/{hers.run}/logs"),
    "GET /runs/<id:run_id>/waits": at("/runs/{hers.run}/waits"),
    "GET /runs/<id:run_id>/events": at("/runs/{hers.run}/events"),
    "POST /runs/<id:run_id>/events/<event:name>": lambda hers: [
        Try(f"/runs/{hers.run}/events/paid", {}),
        Try(f"/runs/{hers.handle}/events/paid", {}),
    ],
    "POST /runs/<id:run_id>/approvals/<node:node_id>": at("/runs/{hers.run}/approvals/start", {"decision": "approved"}),
    **{
        f"POST /runs/<id:run_id>/{action}": at(f"/runs/{{hers.run}}/{action}", {})
        for action in ("suspend", "resume", "retry", "purge")
    },
    **{
        f"POST /runs/bulk/{action}": lambda hers, action=action: [  # type: ignore[misc]
            Try(f"/runs/bulk/{action}", {"ids": [hers.run]}, 200, "not_found"),
            Try(f"/runs/bulk/{action}", {"filter": {"correlation_id": "hers"}}, 200),
        ]
        for action in ("suspend", "resume", "terminate", "retry", "purge")
    },
}

CALLS = [(method, route) for route in api_routes() for method in route.methods]


LISTS = (
    *("/workflows", "/runs", "/credentials", "/api-keys", "/projects", "/session"),
    *("/schedules", "/schedules/timeline", "/firings", "/backfills"),
)


@pytest.fixture
def hers(alice: Person) -> Hers:
    client = alice.client()
    credential = client.post("/credentials", {"name": "Mail", "kind": "bearer", "data": {"token": "canary"}}).json()
    workflow = made(client, with_secret(credential["id"]), published=True, active=True)
    for _ in range(2):
        made(client)
    started = {"run_id": "her-run", "correlation_id": "hers", "metadata": {"whose": "hers"}}
    run = client.post(f"/workflows/{workflow['id']}/execute", started, Idempotency_Key="k").json()
    api_key, _ = accounts.create_api_key(alice.membership, "hers")
    made(client, by_clock(), published=True, active=True)
    schedule = client.get("/schedules").json()["results"][0]["id"]
    backfill = client.post(f"/schedules/{schedule}/backfill", PAST).json()
    return Hers(
        project=alice.project.id,
        workflow=workflow["id"],
        key=workflow["key"],
        run=run["id"],
        handle="her-run",
        credential=credential["id"],
        api_key=api_key.id,
        delivery=delivered(alice, workflow["id"]),
        listener=client.post(f"/workflows/{workflow['id']}/listen").json()["id"],
        cursor=client.get("/workflows", {"limit": "1"}).json()["next"],
        schedule=schedule,
        backfill=backfill["id"],
    )


def delivered(alice: Person, workflow_id: str) -> str:
    now = timezone.now()
    row = Delivery.objects.create(
        project=alice.project, workflow_id=workflow_id, outcome="refused", received_at=now, body_size=0, duration_ms=0
    )
    return row.pk


@pytest.fixture
def his(charlie: Person, hers: Hers) -> str:
    return str(made(charlie.client(), published=True)["id"])


def everything() -> str:
    """All rows of all tables."""
    rows = [row for model in apps.get_models() for row in model._default_manager.order_by("pk")]
    return str(serializers.serialize("json", rows))


def test_every_route_has_a_row() -> None:
    assert {f"{method} {route.path}" for method, route in CALLS} == set(ROWS)


@pytest.mark.parametrize("call", ROWS)
def test_what_belongs_to_another_project_does_not_exist(call: str, hers: Hers, his: str, charlie: Person) -> None:
    client = charlie.client()
    method = call.split(" ")[0]
    before = everything()
    for attempt in ROWS[call](hers):
        answer = client.send(method, attempt.path.replace("{own}", his), attempt.body)
        assert answer.status_code == attempt.status, (attempt, answer.text)
        assert attempt.shows in answer.text
        if attempt.status == 404:
            assert answer["Content-Type"] == "application/problem+json"
        elif not attempt.shows:
            assert hers.workflow not in answer.text
            assert hers.run not in answer.text
    assert everything() == before


@pytest.mark.parametrize(
    "call", [f"{method} {route.path}" for method, route in CALLS if issubclass(route.view_class or object, ProjectView)]
)
@pytest.mark.parametrize("bearer", ["token", "api key"])
def test_another_project_in_the_header_does_not_exist(
    call: str, bearer: str, hers: Hers, his: str, charlie: Person
) -> None:
    method, path = call.split(" ")
    client = charlie.client() if bearer == "token" else charlie.timeless_client()
    path = path.replace("<id:workflow_id>", hers.workflow).replace("<id:run_id>", hers.run)
    path = path.replace("<id:credential_id>", hers.credential).replace("<id:key_id>", hers.api_key)
    path = path.replace("<id:schedule_id>", hers.schedule).replace("<id:backfill_id>", hers.backfill)
    path = path.replace("<event:name>", "paid").replace("<node:node_id>", "start")
    path = path.replace("<id:delivery_id>", hers.delivery).replace("<id:listener_id>", hers.listener)
    before = everything()
    answer = client.send(method, path.replace("<number:number>", "1"), {}, X_Penstock_Project=hers.project)
    assert answer.status_code == 404
    assert hers.workflow not in answer.text
    if bearer == "token":  # the use of a key is noted
        assert everything() == before


def test_a_key_of_another_project_starts_anew(hers: Hers, his: str, charlie: Person) -> None:
    answer = charlie.client().post(f"/workflows/{his}/execute", {"run_id": "her-run"}, Idempotency_Key="k")
    assert answer.status_code == 202
    assert "Idempotent-Replayed" not in answer
    assert answer.json()["id"] != hers.run


def test_nothing_of_hers_is_in_his_lists(hers: Hers, his: str, charlie: Person) -> None:
    client: ApiClient = charlie.client()
    for path in (
        "/workflows",
        "/runs",
        "/deliveries",
        "/schedules",
        "/schedules/timeline",
        "/firings",
        "/backfills",
        "/credentials",
        "/api-keys",
        "/projects",
        "/session",
    ):
        text = client.get(path).text
        for foreign in (hers.project, hers.workflow, hers.run, hers.credential, hers.api_key, hers.schedule, "alice"):
            assert foreign not in text, path

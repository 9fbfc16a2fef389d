"""Every route of the Altostrat dialect with another tenant's ids: 404, and nothing changed.

Alice owns what is asked for; Charlie asks. A route without a row fails.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from runs.dialects.altostrat import urls
from runs.dialects.altostrat.workflows import WorkflowView
from runs.models import Run
from tests.people import Person
from tests.workflows.api.drawings import Json, calling, hello, made, node
from workflows.models import Workflow
from workflows.vault import create_credential

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "delete", "patch")
OPEN = {"post workflows/webhooks/<id:token>"}
"""Whoever has the token may call it; there is no id to guess."""


def view_of(callback: Any) -> Any:
    return callback.view_class


def calls() -> list[str]:
    return [
        f"{method} {pattern.pattern}"
        for pattern in urls.urlpatterns
        for method in METHODS
        if hasattr(view_of(pattern.callback), method)
    ]


@pytest.fixture
def hers(alice: Person) -> tuple[Json, Json]:
    item = create_credential(alice.project, "hers", "bearer", {"token": "hers"})
    workflow = {**made(alice.client(), published=True), "vault": f"vlt_{item.id.partition('_')[2]}"}
    return workflow, alice.client().post(f"/workflows/{workflow['id']}/execute", {}).json()


def rows(workflow: Json, run: Json, charlies: Json) -> dict[str, list[tuple[str, Any]]]:
    own = f"/workflows/{charlies['id']}"
    theft = calling(workflow["id"])
    credential = hello(
        nodes=[node("call", "webhook", method="GET", url="https://example.com/", auth="cred_hers")], edges=[]
    )
    return {
        "get workflows": [],
        "post workflows": [
            ("/workflows", theft),
            ("/workflows", credential),
            ("/workflows", hello(authorization_id=workflow["authorization"]["id"])),
        ],
        "post workflows/validate": [],
        "post workflows/test-node": [
            ("/workflows/test-node", {"node": theft["nodes"][1], "authorization_id": workflow["authorization"]["id"]})
        ],
        "get workflows/vault": [],
        "post workflows/vault": [],
        **{
            f"{method} workflows/vault/<id:item_id>": [(f"/workflows/vault/{workflow['vault']}", {"name": "Charlie's"})]
            for method in ("get", "put", "delete")
        },
        "get workflows/<id:workflow_id>": [(f"/workflows/{workflow['id']}", None)],
        "put workflows/<id:workflow_id>": [(f"/workflows/{workflow['id']}", {"name": "Charlie's"}), (own, theft)],
        "delete workflows/<id:workflow_id>": [(f"/workflows/{workflow['id']}", None)],
        "post workflows/<id:workflow_id>/execute": [(f"/workflows/{workflow['id']}/execute", {})],
        "get workflows/<id:workflow_id>/executions": [(f"/workflows/{workflow['id']}/executions", None)],
        "post workflows/sync/<id:workflow_id>": [(f"/workflows/sync/{workflow['id']}", {})],
        "get workflows/runs/<id:run_id>": [(f"/workflows/runs/{run['id']}", None)],
        "get workflows/<id:workflow_id>/logs": [(f"/workflows/{workflow['id']}/logs", None)],
        "get workflows/logs/recent": [],
        "get workflows/authorization": [],
        "delete workflows/authorization/<id:authorization_id>": [
            (f"/workflows/authorization/{workflow['authorization']['id']}", None)
        ],
        "post workflows/runs/<id:run_id>/resume-from/<str:node_id>": [
            (f"/workflows/runs/{run['id']}/resume-from/start", None)
        ],
        "post workflows/runs/<id:run_id>/rerun": [(f"/workflows/runs/{run['id']}/rerun", None)],
    }


def test_every_route_has_a_row(hers: tuple[Json, Json]) -> None:
    assert set(calls()) - OPEN == set(rows(*hers, hers[0]))
    assert view_of(get_resolver().resolve("/workflows/fl_x").func) is WorkflowView


@pytest.mark.parametrize("call", sorted(set(calls()) - OPEN))
def test_another_tenants_ids_do_not_exist(call: str, hers: tuple[Json, Json], charlie: Person) -> None:
    charlies = made(charlie.client(), published=True)
    before = list(Workflow.objects.order_by("pk").values()), list(Run.objects.order_by("pk").values())
    client = Client(headers={"Authorization": f"Bearer {charlie.token()}"})
    for path, body in rows(*hers, charlies)[call]:
        content = "" if body is None else json.dumps(body)
        answer = client.generic(call.split()[0].upper(), path, content, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (404, "resource_missing"), path
    assert before == (list(Workflow.objects.order_by("pk").values()), list(Run.objects.order_by("pk").values()))


def test_the_list_shows_ones_own_only(hers: tuple[Json, Json], charlie: Person) -> None:
    client = Client(headers={"Authorization": f"Bearer {charlie.token()}"})
    assert client.get("/workflows").json() == []

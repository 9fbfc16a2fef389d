"""A workflow goes out as one document and comes in as data: inactive, unlinked, nothing run."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from runs.models import Run
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, by_clock, edge, hello, made, node
from workflows.models import Schedule, Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


def with_secret(client: ApiClient) -> Json:
    secret = {"name": "The shop", "kind": "bearer", "data": {"token": "s3cret"}}
    credential = client.post("/credentials", secret).json()["id"]
    call = node("call", "http_request", url="https://example.com", auth=credential)
    nested = node("nested", "http_request", parameters={"url": "https://example.com", "auth": credential})
    edges = [edge("start", "call"), edge("call", "nested")]
    return {"name": "Calls", "nodes": [node("start", "manual_trigger"), call, nested], "edges": edges}


def out(client: ApiClient, workflow: Json, **query: Any) -> Any:
    return client.get(f"/workflows/{workflow['id']}/export", query).json()


def test_out_and_in_again_is_the_same_drawing(client: ApiClient) -> None:
    note = {"id": "n", "text": "x", "position": {"x": 1, "y": 2}, "width": 100, "height": 50, "colour": "red"}
    group = {"id": "g", "title": "G", "nodes": ["greet"], "collapsed": False, "colour": "grey"}
    workflow = made(client, hello(notes=[note], groups=[group], tags=["a"], description="Says it."))
    document = out(client, workflow)
    answer = client.post("/workflows/import", {"document": document, "name": "Copy"})
    assert answer.status_code == 201, answer.json()
    copy = answer.json()["workflow"]
    same = ("nodes", "edges", "notes", "groups", "tags", "description", "schedule_type")
    assert {key: copy[key] for key in same} == {key: workflow[key] for key in same}
    assert (copy["name"], copy["published_version"]) == ("Copy", None)
    assert copy["id"] != workflow["id"]


def test_how_its_runs_are_held_comes_along(client: ApiClient) -> None:
    held = {"max_concurrent_runs": 2, "deadline_seconds": 60, "runs_kept": 0}
    document = out(client, made(client, hello(**held)))
    assert "run_days" not in document, "what is left to the server is not written down"
    copy = client.post("/workflows/import", {"document": document}).json()["workflow"]
    assert {name: copy[name] for name in (*held, "run_days")} == {**held, "run_days": None}


def test_what_a_diff_shows_is_what_changed(client: ApiClient) -> None:
    workflow = made(client)
    path = f"/workflows/{workflow['id']}"
    before = json.dumps(out(client, workflow), indent=1).splitlines()
    nodes = deepcopy(workflow["nodes"])
    nodes[1]["position"]["x"] = 999
    nodes[1]["data"] = dict(reversed(nodes[1]["data"].items()))
    client.put(path, {"nodes": nodes})
    after = json.dumps(out(client, workflow), indent=1).splitlines()
    changed = [line for line, other in zip(after, before, strict=True) if line != other]
    assert [line.strip() for line in changed] == ['"x": 999,']
    assert list(out(client, workflow))[:4] == ["penstock", "format", "name", "description"]


def test_no_secret_leaves_and_no_credential_is_linked(client: ApiClient) -> None:
    body = with_secret(client)
    workflow = made(client, body)
    document = out(client, workflow)
    credential = body["nodes"][1]["data"]["auth"]
    assert credential not in json.dumps(document)
    assert [each["name"] for each in document["credentials"]] == ["The shop", "The shop"]
    answer = client.post("/workflows/import", {"document": workflow}).json()  # as the API tells it: with the ids
    assert answer["unlinked"] == [
        {"node_id": "call", "field": "auth"},
        {"node_id": "nested", "field": "auth"},
    ]
    assert credential not in json.dumps(answer["workflow"]["nodes"])


def test_what_comes_in_is_not_active_and_starts_nothing(client: ApiClient) -> None:
    workflow = made(client, by_clock(), published=True, active=True)
    armed = Schedule.objects.count()
    copy = client.post("/workflows/import", {"document": {**workflow, "is_active": True}}).json()["workflow"]
    assert (copy["is_active"], copy["next_run_at"], copy["webhook_url"]) == (False, None, workflow["webhook_url"])
    assert (Schedule.objects.count(), Run.objects.count()) == (armed, 0)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, "document.nodes"),
        ({"penstock": "graph", "nodes": [], "edges": []}, "document.format"),
        ({"format": 2, "nodes": [], "edges": []}, "document.format"),
        ({"nodes": [], "edges": []}, "name"),
        ({"name": "x", "nodes": [1], "edges": []}, "nodes[0]"),
        ({"name": "x", "nodes": [node("a", "teleport")], "edges": []}, "nodes[0].data.componentId"),
        (
            {"name": "x", "nodes": [{"id": "a", "data": []}], "edges": [], "layout": {"nodes": {"b": 1}}},
            "nodes[0].data",
        ),
        (
            {"name": "x", "nodes": [node("a", "set")], "edges": [], "layout": {"nodes": {"a": 1}}},
            "document.layout.nodes.a",
        ),
        ({"name": "x", "nodes": [], "edges": [], "layout": []}, "document.layout"),
        ({"name": "x", "nodes": [], "edges": [], "layout": {"nodes": []}}, "document.layout.nodes"),
        ({"penstock": "workflow", "name": "x", "nodes": [], "edges": [], "descripton": "y"}, "document.descripton"),
        ({"name": "x", "nodes": [], "edges": [], "deadline_seconds": -1}, "deadline_seconds"),
        ({"name": "x", "nodes": [], "edges": [], "layout": {"notes": "x"}}, "notes"),
        ({"name": 5, "nodes": [], "edges": []}, "name"),
    ],
)
def test_what_is_no_workflow_is_refused_whole(client: ApiClient, document: Json, path: str) -> None:
    answer = client.post("/workflows/import", {"document": document})
    assert answer.status_code == 422
    assert path in [fault["path"] for fault in answer.json()["errors"]]
    assert not Workflow.objects.exists()


def test_every_template_can_be_published_as_it_is(client: ApiClient) -> None:
    templates = client.get("/templates").json()["results"]
    assert len(templates) >= 4
    for template in templates:
        made_of_it = client.post("/workflows/import", {"document": template["document"]}).json()["workflow"]
        assert client.post(f"/workflows/{made_of_it['id']}/publish").status_code == 200, template["name"]

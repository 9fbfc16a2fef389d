"""Workflows are written and read as one document; broken graphs are never stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, edge, hello, made, node
from workflows.models import Version, Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


def paths(answer: Any) -> list[str]:
    return [fault["path"] for fault in answer.json()["errors"]]


def test_a_new_workflow_is_a_draft(client: ApiClient, alice: Person) -> None:
    answer = client.post("/workflows", hello(description="Greets."))
    workflow = answer.json()
    assert answer.status_code == 201
    assert workflow["id"].startswith("fl_")
    assert (workflow["key"], workflow["name"], workflow["description"]) == ("hello", "Hello", "Greets.")
    assert (workflow["draft_revision"], workflow["published_version"]) == (1, None)
    assert workflow["has_unpublished_changes"] is True
    assert workflow["is_active"] is False
    assert workflow["authorization"]["id"] == alice.membership.id
    assert workflow["authorization"]["email"] == "alice@example.com"
    assert workflow["updated_by"] == {"id": alice.user.id, "email": "alice@example.com"}
    assert workflow["created_at"].endswith("Z")
    assert (workflow["runs"], workflow["success_rate"], workflow["p50_ms"]) == ([], None, None)
    assert client.get(f"/workflows/{workflow['id']}").json() == workflow


def test_the_document_comes_back_exactly_as_sent(client: ApiClient) -> None:
    body = hello()
    body["nodes"][0] |= {"type": "trigger", "width": 120, "selected": False, "zIndex": None}
    body["nodes"][1]["data"] |= {"uiId": "x", "notes": "é \U0001f600", "big": 2**200, "order": {"z": 1, "a": 2}}
    body["edges"][0] |= {"sourceHandle": None, "animated": True}
    workflow = made(client, body)
    assert workflow["nodes"] == body["nodes"]
    assert workflow["edges"] == body["edges"]
    assert list(workflow["nodes"][1]["data"]["order"]) == ["z", "a"]


def test_nodes_without_a_place_get_one(client: ApiClient) -> None:
    body = hello()
    for each in body["nodes"]:
        del each["position"]
    places = [each["position"] for each in made(client, body)["nodes"]]
    assert places[0] != places[1]


def test_keys_are_unique_in_a_project(client: ApiClient, charlie: Person) -> None:
    assert [made(client)["key"] for _ in range(3)] == ["hello", "hello-2", "hello-3"]
    assert made(client, hello(name="¡Hola señor!"))["key"] == "hola-senor"
    assert made(client, hello(name="日本"))["key"] == "workflow"
    assert made(charlie.client())["key"] == "hello"


def test_the_key_of_a_deleted_workflow_is_free_again(client: ApiClient) -> None:
    client.delete(f"/workflows/{made(client)['id']}")
    assert made(client)["key"] == "hello"


def test_saving_changes_what_is_given_only(client: ApiClient) -> None:
    workflow = made(client, hello(description="Greets."))
    answer = client.put(f"/workflows/{workflow['id']}", {"name": "Hi"})
    assert answer.status_code == 200
    saved = answer.json()
    assert (saved["name"], saved["key"], saved["description"]) == ("Hi", "hello", "Greets.")
    assert (saved["nodes"], saved["draft_revision"]) == (workflow["nodes"], 1)
    assert client.put(f"/workflows/{workflow['id']}", {"description": None}).json()["description"] is None


def test_the_revision_counts_changes_of_the_drawing(client: ApiClient) -> None:
    workflow = made(client)
    path = f"/workflows/{workflow['id']}"
    same = {"nodes": workflow["nodes"], "edges": workflow["edges"]}
    assert client.put(path, same).json()["draft_revision"] == 1
    workflow["nodes"][0]["position"]["x"] = 300
    assert client.put(path, same).json()["draft_revision"] == 2
    assert client.put(path, {"edges": []}).json()["draft_revision"] == 3
    assert client.get(path).json()["nodes"][0]["position"]["x"] == 300


def test_a_stale_draft_is_a_conflict_that_brings_what_is_stored(client: ApiClient) -> None:
    workflow = made(client)
    path = f"/workflows/{workflow['id']}"
    client.put(path, {"edges": [], "draft_revision": 1})
    answer = client.put(path, {"nodes": [], "edges": [], "name": "Lost", "draft_revision": 1})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["draft_revision"]) == (409, "draft_conflict", 2)
    assert problem["document"] == {"nodes": workflow["nodes"], "edges": []}
    assert client.get(path).json()["name"] == "Hello"


BROKEN: dict[str, tuple[Json, str]] = {
    "cycle": (hello(edges=[edge("start", "greet"), edge("greet", "greet")]), "edges[1]"),
    "edge to nowhere": (hello(edges=[edge("start", "nobody")]), "edges[0].target"),
    "duplicate id": (
        hello(nodes=[node("a", "log", message="x"), node("a", "log", message="x")], edges=[]),
        "nodes[1].id",
    ),
    "unknown component": (hello(nodes=[node("a", "teleport")], edges=[]), "nodes[0].data.componentId"),
    "unknown handle": (hello(edges=[edge("start", "greet", sourceHandle="left")]), "edges[0].sourceHandle"),
    "nodes no list": (hello(nodes="none", edges=[]), "nodes"),
    "node no object": (hello(nodes=[1], edges=[]), "nodes[0]"),
    "id no text": (hello(nodes=[{**node("a", "log"), "id": 1}], edges=[]), "nodes[0].id"),
    "data missing": (hello(nodes=[{"id": "a"}], edges=[]), "nodes[0].data"),
    "position no numbers": (
        hello(nodes=[{**node("a", "merge"), "position": {"x": "1", "y": 0}}], edges=[]),
        "nodes[0].position.x",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("allow_incomplete", [False, True])
def test_a_broken_graph_is_never_stored(client: ApiClient, fault: str, allow_incomplete: bool) -> None:
    body, path = BROKEN[fault]
    answer = client.post("/workflows", {**body, "allow_incomplete": allow_incomplete})
    assert answer.status_code == 422
    assert path in paths(answer)
    assert not Workflow.objects.exists()
    assert not Version.objects.exists()

    workflow = made(client)
    document = {"nodes": body["nodes"], "edges": body["edges"], "allow_incomplete": allow_incomplete}
    assert client.put(f"/workflows/{workflow['id']}", {**document, "name": "x"}).status_code == 422
    assert client.get(f"/workflows/{workflow['id']}").json() == workflow


UNFINISHED = hello(nodes=[node("start", "manual_trigger"), node("call", "http_request", timeout="soon")], edges=[])


def test_missing_settings_are_refused_unless_the_editor_asks(client: ApiClient) -> None:
    answer = client.post("/workflows", UNFINISHED)
    assert answer.status_code == 422
    assert "nodes[1].data.url" in paths(answer)
    assert not Workflow.objects.exists()

    answer = client.post("/workflows", {**UNFINISHED, "allow_incomplete": True})
    assert answer.status_code == 201
    path = f"/workflows/{answer.json()['id']}"
    refused = client.post(f"{path}/publish")
    assert refused.status_code == 422
    assert "nodes[1].data.url" in paths(refused)
    assert client.get(path).json()["published_version"] is None


def test_validate_tells_every_fault_and_stores_nothing(client: ApiClient) -> None:
    good = client.post("/workflows/validate", hello())
    assert (good.status_code, good.json()) == (200, {"valid": True, "errors": []})
    bad = client.post("/workflows/validate", UNFINISHED).json()
    assert bad["valid"] is False
    fault = next(fault for fault in bad["errors"] if fault["path"] == "nodes[1].data.url")
    assert (fault["node_id"], fault["field"], fault["code"]) == ("call", "url", "missing_parameter")
    assert set(fault) == {"path", "code", "message", "node_id", "edge_id", "field"}
    assert not Workflow.objects.exists()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"nodes": []}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x", "colour": "red"}, "colour"),
        ({"name": "x", "is_active": "yes"}, "is_active"),
        ({"name": "x", "description": []}, "description"),
        ({"name": "x", "schedule_type": "hourly"}, "schedule_type"),
        ({"name": "x", "schedule_type": "cron"}, "schedule_value"),
        ({"name": "x", "schedule_type": "cron", "schedule_value": "every day"}, "schedule_value"),
        ({"name": "x", "draft_revision": 1}, "draft_revision"),
    ],
)
def test_wrong_fields_are_named(client: ApiClient, body: Json, path: str) -> None:
    answer = client.post("/workflows", body)
    assert answer.status_code == 422
    assert paths(answer) == [path]
    assert not Workflow.objects.exists()


def test_a_deleted_workflow_is_gone(client: ApiClient) -> None:
    path = f"/workflows/{made(client)['id']}"
    assert client.delete(path).status_code == 204
    for answer in (
        client.get(path),
        client.put(path, {"name": "x"}),
        client.delete(path),
        client.post(f"{path}/publish"),
    ):
        assert answer.status_code == 404
    assert client.get("/workflows").json()["results"] == []


def test_how_many_runs_may_be_under_way(alice: Person) -> None:
    client = alice.client()
    path = f"/workflows/{made(client, {**hello(), 'max_concurrent_runs': 3})['id']}"
    assert client.get(path).json()["max_concurrent_runs"] == 3
    assert client.put(path, {"name": "Other"}).json()["max_concurrent_runs"] == 3
    for wrong in (0, -1, 10_001, "3", 1.5):
        assert client.put(path, {"max_concurrent_runs": wrong}).status_code == 422
    assert client.put(path, {"max_concurrent_runs": None}).json()["max_concurrent_runs"] is None


def test_a_deadline_for_all_its_runs(alice: Person) -> None:
    client = alice.client()
    path = f"/workflows/{made(client, {**hello(), 'deadline_seconds': 60})['id']}"
    assert client.get(path).json()["deadline_seconds"] == 60
    assert client.put(path, {"name": "Other"}).json()["deadline_seconds"] == 60
    for wrong in (0, -1, 10**10, "60", 1.5):
        assert client.put(path, {"deadline_seconds": wrong}).status_code == 422
    assert client.put(path, {"deadline_seconds": None}).json()["deadline_seconds"] is None


def test_how_long_and_how_many_of_its_runs_are_kept(alice: Person) -> None:
    client = alice.client()
    path = f"/workflows/{made(client, {**hello(), 'run_days': 7, 'runs_kept': 100})['id']}"
    said = client.put(path, {"name": "Other"}).json()
    assert (said["run_days"], said["runs_kept"]) == (7, 100)
    for field, wrong in (("run_days", -1), ("run_days", 3651), ("runs_kept", -1), ("runs_kept", 1.5)):
        assert client.put(path, {field: wrong}).status_code == 422
    said = client.put(path, {"run_days": 0, "runs_kept": None}).json()
    assert (said["run_days"], said["runs_kept"]) == (0, None)

"""Publishing freezes the draft; active workflows are armed, and say when they run next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from tests.people import ApiClient, Person
from tests.workflows.api.drawings import by_clock, calling, edge, hello, made, node
from workflows import services
from workflows.models import Schedule, Version, Workflow

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.timeless_client()


def test_publishing_counts_versions(client: ApiClient) -> None:
    workflow = made(client, published=True)
    path = f"/workflows/{workflow['id']}"
    assert (workflow["published_version"], workflow["has_unpublished_changes"]) == (1, False)
    assert client.put(path, {"edges": []}).json()["has_unpublished_changes"] is True
    assert client.post(f"{path}/publish", {"note": "without edges"}).json()["published_version"] == 2

    listed = client.get(f"{path}/versions").json()["results"]
    assert [(each["number"], each["note"], each["is_current"]) for each in listed] == [
        (2, "without edges", True),
        (1, "", False),
    ]
    first = client.get(f"{path}/versions/1").json()
    assert (first["nodes"], first["edges"]) == (workflow["nodes"], workflow["edges"])
    assert client.get(f"{path}/versions/2").json()["edges"] == []
    assert client.get(f"{path}/versions/3").status_code == 404


def test_publishing_an_unchanged_draft_makes_no_version(client: ApiClient) -> None:
    workflow = made(client, published=True)
    again = client.post(f"/workflows/{workflow['id']}/publish", {"note": "again"}).json()
    assert again["published_version"] == 1


def test_a_published_version_never_changes(client: ApiClient) -> None:
    workflow = made(client, published=True)
    client.put(f"/workflows/{workflow['id']}", {"nodes": [node("only", "manual_trigger")], "edges": []})
    assert client.get(f"/workflows/{workflow['id']}/versions/1").json()["nodes"] == workflow["nodes"]


def test_a_snapshot_is_the_same_until_the_draft_changes(client: ApiClient) -> None:
    workflow = Workflow.objects.get(pk=made(client)["id"])
    first = services.snapshot_of_draft(workflow)
    assert services.snapshot_of_draft(workflow) == first
    client.put(f"/workflows/{workflow.id}", {"edges": []})
    second = services.snapshot_of_draft(workflow)
    assert second != first
    assert first.edges.count() == 1
    assert second.edges.count() == 0
    assert client.get(f"/workflows/{workflow.id}/versions").json()["results"] == []


def test_a_schedule_is_armed_when_active_and_published(client: ApiClient) -> None:
    with time_machine.travel(NOON, tick=False):
        workflow = made(client, by_clock())
        path = f"/workflows/{workflow['id']}"
        assert client.post(f"{path}/activate").json()["next_run_at"] is None
        published = client.post(f"{path}/publish").json()
        assert published["next_run_at"] == "2026-03-03T09:00:00.000000Z"
        assert (published["schedule_type"], published["schedule_value"]) == ("cron", "0 9 * * *")
        assert published["triggers"] == [
            {
                "node_id": "clock",
                "kind": "schedule_trigger",
                "summary": "0 9 * * *",
                "next_run_at": "2026-03-03T09:00:00.000000Z",
                "pause_reason": None,
            }
        ]
        assert client.post(f"{path}/deactivate").json()["next_run_at"] is None
        assert Schedule.objects.get().next_due_at is None
        assert client.post(f"{path}/activate").json()["next_run_at"] == "2026-03-03T09:00:00.000000Z"
        client.delete(path)
        assert Schedule.objects.get().next_due_at is None


def test_the_zone_is_the_triggers_else_the_projects(client: ApiClient, alice: Person) -> None:
    alice.project.timezone = "America/New_York"
    alice.project.save()
    with time_machine.travel(NOON, tick=False):
        berlin = made(client, by_clock(timezone="Europe/Berlin"), published=True, active=True)
        home = made(client, by_clock(), published=True, active=True)
    assert berlin["next_run_at"] == "2026-03-03T08:00:00.000000Z"
    assert home["next_run_at"] == "2026-03-02T14:00:00.000000Z"


def test_a_schedule_that_stays_keeps_its_next_due_time(client: ApiClient) -> None:
    body = by_clock("5 minutes", schedule_type="interval")
    with time_machine.travel(NOON, tick=False) as clock:
        workflow = made(client, body, published=True, active=True)
        path = f"/workflows/{workflow['id']}"
        clock.shift(60)
        body["nodes"][1]["data"]["message"] = "changed"
        client.put(path, {"nodes": body["nodes"]})
        assert client.post(f"{path}/publish").json()["next_run_at"] == "2026-03-02T12:05:00.000000Z"
        body["nodes"][0]["data"]["schedule_value"] = "10 minutes"
        client.put(path, {"nodes": body["nodes"]})
        assert client.post(f"{path}/publish").json()["next_run_at"] == "2026-03-02T12:11:00.000000Z"


def test_the_workflows_own_schedule_starts_it_at_its_trigger(client: ApiClient) -> None:
    own: dict[str, Any] = {"schedule_type": "daily", "schedule_value": "13:00"}
    with time_machine.travel(NOON, tick=False):
        workflow = made(client, hello(**own), published=True, active=True)
    assert workflow["next_run_at"] == "2026-03-02T13:00:00.000000Z"
    assert (workflow["schedule_type"], workflow["schedule_value"]) == ("daily", "13:00")
    assert Schedule.objects.get().node_id == "start"


def test_the_same_schedule_on_workflow_and_trigger_is_one(client: ApiClient) -> None:
    body = {**by_clock(), "schedule_type": "cron", "schedule_value": "0 9 * * *"}
    made(client, body, published=True, active=True)
    assert Schedule.objects.get().node_id == "clock"


def test_several_schedules_tell_the_earliest(client: ApiClient) -> None:
    body = by_clock()
    body["nodes"].append(node("evening", "schedule_trigger", schedule_type="daily", schedule_value="18:00"))
    body["nodes"].append(node("off", "schedule_trigger", schedule_value="* * * * *", disabled=True))
    body["edges"].append(edge("evening", "say"))
    with time_machine.travel(NOON, tick=False):
        workflow = made(client, body, published=True, active=True)
    assert workflow["next_run_at"] == "2026-03-02T18:00:00.000000Z"
    assert [trigger["summary"] for trigger in workflow["triggers"]] == ["0 9 * * *", "daily 18:00"]


def test_only_the_published_version_is_armed(client: ApiClient) -> None:
    workflow = made(client, hello(), published=True, active=True)
    changed = client.put(f"/workflows/{workflow['id']}", {"nodes": by_clock()["nodes"], "edges": []}).json()
    assert changed["next_run_at"] is None
    assert not Schedule.objects.exists()


def test_a_webhooks_url_is_known_from_the_first_save_and_survives_versions(client: ApiClient, settings: Any) -> None:
    settings.PUBLIC_URL = "https://flows.example.com"
    assert made(client)["webhook_url"] is None
    body = hello(nodes=[node("hook", "webhook_trigger", path="/orders")], edges=[])
    workflow = made(client, body)
    assert workflow["webhook_url"].startswith("https://flows.example.com/hooks/whsec_")
    assert workflow["triggers"][0]["summary"] == "POST /orders"
    assert client.post(f"/workflows/{workflow['id']}/publish").json()["webhook_url"] == workflow["webhook_url"]


@pytest.mark.parametrize("by", ["id", "key"])
@pytest.mark.parametrize("published", [True, False])
def test_a_workflow_that_another_one_calls_cannot_be_deleted(client: ApiClient, by: str, published: bool) -> None:
    called = made(client)
    caller = made(client, calling(called[by]), published=published)
    answer = client.delete(f"/workflows/{called['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "workflow_in_use")
    assert "Caller" in answer.json()["detail"]
    client.delete(f"/workflows/{caller['id']}")
    assert client.delete(f"/workflows/{called['id']}").status_code == 204


def test_a_workflow_that_calls_itself_can_be_deleted(client: ApiClient) -> None:
    workflow = made(client)
    client.put(f"/workflows/{workflow['id']}", {key: calling(workflow["id"])[key] for key in ("nodes", "edges")})
    assert client.delete(f"/workflows/{workflow['id']}").status_code == 204


def test_what_a_drawing_names_must_be_of_its_project(client: ApiClient, charlie: Person) -> None:
    foreign = made(charlie.client())
    for target in (foreign["id"], "fl_none"):
        answer = client.post("/workflows", calling(target))
        assert (answer.status_code, answer.json()["code"]) == (404, "workflow_not_found")
        assert answer.json()["errors"][0]["path"] == "nodes[1].data.workflow"
    assert client.get("/workflows").json()["results"] == []


def test_a_reference_that_broke_meanwhile_stops_publishing_but_not_saving(client: ApiClient) -> None:
    called = made(client, hello(name="Called"))
    caller = made(client, calling(called["id"]))
    Workflow.objects.filter(pk=called["id"]).update(deleted_at=NOON)
    path = f"/workflows/{caller['id']}"
    assert client.put(path, {"name": "Later", "allow_incomplete": True}).status_code == 200
    answer = client.post(f"{path}/publish")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "workflow_not_found"
    assert not Version.objects.filter(state="published").exists()

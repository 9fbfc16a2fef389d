"""The list of workflows: pages, filters, and what was going on lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.models import Run
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import by_clock, hello, made, node
from workflows.models import Version, Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


def names(client: ApiClient, **query: str) -> list[str]:
    answer = client.get("/workflows", query)
    assert answer.status_code == 200, answer.json()
    return [row["name"] for row in answer.json()["results"]]


def ran(workflow_id: str, status: str, seconds: float | None = None, *, is_draft: bool = False, **fields: Any) -> Run:
    workflow = Workflow.objects.get(pk=workflow_id)
    now = timezone.now()
    ended = None if seconds is None else now + timedelta(seconds=seconds)
    return Run.objects.create(
        project=workflow.project,
        workflow=workflow,
        version=workflow.published or Version.objects.get(pk=workflow.draft_id),
        trigger_type="api",
        trigger_payload={},  # type: ignore[misc]  # the column is text, the value any JSON
        status=status,
        is_draft=is_draft,
        created_at=now,
        started_at=now,
        completed_at=ended,
        **fields,
    )


DRAWN = ("nodes", "edges", "notes", "groups")


def test_rows_are_workflows_without_their_drawing(client: ApiClient) -> None:
    workflow = made(client)
    row = client.get("/workflows").json()["results"][0]
    assert row == {key: value for key, value in workflow.items() if key not in DRAWN}


def test_pages_are_newest_first(client: ApiClient) -> None:
    for name in "abcde":
        made(client, hello(name=name))
    first = client.get("/workflows", {"limit": "2"}).json()
    second = client.get("/workflows", {"limit": "2", "cursor": first["next"]}).json()
    third = client.get("/workflows", {"limit": "2", "cursor": second["next"]}).json()
    seen = [row["name"] for page in (first, second, third) for row in page["results"]]
    assert (seen, third["next"]) == (list("edcba"), None)


def test_filters(client: ApiClient) -> None:
    made(client, hello(name="Greet customers"), published=True, active=True)
    made(client, by_clock())
    made(client, hello(name="Own clock", schedule_type="daily", schedule_value="10:00"))
    hook = made(client, hello(name="Hook", nodes=[node("hook", "webhook_trigger")], edges=[]), published=True)
    ran(hook["id"], "completed")
    ran(hook["id"], "failed")
    assert names(client, search="CUSTOM") == ["Greet customers"]
    assert names(client, search="hook") == ["Hook"]
    assert names(client, search=hook["id"]) == ["Hook"]
    assert names(client, is_active="true") == ["Greet customers"]
    assert names(client, trigger="schedule") == ["Own clock", "Every morning"]
    assert names(client, trigger="webhook") == ["Hook"]
    assert names(client, trigger="manual") == ["Greet customers"]
    assert names(client, status="failed") == ["Hook"]
    assert names(client, status="completed") == []
    assert names(client, status="failed", is_active="true") == []


@pytest.mark.parametrize(
    "query",
    [
        {"is_active": "maybe"},
        {"trigger": "moon"},
        {"status": "odd"},
        {"order_by": "name"},
        {"project__name": "x"},
        {"limit": "0"},
        {"limit": "201"},
        {"cursor": "rubbish"},
        {"search": "a\0b"},
        {"search": ["a", "b"]},
    ],
)
def test_what_is_no_filter_is_refused(client: ApiClient, query: dict[str, Any]) -> None:
    answer = client.get("/workflows", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == next(iter(query))


def test_a_row_tells_how_the_last_runs_went(client: ApiClient) -> None:
    workflow = made(client)
    ran(workflow["id"], "completed", 1)
    ran(workflow["id"], "completed", 3)
    ran(workflow["id"], "failed", 9)
    ran(workflow["id"], "failed", 9, is_draft=True)
    ran(workflow["id"], "terminated", 9)
    ran(workflow["id"], "running")
    row = client.get("/workflows").json()["results"][0]
    assert [run["status"] for run in row["runs"]] == [
        "running",
        "terminated",
        "failed",
        "failed",
        "completed",
        "completed",
    ]
    assert set(row["runs"][0]) == {
        "id",
        "status",
        "created_at",
        "started_at",
        "completed_at",
        "duration_ms",
        "trigger_type",
    }
    assert row["success_rate"] == pytest.approx(2 / 3)
    assert row["p50_ms"] == 2000


def test_a_row_tells_of_thirty_runs_at_most(client: ApiClient) -> None:
    workflow = made(client)
    for _ in range(32):
        ran(workflow["id"], "completed", 1)
    assert len(client.get("/workflows").json()["results"][0]["runs"]) == 30


def test_a_long_list_takes_few_queries(client: ApiClient, django_assert_max_num_queries: Any) -> None:
    for number in range(10):
        made(client, by_clock() | {"name": f"{number}"}, published=True, active=True)
    with django_assert_max_num_queries(6 + 10):
        client.get("/workflows")


def test_the_catalogue_is_what_the_registry_holds(client: ApiClient) -> None:
    components = {each["kind"]: each for each in client.get("/components").json()["results"]}
    assert components["http_request"]["category"] == "action"
    assert components["http_request"]["schema"]["properties"]["url"]
    assert components["switch"]["dynamic_handles"] == {"setting": "cases", "key": "name"}

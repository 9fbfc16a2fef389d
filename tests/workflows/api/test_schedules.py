"""Schedules over the API: previews that flag clock changes, the time line, pausing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.people import ApiClient, Person
from tests.workflows.api.drawings import by_clock, edge, hello, made, node

pytestmark = pytest.mark.django_db

BEFORE_SPRING = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)  # Berlin goes forward on the 29th, at 01:00 UTC
BEFORE_AUTUMN = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.timeless_client()


def fires(answer: Any) -> list[tuple[str, str, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(fire["at"], fire["local"], fire["clock_change"]) for fire in answer.json()["results"]]


def test_an_unsaved_schedule_shows_its_next_times_in_both_zones(client: ApiClient) -> None:
    with time_machine.travel(BEFORE_SPRING, tick=False):
        query = {"schedule_value": "30 2 * * *", "timezone": "Europe/Berlin", "count": "3"}
        answer = client.get("/schedules/preview", query)
    assert fires(answer) == [
        ("2026-03-28T01:30:00.000000Z", "2026-03-28T02:30:00+01:00", None),
        ("2026-03-29T01:00:00.000000Z", "2026-03-29T03:00:00+02:00", "gap"),
        ("2026-03-30T00:30:00.000000Z", "2026-03-30T02:30:00+02:00", None),
    ]
    assert answer.json()["words"] == "At 02:30, Europe/Berlin"
    assert "does not exist" in answer.json()["results"][1]["note"]


def test_a_time_that_comes_twice_is_flagged(client: ApiClient) -> None:
    with time_machine.travel(BEFORE_AUTUMN, tick=False):
        query = {"schedule_type": "daily", "schedule_value": "02:30", "timezone": "Europe/Berlin", "count": "3"}
        answer = client.get("/schedules/preview", query)
    assert [change for _, _, change in fires(answer)] == [None, "repeat", None]


def test_ten_are_shown_unless_asked_otherwise(client: ApiClient) -> None:
    assert len(fires(client.get("/schedules/preview", {"schedule_value": "@hourly"}))) == 10
    settings = {"schedule_value": "@hourly", "starts_on": "2099-01-01", "ends_on": "2099-01-01", "count": "100"}
    assert len(fires(client.get("/schedules/preview", settings))) == 24


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({}, "schedule_value"),
        ({"schedule_value": "61 * * * *"}, "schedule_value"),
        ({"schedule_value": "@daily", "timezone": "Mars/Olympus"}, "timezone"),
        ({"schedule_value": "@daily", "starts_on": "soon"}, "starts_on"),
        ({"schedule_value": "@daily", "jitter": "-1"}, "jitter"),
        ({"schedule_value": "@daily", "count": "101"}, "count"),
        ({"schedule_value": "@daily", "count": "0"}, "count"),
        ({"schedule_value": "@daily", "nonsense": "1"}, "nonsense"),
        ({"schedule_value": "\0 * * * *"}, "schedule_value"),
    ],
)
def test_a_preview_that_cannot_be_given_says_why(client: ApiClient, query: dict[str, str], parameter: str) -> None:
    answer = client.get("/schedules/preview", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == parameter


def test_a_workflow_shows_all_its_schedules_together(client: ApiClient) -> None:
    drawing = by_clock("0 9 * * *")
    drawing["nodes"].append(node("second", "schedule_trigger", schedule_value="0 10 * * *"))
    drawing["edges"].append(edge("second", "say"))
    with time_machine.travel(BEFORE_SPRING, tick=False):
        workflow = made(client, drawing)
        path = f"/workflows/{workflow['id']}/schedule/preview"
        unpublished = fires(client.get(path, {"count": "4"}))
        client.post(f"/workflows/{workflow['id']}/publish")
        client.post(f"/workflows/{workflow['id']}/activate")
        answer = client.get(path, {"count": "4"})
    assert fires(answer) == unpublished
    assert [fire["node_id"] for fire in answer.json()["results"]] == ["clock", "second"] * 2
    assert fires(answer)[0][0] == "2026-03-28T09:00:00.000000Z"


def test_the_time_line_shows_what_is_due_in_time_and_bands_for_what_is_dense(client: ApiClient) -> None:
    with time_machine.travel(BEFORE_SPRING, tick=False):
        for value in ("0 9 * * *", "0 * * * *", "* * * * *", "0 9 1 12 *"):
            made(client, by_clock(value), published=True, active=True)
        made(client, by_clock("0 9 * * *"), published=True)  # not active
        day = client.get("/schedules/timeline").json()
        week = client.get("/schedules/timeline", {"hours": "168"}).json()
    assert [(row["schedule_value"], len(row["fires"]), row["every_seconds"]) for row in day["results"]] == [
        ("* * * * *", 0, 60),
        ("0 * * * *", 23, None),
        ("0 9 * * *", 1, None),
    ]
    assert len(week["results"][1]["fires"]) == 167
    assert client.get("/schedules/timeline", {"hours": "169"}).status_code == 400


def test_pausing_keeps_its_reason_until_somebody_resumes(client: ApiClient) -> None:
    with time_machine.travel(BEFORE_SPRING, tick=False):
        workflow = made(client, by_clock(), published=True, active=True)
        [schedule] = client.get("/schedules", {"workflow": workflow["id"]}).json()["results"]
        path = f"/schedules/{schedule['id']}"
        paused = client.post(f"{path}/pause", {"reason": "The far side is being moved."}).json()
        assert (paused["next_due_at"], paused["pause_reason"]) == (None, "The far side is being moved.")
        for step in ("deactivate", "activate"):
            client.post(f"/workflows/{workflow['id']}/{step}")
        told = client.get(f"/workflows/{workflow['id']}").json()
        assert told["next_run_at"] is None
        assert told["triggers"][0]["pause_reason"] == "The far side is being moved."
    with time_machine.travel(BEFORE_SPRING + timedelta(days=10), tick=False):
        resumed = client.post(f"{path}/resume").json()
    assert resumed["next_due_at"] == "2026-04-07T09:00:00.000000Z"
    assert resumed["paused_at"] is None


def test_one_that_is_overdue_marks_its_workflow(client: ApiClient) -> None:
    with time_machine.travel(BEFORE_SPRING, tick=False):
        workflow = made(client, by_clock("0 13 * * *", grace=30), published=True, active=True)
        assert workflow_alarm(client, workflow) is None
    with time_machine.travel(BEFORE_SPRING + timedelta(hours=1, seconds=20), tick=False):
        assert workflow_alarm(client, workflow) is None
    with time_machine.travel(BEFORE_SPRING + timedelta(hours=1, seconds=40), tick=False):
        alarm = workflow_alarm(client, workflow)
        assert alarm == {"missed": 0, "last_due_at": None, "overdue_since": "2026-03-27T13:00:00.000000Z"}
        [schedule] = client.get("/schedules").json()["results"]
        assert schedule["is_overdue"] is True


def workflow_alarm(client: ApiClient, workflow: dict[str, Any]) -> Any:
    [row] = [row for row in client.get("/workflows").json()["results"] if row["id"] == workflow["id"]]
    return row["alarm"]


def test_the_settings_of_a_schedule_are_checked_when_it_is_published(client: ApiClient) -> None:
    body = {**hello(), **by_clock("0 9 * * *", starts_on="2026-03-02", ends_on="2026-03-01")}
    answer = client.post("/workflows", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["ends_on"]
    for field, value in (("jitter", 4000), ("overlap", "often"), ("catch_up", 3), ("grace", -1)):
        answer = client.post("/workflows", by_clock("0 9 * * *", **{field: value}))
        assert answer.status_code == 422
        assert {error["field"] for error in answer.json()["errors"]} == {field}

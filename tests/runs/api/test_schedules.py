"""Past occurrences, acknowledging, backfills and alerts over the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from runs import backfills, schedules
from runs.models import Backfill, Firing, Run
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import by_clock, hello, made

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(schedules, "database_now", timezone.now)
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def client(alice: Person, noon: object) -> ApiClient:
    return alice.timeless_client()


def hourly(client: ApiClient) -> tuple[str, str]:
    """An active workflow and its schedule."""
    workflow = made(client, by_clock("0 * * * *"), published=True, active=True)
    [schedule] = client.get("/schedules", {"workflow": workflow["id"]}).json()["results"]
    return workflow["id"], schedule["id"]


def test_past_occurrences_tell_their_runs_and_why_there_is_none(
    client: ApiClient, noon: time_machine.Traveller
) -> None:
    workflow, schedule = hourly(client)
    noon.move_to(NOON + timedelta(hours=3, seconds=90))
    schedules.fire_due()
    rows = client.get("/firings", {"schedule": schedule}).json()["results"]
    assert [(row["due_at"][11:16], row["outcome"], row["lag_ms"]) for row in rows] == [
        ("15:00", "started", 90_000),
        ("14:00", "missed", 3_690_000),
        ("13:00", "missed", 7_290_000),
    ]
    assert rows[0]["run_id"] == Run.objects.get().pk
    assert "No clock was running" in rows[1]["reason"]
    assert [len(client.get("/firings", {"outcome": name}).json()["results"]) for name in ("started", "missed")] == [
        1,
        2,
    ]
    first = client.get("/firings", {"workflow": workflow, "limit": "2"}).json()
    rest = client.get("/firings", {"workflow": workflow, "limit": "2", "cursor": first["next"]}).json()
    assert first["results"] + rest["results"] == rows


def test_missed_starts_mark_the_workflow_until_they_are_acknowledged(
    client: ApiClient, noon: time_machine.Traveller
) -> None:
    workflow, _ = hourly(client)
    noon.move_to(NOON + timedelta(hours=3, seconds=30))
    schedules.fire_due()
    alarm = client.get(f"/workflows/{workflow}").json()["alarm"]
    assert alarm == {"missed": 2, "last_due_at": "2026-03-02T14:00:00.000000Z", "overdue_since": None}
    assert client.post(f"/workflows/{workflow}/acknowledge").json() == {"acknowledged": 2}
    assert client.get(f"/workflows/{workflow}").json()["alarm"] is None
    assert len(client.get("/firings", {"outcome": "missed"}).json()["results"]) == 2


# --- backfills ---

RANGE = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"}


def test_a_backfill_is_previewed_and_leaves_out_what_started_in_time(
    client: ApiClient, noon: time_machine.Traveller
) -> None:
    _, schedule = hourly(client)
    noon.move_to(NOON + timedelta(hours=2, seconds=5))
    schedules.fire_due()  # 13:00 is missed, 14:00 starts
    query = {"since": "2026-03-02T10:00:00Z", "until": "2026-03-02T14:00:01Z"}
    seen = client.get(f"/schedules/{schedule}/backfill/preview", query).json()
    assert seen == {
        "count": 4,
        "already": 1,
        "first_due_at": "2026-03-02T10:00:00.000000Z",
        "last_due_at": "2026-03-02T13:00:00.000000Z",
    }
    everything = client.get(f"/schedules/{schedule}/backfill/preview", {**query, "only_missing": "false"}).json()
    assert (everything["count"], everything["already"]) == (5, 0)


def test_a_backfill_goes_on_at_its_rate_and_to_its_end(client: ApiClient, noon: time_machine.Traveller) -> None:
    _, schedule = hourly(client)
    body = {**RANGE, "per_minute": 60, "at_once": 3}
    started = client.post(f"/schedules/{schedule}/backfill", body)
    assert started.status_code == 201
    assert started.json()["total"] == 24
    counts = []
    for _ in range(5):  # a second each
        noon.shift(1)
        backfills.advance()
        counts.append(Run.objects.count())
    assert counts == [1, 2, 3, 3, 3]  # three have not ended
    Run.objects.update(status="completed")
    for _ in range(30):
        noon.shift(1)
        backfills.advance()
        Run.objects.update(status="completed")
    [row] = client.get("/backfills").json()["results"]
    assert (row["status"], row["done"], row["total"]) == ("completed", 24, 24)
    fired = client.get("/firings", {"backfill": row["id"], "limit": "50"}).json()["results"]
    assert len({firing["due_at"] for firing in fired}) == Run.objects.count() == 24
    assert Run.objects.earliest("created_at").trigger_payload["backfill"] == row["id"]


def test_a_backfill_can_be_paused_resumed_and_cancelled(client: ApiClient, noon: time_machine.Traveller) -> None:
    _, schedule = hourly(client)
    path = f"/backfills/{client.post(f'/schedules/{schedule}/backfill', RANGE).json()['id']}"
    assert client.post(f"{path}/pause", {"reason": "Too much at once."}).json()["status"] == "paused"
    assert backfills.advance() == 0
    assert client.post(f"{path}/resume", {}).json()["status"] == "running"
    assert backfills.advance() == 1
    assert client.post(f"{path}/cancel", {}).json()["status"] == "cancelled"
    noon.shift(60)
    assert backfills.advance() == 0
    answer = client.post(f"{path}/resume", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "backfill_ended")


def test_a_backfill_is_no_overlap_for_the_schedule_itself(client: ApiClient, noon: time_machine.Traveller) -> None:
    made(client, by_clock("0 * * * *", overlap="skip"), published=True, active=True)
    [schedule] = client.get("/schedules").json()["results"]
    client.post(f"/schedules/{schedule['id']}/backfill", RANGE)
    backfills.advance()
    noon.move_to(NOON + timedelta(hours=1))
    schedules.fire_due()
    assert Firing.objects.get(backfill=None).outcome == "started"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**RANGE, "until": RANGE["since"]}, 422),
        ({**RANGE, "until": "2026-03-03T00:00:00Z"}, 422),
        ({**RANGE, "since": "1999-01-01T00:00:00Z"}, 422),
        ({"since": "2026-03-01T00:10:00Z", "until": "2026-03-01T00:20:00Z"}, 422),
        ({**RANGE, "per_minute": 601}, 422),
        ({**RANGE, "at_once": 0}, 422),
        ({**RANGE, "since": "yesterday"}, 400),
    ],
)
def test_a_backfill_that_makes_no_sense_is_refused(client: ApiClient, body: dict[str, Any], status: int) -> None:
    _, schedule = hourly(client)
    assert client.post(f"/schedules/{schedule}/backfill", body).status_code == status
    assert not Backfill.objects.exists()


# --- alerts ---


def test_naming_an_alert_workflow_testing_it_and_taking_it_away(client: ApiClient) -> None:
    workflow, _ = hourly(client)
    teller = made(client, hello(name="Tell the team"), published=True)
    path = f"/workflows/{workflow}/alerts"
    assert client.post(f"{path}/test").status_code == 409
    named = {"alert_workflow": teller["id"], "alert_workflow_name": "Tell the team"}
    assert client.put(f"{path}/settings", {"alert_workflow": teller["id"]}).json() == named
    sent = client.post(f"{path}/test")
    assert (sent.status_code, sent.json()["kind"]) == (201, "test")
    assert client.get(path).json()["results"] == [sent.json()]
    assert Run.objects.get(pk=sent.json()["run_id"]).trigger_type == "alert"
    assert client.delete(f"/workflows/{teller['id']}").json()["code"] == "workflow_in_use"
    client.put(f"{path}/settings", {"alert_workflow": None})
    assert client.delete(f"/workflows/{teller['id']}").status_code == 204


def test_a_workflow_is_not_its_own_alert_workflow(client: ApiClient) -> None:
    workflow, _ = hourly(client)
    answer = client.put(f"/workflows/{workflow}/alerts/settings", {"alert_workflow": workflow})
    assert answer.status_code == 422

"""The server's administrator sees and changes what beat does; nobody else does."""

from __future__ import annotations

import pytest
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from runs.serving.housekeeping import HOUSEKEEPING, ensure_housekeeping
from tests.people import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _entered() -> None:
    ensure_housekeeping()


def test_it_is_listed_with_its_intervals(alice: Person) -> None:
    rows = alice.client().get("/housekeeping").json()["results"]
    assert {(row["name"], row["every_minutes"], row["enabled"]) for row in rows} == {
        (name, minutes, True) for name, _, minutes in HOUSEKEEPING
    }


def test_it_can_be_changed_and_beat_is_told(alice: Person) -> None:
    row = alice.client().get("/housekeeping").json()["results"][0]
    before = PeriodicTasks.last_change()
    answer = alice.client().put(f"/housekeeping/{row['id']}", {"enabled": False, "every_minutes": 7})
    assert (answer.json()["enabled"], answer.json()["every_minutes"]) == (False, 7)
    task = PeriodicTask.objects.get(pk=row["id"])
    assert (task.enabled, task.interval.every) == (False, 7)
    assert PeriodicTasks.last_change() != before
    assert alice.client().put(f"/housekeeping/{row['id']}", {"enabled": True}).json()["every_minutes"] == 7


def test_others_neither_see_nor_change_it(alice: Person, charlie: Person) -> None:
    row = alice.client().get("/housekeeping").json()["results"][0]
    assert charlie.client().get("/housekeeping").status_code == 403
    assert charlie.client().put(f"/housekeeping/{row['id']}", {"enabled": False}).status_code == 403
    assert PeriodicTask.objects.get(pk=row["id"]).enabled


@pytest.mark.parametrize("change", [{"every_minutes": 0}, {"every_minutes": 10**6}, {"enabled": "no"}, {"name": "x"}])
def test_what_makes_no_sense_is_refused(alice: Person, change: dict[str, object]) -> None:
    row = alice.client().get("/housekeeping").json()["results"][0]
    assert alice.client().put(f"/housekeeping/{row['id']}", change).status_code == 422


def test_a_task_that_is_not_there(alice: Person) -> None:
    assert alice.client().put("/housekeeping/999999", {"enabled": False}).status_code == 404

"""What is forgotten of past starts, and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs import firings
from runs.models import Alert, Firing
from tests.people import Person
from tests.workflows.api.drawings import by_clock, made
from workflows.models import Schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(alice: Person) -> Schedule:
    made(alice.client(), by_clock(), published=True, active=True)
    return Schedule.objects.get()


def fired(schedule: Schedule, days: float, outcome: str = "started") -> Firing:
    at = timezone.now() - timedelta(days=days)
    return Firing.objects.create(workflow=schedule.workflow, schedule=schedule, due_at=at, seen_at=at, outcome=outcome)


def test_the_old_are_forgotten_but_not_what_still_waits(schedule: Schedule) -> None:
    kept = [fired(schedule, 89), fired(schedule, 91, "queued")]
    fired(schedule, 91)
    fired(schedule, 400, "missed")
    old = Alert.objects.create(workflow=schedule.workflow, kind="test", cause="a", created_at=timezone.now())
    Alert.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=91))
    Alert.objects.create(workflow=schedule.workflow, kind="test", cause="b", created_at=timezone.now())
    assert firings.prune() == 3
    assert set(Firing.objects.all()) == set(kept)
    assert Alert.objects.get().cause == "b"


def test_of_a_schedule_that_is_due_very_often_the_latest_are_kept(
    schedule: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firings, "KEPT_OF_ONE", 3)
    made_ones = [fired(schedule, days) for days in (5, 4, 3, 2, 1)]
    assert firings.prune() == 2
    assert set(Firing.objects.all()) == set(made_ones[2:])
    assert firings.prune() == 0

"""Occurrences become runs or say why not, once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from runs import schedules
from runs.models import Firing, Run
from tests.people import Person, person
from tests.workflows.api.drawings import by_clock, made
from workflows.models import Schedule, Workflow

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Person:
    return person("Alice")


@pytest.fixture(autouse=True)
def host_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests travel in time, and a real database server would not come along."""
    from django.utils import timezone

    monkeypatch.setattr(schedules, "database_now", timezone.now)


def armed(alice: Person, value: str, at: datetime) -> Workflow:
    with time_machine.travel(at, tick=False):
        return Workflow.objects.get(
            pk=made(alice.timeless_client(), by_clock(value), published=True, active=True)["id"]
        )


def fire(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        schedules.fire_due()


def outcomes() -> list[tuple[datetime, str]]:
    return list(Firing.objects.order_by("due_at").values_list("due_at", "outcome"))


def test_what_is_due_starts_the_workflow_at_its_trigger_once(alice: Person) -> None:
    workflow = armed(alice, "0 9 * * *", NINE - timedelta(hours=1))
    fire(NINE - timedelta(seconds=1))
    assert not outcomes()
    for late in (0, 1, 2):
        fire(NINE + timedelta(seconds=late))
    run = Run.objects.get()
    assert outcomes() == [(NINE, "started")]
    assert (run.workflow_id, run.trigger_type, run.trigger_node) == (workflow.pk, "schedule", "clock")
    assert run.trigger_payload["scheduled_at"] == "2026-03-02T09:00:00.000000Z"
    workflow.refresh_from_db()
    assert workflow.next_run_at == NINE + timedelta(days=1)


def test_a_clock_set_back_fires_nothing_again(alice: Person) -> None:
    armed(alice, "0 9 * * *", NINE - timedelta(hours=2))
    fire(NINE)
    Schedule.objects.update(next_due_at=NINE)  # as if a second clock had read the row before us
    fire(NINE - timedelta(hours=1))
    fire(NINE)
    assert outcomes() == [(NINE, "started")]
    assert Run.objects.count() == 1


def test_after_a_pause_the_latest_is_made_up_for_and_the_others_say_that_they_were_missed(alice: Person) -> None:
    armed(alice, "0 * * * *", NINE - timedelta(minutes=1))
    fire(NINE + timedelta(hours=3, minutes=5))
    hours = [NINE + timedelta(hours=number) for number in range(4)]
    assert outcomes() == list(zip(hours, ["missed", "missed", "missed", "started"], strict=True))
    assert Schedule.objects.get().next_due_at == NINE + timedelta(hours=4)


def test_a_second_that_is_only_late_is_not_missed(alice: Person) -> None:
    armed(alice, "* * * * * *", NINE)
    fire(NINE + timedelta(seconds=3))
    assert [outcome for _, outcome in outcomes()] == ["started"] * 3


def test_a_long_pause_is_bounded(alice: Person) -> None:
    armed(alice, "* * * * * *", NINE)
    fire(NINE + timedelta(days=30))
    assert Firing.objects.count() == schedules.MAX_OCCURRENCES
    assert Run.objects.count() == 1
    assert Schedule.objects.get().next_due_at == NINE + timedelta(days=30, seconds=1)


def test_what_cannot_start_says_why(alice: Person) -> None:
    workflow = armed(alice, "0 9 * * *", NINE - timedelta(hours=1))
    Workflow.objects.filter(pk=workflow.pk).update(published=None)
    fire(NINE)
    assert outcomes() == [(NINE, "refused")]
    assert "published" in Firing.objects.get().reason


def test_deactivated_workflows_do_not_fire(alice: Person) -> None:
    workflow = armed(alice, "0 9 * * *", NINE - timedelta(hours=1))
    alice.timeless_client().post(f"/workflows/{workflow.pk}/deactivate")
    fire(NINE)
    assert not Run.objects.exists()

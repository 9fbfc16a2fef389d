"""Occurrences become runs or say why not, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from runs import schedules
from runs.models import Firing, Run
from runs.occurrences import MOST_WRITTEN
from runs.services import start_run
from tests.people import Person, person
from tests.workflows.api.drawings import by_clock, edge, made, node
from workflows import schedules as service
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


def armed(alice: Person, value: str, at: datetime, **settings: Any) -> Workflow:
    with time_machine.travel(at, tick=False):
        drawing = by_clock(value, **settings)
        return Workflow.objects.get(pk=made(alice.timeless_client(), drawing, published=True, active=True)["id"])


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
    assert Schedule.objects.get().next_due_at == NINE + timedelta(days=1), "it stands still at what was fired before"


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


def test_a_long_outage_is_bounded_and_the_latest_is_the_latest(alice: Person) -> None:
    armed(alice, "* * * * * *", NINE)
    back = NINE + timedelta(days=30)
    fire(back)
    assert Firing.objects.count() == MOST_WRITTEN
    started = Firing.objects.filter(outcome="started")
    assert [firing.due_at for firing in started.order_by("due_at")] == [
        back - timedelta(seconds=late)
        for late in range(10, -1, -1)  # what is only a little late is no outage
    ]
    assert Firing.objects.filter(reason__contains="all between").count() == 1
    assert Schedule.objects.get().next_due_at == back + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        ("skip", ["missed"] * 10),
        ("latest", ["missed"] * 9 + ["started"]),
        ("all", ["started"] * 10),
    ],
)
def test_after_ten_minutes_without_a_clock(alice: Person, catch_up: str, expected: list[str]) -> None:
    armed(alice, "* * * * *", NINE, catch_up=catch_up)
    fire(NINE + timedelta(minutes=10, seconds=30))
    assert [outcome for _, outcome in outcomes()] == expected
    assert Run.objects.count() == expected.count("started")
    assert Schedule.objects.get().next_due_at == NINE + timedelta(minutes=11)
    assert all(firing.reason for firing in Firing.objects.filter(outcome="missed"))


def test_all_makes_up_for_a_hundred_and_drops_the_oldest(alice: Person) -> None:
    armed(alice, "* * * * *", NINE, catch_up="all")
    fire(NINE + timedelta(minutes=150, seconds=30))
    assert [outcome for _, outcome in outcomes()] == ["missed"] * 50 + ["started"] * 100


def test_a_clock_set_forward_an_hour_and_back_starts_each_once(alice: Person) -> None:
    armed(alice, "*/10 * * * *", NINE, catch_up="all")
    for minutes in (10, 70, 10, 20, 40, 75, 80):
        fire(NINE + timedelta(minutes=minutes))
    assert outcomes() == [(NINE + timedelta(minutes=10 * n), "started") for n in range(1, 9)]
    assert Run.objects.count() == 8


@pytest.mark.parametrize(
    ("overlap", "expected", "ended"),
    [
        ("allow", ["started", "started", "started"], []),
        ("skip", ["started", "skipped", "skipped"], []),
        ("queue", ["started", "queued", "skipped"], []),
        ("replace", ["started", "started", "started"], ["terminated", "terminated"]),
    ],
)
def test_while_one_still_runs(alice: Person, overlap: str, expected: list[str], ended: list[str]) -> None:
    armed(alice, "* * * * *", NINE, overlap=overlap)
    for minute in (1, 2, 3):
        fire(NINE + timedelta(minutes=minute))
    assert [outcome for _, outcome in outcomes()] == expected
    assert list(Run.objects.exclude(status="pending").values_list("status", flat=True)) == ended
    for firing in Firing.objects.filter(outcome="skipped"):
        assert firing.reason


def test_what_waited_starts_when_the_run_before_it_has_ended(alice: Person) -> None:
    armed(alice, "* * * * *", NINE, overlap="queue")
    for minute in (1, 2):
        fire(NINE + timedelta(minutes=minute))
    assert schedules.start_queued() == 0
    Run.objects.update(status="completed")
    assert [schedules.start_queued(), schedules.start_queued()] == [1, 0]
    assert [outcome for _, outcome in outcomes()] == ["started", "started"]
    assert Run.objects.order_by("created_at", "id").last() == Firing.objects.latest("due_at").run


def test_what_waited_goes_before_what_is_due_next(alice: Person) -> None:
    """Also when the run before has ended just now, and nobody has looked yet."""
    armed(alice, "* * * * *", NINE, overlap="queue")
    for minute in (1, 2):
        fire(NINE + timedelta(minutes=minute))
    Run.objects.update(status="completed")
    fire(NINE + timedelta(minutes=3))
    assert [outcome for _, outcome in outcomes()] == ["started", "started", "queued"]
    assert Run.objects.get(status="pending").trigger_payload["scheduled_at"] == "2026-03-02T09:02:00.000000Z"


def test_what_waited_is_left_out_when_the_workflow_is_switched_off(alice: Person) -> None:
    workflow = armed(alice, "* * * * *", NINE, overlap="queue")
    for minute in (1, 2):
        fire(NINE + timedelta(minutes=minute))
    alice.timeless_client().post(f"/workflows/{workflow.pk}/deactivate")
    Run.objects.update(status="completed")
    schedules.start_queued()
    assert [outcome for _, outcome in outcomes()] == ["started", "skipped"]


def test_several_schedules_of_one_workflow_fire_each_for_itself(alice: Person) -> None:
    drawing = by_clock("0 9 * * *")
    drawing["nodes"].append(node("second", "schedule_trigger", schedule_value="0 10 * * *"))
    drawing["edges"].append(edge("second", "say"))
    with time_machine.travel(NINE - timedelta(hours=1), tick=False):
        made(alice.timeless_client(), drawing, published=True, active=True)
    for hour in (0, 1):
        fire(NINE + timedelta(hours=hour))
    assert list(Run.objects.order_by("id").values_list("trigger_node", flat=True)) == ["clock", "second"]


def test_first_and_last_day_are_days_of_the_schedules_own_zone(alice: Person) -> None:
    settings = {"timezone": "Asia/Tokyo", "starts_on": "2026-03-03", "ends_on": "2026-03-04"}
    armed(alice, "0 */6 * * *", NINE, **settings)
    for hour in range(96):
        fire(NINE + timedelta(hours=hour))
    first = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # the third of March in Tokyo
    assert outcomes() == [(first + timedelta(hours=6 * n), "started") for n in range(8)]
    assert Schedule.objects.get().next_due_at is None


def test_one_that_fails_keeps_no_other_from_starting(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = (armed(alice, "0 9 * * *", NINE - timedelta(hours=1)) for _ in range(2))

    def start(workflow: Workflow, *given: Any) -> Run:
        if workflow.pk == broken.pk:
            raise RuntimeError("unheard of")
        return start_run(workflow, *given)

    monkeypatch.setattr(schedules, "start_run", start)
    fire(NINE)
    assert Run.objects.get().workflow_id == sound.pk
    assert Schedule.objects.get(workflow=broken).next_due_at == NINE  # and it is tried again


def test_an_edit_counts_from_now_and_keeps_the_pause(alice: Person) -> None:
    workflow = armed(alice, "0 9 * * *", NINE - timedelta(hours=1))
    row = Schedule.objects.get()
    service.pause(row, "The far side is being moved.")
    client = alice.timeless_client()
    with time_machine.travel(NINE + timedelta(hours=3), tick=False):
        client.put(f"/workflows/{workflow.pk}", by_clock("0 10 * * *"))
        client.post(f"/workflows/{workflow.pk}/publish")
        row.refresh_from_db()
        assert (row.schedule_value, row.next_due_at, row.pause_reason) == (
            "0 10 * * *",
            None,
            "The far side is being moved.",
        )
        service.resume(row)
    row.refresh_from_db()
    assert row.next_due_at == NINE + timedelta(hours=25)
    fire(NINE + timedelta(hours=4))
    assert not Run.objects.exists()


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

"""One workflow's trouble starts another, once per cause and never round in circles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs import alerts, schedules
from runs.models import Alert, Firing, Run
from runs.services import StartOptions, start_run
from tests.people import Person
from tests.workflows.api.drawings import by_clock, hello, made
from workflows.models import Schedule, Workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(alice: Person) -> Workflow:
    """A workflow by the clock that names another one for its alerts."""
    client = alice.client()
    teller = made(client, hello(name="Tell the team"), published=True)
    workflow = made(client, by_clock(), published=True, active=True)
    Workflow.objects.filter(pk=workflow["id"]).update(alert_workflow=teller["id"], alerts_since=timezone.now())
    return Workflow.objects.get(pk=workflow["id"])


def failed(workflow: Workflow, trigger: str = "manual", **fields: Any) -> Run:
    run = start_run(workflow, {}, StartOptions(trigger_type=trigger))
    fields = {"error": {"code": "http_status", "message": "The far side said 500."}, **fields}
    for name, value in {"status": "failed", "completed_at": timezone.now(), "ready_at": None, **fields}.items():
        setattr(run, name, value)
    run.save()
    return run


def test_a_failure_is_told_once_however_the_run_was_started(watched: Workflow) -> None:
    by_hand, by_clock = failed(watched), failed(watched, "schedule")
    assert [alerts.tell_of_runs(), alerts.tell_of_runs()] == [2, 0]
    told = Alert.objects.filter(kind="failed")
    assert {alert.subject_id for alert in told} == {by_hand.pk, by_clock.pk}
    run = told.get(subject=by_hand).run
    assert run is not None
    assert (run.workflow.name, run.trigger_type) == ("Tell the team", "alert")
    payload = run.trigger_payload
    assert payload["message"] == "The far side said 500."
    assert (payload["workflow"]["id"], payload["run"]["id"]) == (watched.pk, by_hand.pk)


def test_what_failed_before_it_was_asked_for_is_not_told_and_stands_in_nobodys_way(
    watched: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "BATCH", 2)
    for _ in range(3):
        failed(watched, completed_at=timezone.now() - timedelta(minutes=1))
    assert alerts.tell_of_runs() == 0
    failed(watched)
    assert alerts.tell_of_runs() == 1


def test_an_alert_that_fails_tells_nobody(watched: Workflow) -> None:
    teller = watched.alert_workflow
    assert teller is not None
    Workflow.objects.filter(pk=teller.pk).update(alert_workflow=watched.pk, alerts_since=timezone.now())
    failed(watched)
    alerts.tell_of_runs()
    Run.objects.filter(trigger_type="alert").update(status="failed", completed_at=timezone.now())
    assert alerts.tell_of_runs() == 0
    assert Alert.objects.count() == 1


def test_a_run_that_nobody_takes_is_told_as_stalled(watched: Workflow) -> None:
    run = start_run(watched, {}, StartOptions(trigger_type="api"))
    assert alerts.tell_of_runs() == 0
    Run.objects.filter(pk=run.pk).update(ready_at=timezone.now() - timedelta(minutes=6))
    assert [alerts.tell_of_runs(), alerts.tell_of_runs()] == [1, 0]
    assert Alert.objects.get().kind == "stalled"
    failed(watched, error={"code": "stalled", "message": "Nothing would ever wake it."})
    assert alerts.tell_of_runs() == 1
    assert Alert.objects.filter(kind="stalled").count() == 2


def test_all_that_one_outage_missed_is_one_alert(watched: Workflow) -> None:
    Schedule.objects.update(next_due_at=timezone.now() - timedelta(days=3))
    schedules.fire_due()
    assert Firing.objects.filter(alarm=True).count() >= 2
    alert = Alert.objects.get()
    assert alert.kind == "missed"
    assert alert.run is not None
    assert alert.run.trigger_payload["schedule"]["count"] == Firing.objects.filter(alarm=True).count()
    schedules.fire_due()
    assert Alert.objects.count() == 1


def test_an_alert_that_cannot_start_says_why(watched: Workflow) -> None:
    Workflow.objects.filter(pk=watched.alert_workflow_id).update(published=None)
    failed(watched)
    assert alerts.tell_of_runs() == 1
    alert = Alert.objects.get()
    assert alert.run is None
    assert "published" in alert.reason


def test_a_test_is_marked_as_one_and_can_be_sent_again(watched: Workflow) -> None:
    for _ in range(2):
        alert = alerts.send_test(watched)
        assert alert.run is not None
        assert alert.run.trigger_payload["kind"] == "test"
    assert Alert.objects.count() == 2

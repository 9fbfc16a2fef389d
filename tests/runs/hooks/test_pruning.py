from datetime import timedelta
from typing import Any

from django.utils import timezone

from runs.hooks import deliveries, listening
from runs.hooks.deliveries import Allowance
from runs.models import Delivery, Listener
from tests.people import Person
from tests.workflows.api.drawings import made
from workflows.models import Workflow


def received(workflow: Workflow, days_ago: float) -> Any:
    at = timezone.now() - timedelta(days=days_ago)
    return Delivery.objects.create(
        workflow=workflow, project=workflow.project, outcome="refused", body_size=0, received_at=at, duration_ms=0
    ).pk


def test_deliveries_are_kept_by_age_and_count(alice: Person, settings: Any) -> None:
    settings.DELIVERY_DAYS, settings.DELIVERIES_KEPT = 30, 2
    one = Workflow.objects.get(pk=made(alice.client())["id"])
    other = Workflow.objects.get(pk=made(alice.client())["id"])
    received(one, 31)
    received(one, 3)
    kept = {received(one, 2), received(one, 1), received(other, 29)}
    Listener.objects.create(workflow=one, expires_at=timezone.now() - timedelta(days=2))
    listening.listen(one)
    deliveries.prune(timezone.now())
    assert set(Delivery.objects.values_list("pk", flat=True)) == kept
    assert Listener.objects.count() == 1


def test_an_allowance_is_used_up_and_comes_back() -> None:
    allowance = Allowance(per_minute=60_000)
    assert allowance.take(59_000)
    assert not allowance.take(30_000)
    assert allowance.take(500)

"""With the workers busy, Conductor's priorities are served exactly: 0 to 99, and in order of arrival within one."""

from __future__ import annotations

import random
import threading

import pytest
from django.test import Client

from accounts import services
from accounts.models import Membership
from runs.models import Run
from tests.runs.engine import making
from tests.runs.engine.making import engine, published, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_higher_priority_starts_first_and_within_one_who_came_first() -> None:
    making.calls.__init__()  # type: ignore[misc]
    making.calls.gates = {"a": threading.Event()}
    workflow = published("a:effect", key="work")
    _, secret = services.create_api_key(Membership.objects.get(project=workflow.project), "conductor")
    client = Client(headers={"X-Authorization": secret})

    def start(priority: int) -> str:
        answer = client.post(f"/api/workflow/work?priority={priority}", "{}", content_type="application/json")
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    wanted = [*range(100), *range(0, 100, 10)]
    random.Random(7).shuffle(wanted)
    busy = start(0)
    with engine(slots=1):
        until(lambda: making.calls.begun)
        ids = [start(priority) for priority in wanted]
        making.calls.gates["a"].set()
        until(lambda: not Run.objects.exclude(status="completed").exists(), 120)
    begun = Run.objects.exclude(id=busy).order_by("started_at").values_list("id", flat=True)
    ranks = {run: (-priority, place) for place, (run, priority) in enumerate(zip(ids, wanted, strict=True))}
    assert list(begun) == sorted(ids, key=lambda run: ranks[run])

"""What `/metrics` counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs import metrics
from runs.models import Run
from tests.runs.engine.making import begun, ended, engine, published

pytestmark = pytest.mark.django_db(transaction=True)


def counted() -> dict[str, int]:
    lines = [line.split(" ") for line in metrics.text().splitlines() if not line.startswith("#")]
    return {name.removeprefix("penstock_"): int(value) for name, value in lines}


def test_runs_are_counted_by_what_becomes_of_them() -> None:
    workflow = published("a")
    now = timezone.now()
    stalled: dict[str, Any] = {"status": "failed", "ready_at": None, "error": {"code": "stalled", "message": "?"}}
    changes: list[dict[str, Any]] = [
        {},
        {"ready_at": None},
        {"owner": "wrk_1", "status": "running"},
        {"crashes": 3},
        {"crashes": 4, "owner": "wrk_1", "status": "running"},
        {**stalled, "completed_at": now},
        {**stalled, "completed_at": now - timedelta(days=2)},
        {**stalled, "completed_at": now, "error": {"code": "timeout", "message": "stalled"}},
    ]
    for change in changes:
        Run.objects.filter(id=begun(workflow).id).update(**change)
    assert counted() == {
        "runs_ready": 2,
        "runs_untaken": 0,
        "runs_held": 2,
        "runs_suspect": 2,
        "runs_stalled": 1,
        "workers": 0,
    }


def test_nothing_stalls_whatever_the_graph() -> None:
    child = published("a>b", key="child")
    drawings = [
        "a>b:effect>c",
        "a:sleep>b a>c>b",
        "a:crash>b a.error>c",
        "each:for_each a@each:effect>b@each",
        "a>c:child",
        "a:await>b",
        "a:effect>b:once>c:stop",
    ]
    settings: dict[str, dict[str, Any]] = {"each": {"items": "{{ [1, 2] }}"}}
    runs = []
    for number, drawing in enumerate(drawings):
        mine: dict[str, dict[str, Any]] = {
            "a": {"on_error": "error", "name": "go", "seconds": 0.1},
            "c": {"name": "child"},
        }
        wanted = {name: said for name, said in {**settings, **mine}.items() if f"{name}:" in drawing}
        runs.append(begun(published(drawing, child.project, key=f"flow{number}", **wanted)))
    with engine():
        assert counted()["workers"] == 1
        for run in runs:
            ended(run)
    assert counted() | {"workers": 0} == dict.fromkeys(counted(), 0)

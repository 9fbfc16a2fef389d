"""Runs in whatever states, and which of them a statement changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from runs.models import Log, Run, Wait, Worker
from tests.runs.engine.making import begun, published

Rows = dict[str, Any]
"""Rows by what a test calls them."""

STATUSES = tuple(status.value for status in Run.Status)


def ago(seconds: float = 60) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def soon(seconds: float = 60) -> Any:
    return ago(-seconds)


def runs_that(**states: Mapping[str, Any]) -> Rows:
    """A run in each of these states; what is not said is as if it waits and nobody works on it."""
    workflow = published("a")
    runs: Rows = {name: begun(workflow) for name in states}
    for name, state in states.items():
        lies_still = {"status": "waiting", "ready_at": None, "epoch": 1, "started_at": ago()}
        Run.objects.filter(id=runs[name].id).update(**lies_still | dict(state))
    return runs


def in_every_status(**state: Any) -> Rows:
    return runs_that(**{status: {"status": status, **state} for status in STATUSES})


def wait(run: Run, **more: Any) -> Wait:
    return Wait.objects.create(**{"run": run, "node_id": "a", "attempt": 1, "kind": "event", "outcome": {}, **more})


def log(run: Run, status: str, **more: Any) -> Log:
    about = {"run": run, "seq": 1, "node_id": status, "kind": "effect", "attempt": 1, "epoch": 1, "status": status}
    return Log.objects.create(**about | {"started_at": ago(), **more})


def worker(name: str, lease_until: Any, **more: Any) -> Worker:
    about = {"id": name, "lease_until": lease_until, "started_at": ago(), "host": "here", "pid": 1}
    return Worker.objects.create(**about | more)


def touched(rows: Rows, change: Callable[[], Any]) -> set[str]:
    """Those that are not as they were."""
    before = {name: _now(row) for name, row in rows.items()}
    change()
    return {name for name, row in rows.items() if _now(row) != before[name]}


def _now(row: Model) -> Any:
    return type(row)._base_manager.filter(pk=row.pk).values().get()


def now(rows: Rows, *columns: str) -> dict[str, Any]:
    """How these columns are, or whether they are set where they are moments."""
    told = {}
    for name, row in rows.items():
        values = _now(row)
        told[name] = tuple(
            values[column] is not None if column.endswith("_at") else values[column] for column in columns
        )
    return told


def ids(rows: Iterable[Any]) -> dict[str, str]:
    return {"ids": json.dumps([row.pk for row in rows])}

"""A run's logs in pages: each as the run's whole record tells it, whatever came later."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Log, Run
from runs.records import page_of_logs, run_record
from tests.runs.engine.making import begun, ended, engine, published

pytestmark = pytest.mark.django_db(transaction=True)


def ran(drawing: str, payload: Any = None, **settings: Any) -> Run:
    run = begun(published(drawing, **settings), payload)
    with engine():
        return ended(run)


DRAWINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "a chain": ("a>b>c", {"b": {"value": "{{ nodes.a }}"}}),
    "a loop, one after the other": (
        "each:for_each>after a@each>b@each",
        {"each": {"items": [1, 2, 3], "concurrency": 1}, "b": {"value": "{{ item }}"}},
    ),
    "a loop, side by side": (
        "each:for_each>after a@each>b@each",
        {"each": {"items": [1, 2, 3], "concurrency": 3}, "b": {"value": "{{ item }}"}},
    ),
    "a loop in a loop": (
        "each:for_each>after inner@each:for_each>b@each a@inner",
        {"each": {"items": [[1, 2], [3]]}, "inner": {"items": "{{ item }}"}, "a": {"value": "{{ item }}"}},
    ),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_pages_tell_each_log_as_the_whole_record_does(name: str) -> None:
    drawing, settings = DRAWINGS[name]
    run = ran(drawing, {"n": 1}, **settings)
    whole = run_record(run)["logs"]
    logs = list(Log.objects.filter(run=run).order_by("seq"))
    assert len(whole) == len(logs) >= 3
    for size in (1, 2, 5):
        pages = [page_of_logs(run, logs[first : first + size]) for first in range(0, len(logs), size)]
        assert [log for page in pages for log in page] == whole

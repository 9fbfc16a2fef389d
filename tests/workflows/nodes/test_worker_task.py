from datetime import timedelta

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import WorkerTask


@pytest.mark.parametrize(
    ("settings", "task"),
    [
        ({"task_type": "mail"}, WorkerTask("mail", {"id": 7})),
        (
            {"task_type": "{{ 'ma' + 'il' }}", "input": {"to": "{{ input.id }}"}, "respond_within": 5, "at_most": 2},
            WorkerTask("mail", {"to": 7}, 5, timedelta(seconds=2)),
        ),
        ({"task_type": "mail", "at_most": 2, "unit": "days"}, WorkerTask("mail", {"id": 7}, None, timedelta(days=2))),
    ],
)
async def test_it_asks_for_a_worker(settings: dict[str, object], task: WorkerTask) -> None:
    assert await run("worker_task", FakeContext({"id": 7}), **settings) == task


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "task_type"),
        ({"task_type": "a/b"}, "task_type"),
        ({"task_type": ""}, "task_type"),
        ({"task_type": "x", "respond_within": -1}, "respond_within"),
        ({"task_type": "x", "unit": "weeks"}, "unit"),
    ],
)
def test_what_no_worker_could_ask_for_is_told(settings: dict[str, object], field: str) -> None:
    assert [name for name, _ in faults("worker_task", **settings)] == [field]

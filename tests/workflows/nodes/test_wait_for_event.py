from datetime import UTC, datetime

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output, WaitForEvent


@pytest.mark.parametrize(
    ("settings", "wait"),
    [
        ({"name": "paid"}, WaitForEvent("paid", otherwise=Output({"id": 7}, "timeout"))),
        (
            {"name": "{{ 'order.' + 'paid' }}", "correlation": "{{ input.id }}", "at_most": 2, "unit": "hours"},
            WaitForEvent(
                "order.paid", "7", datetime(2025, 10, 31, 14, tzinfo=UTC), otherwise=Output({"id": 7}, "timeout")
            ),
        ),
    ],
)
async def test_it_waits_for_an_event_by_name(settings: dict[str, object], wait: WaitForEvent) -> None:
    assert await run("wait_for_event", FakeContext({"id": 7}), **settings) == wait


async def test_it_waits_a_year_at_most() -> None:
    wait = await run("wait_for_event", name="x", at_most=1e300, unit="days")
    assert isinstance(wait, WaitForEvent)
    assert wait.until == datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "name"),
        ({"name": "$approval"}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "x", "at_most": -1}, "at_most"),
        ({"name": "x", "unit": "weeks"}, "unit"),
    ],
)
def test_what_cannot_be_waited_for_is_told(settings: dict[str, object], field: str) -> None:
    assert [name for name, _ in faults("wait_for_event", **settings)] == [field]

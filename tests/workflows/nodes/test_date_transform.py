from typing import Any

import pytest

from tests.workflows.nodes.context import faults, run
from workflows.nodes.base import NodeError, Output

NOON = "2025-01-31T12:00:00Z"


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"date": NOON}, "2025-01-31T12:00:00+00:00"),
        ({"date": "2025-01-31"}, "2025-01-31T00:00:00+00:00"),
        ({"date": "2025-01-31T12:00:00+02:00"}, "2025-01-31T12:00:00+02:00"),
        ({"date": NOON, "timezone": "Asia/Kolkata"}, "2025-01-31T17:30:00+05:30"),
        ({"date": NOON, "format": "%d.%m.%Y %H:%M %% %j"}, "31.01.2025 12:00 % 031"),
        ({"date": NOON, "operation": "add", "amount": 1, "unit": "months"}, "2025-02-28T12:00:00+00:00"),
        ({"date": NOON, "operation": "subtract", "amount": 1.5, "unit": "hours"}, "2025-01-31T10:30:00+00:00"),
        ({"date": NOON, "operation": "subtract", "amount": 1, "unit": "years", "format": "%Y"}, "2024"),
        ({"date": NOON, "amount": 5}, "2025-01-31T12:00:00+00:00"),
        ({"date": "now", "operation": "add", "amount": 2, "unit": "weeks"}, "2025-11-14T12:00:00+00:00"),
    ],
)
async def test_it_moves_a_date_and_writes_it(settings: dict[str, Any], text: str) -> None:
    assert await run("date_transform", **settings) == Output(text)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"date": "yesterday"}, "date"),
        ({"date": "{{ 'x' * 90 }}"}, "date"),
        ({"date": NOON, "operation": "add", "amount": 9000, "unit": "years"}, "amount"),
        ({"date": NOON, "operation": "add", "amount": 1.5, "unit": "months"}, "amount"),
        ({"date": NOON, "timezone": "{{ '../etc/passwd' }}"}, "timezone"),
        ({"date": NOON, "format": "{{ '%Q' }}"}, "format"),
        ({"date": "0001-01-01T00:00:00Z", "timezone": "America/Lima"}, "amount"),
    ],
)
async def test_what_cannot_be_done_fails_and_names_the_setting(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(NodeError) as failed:
        await run("date_transform", **settings)
    assert (failed.value.code, failed.value.field, failed.value.retryable) == ("bad_date", field, False)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"timezone": "Berlin"}, "timezone"),
        ({"format": "%99999999d"}, "format"),
        ({"format": "50%"}, "format"),
        ({"unit": "decades"}, "unit"),
        ({"amount": -1}, "amount"),
    ],
)
def test_what_shows_before_any_run_is_refused(settings: dict[str, Any], field: str) -> None:
    assert [named for named, _ in faults("date_transform", date=NOON, **settings)] == [field]

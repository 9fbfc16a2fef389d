from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output, Wait


@pytest.mark.parametrize(
    ("settings", "delay"),
    [
        ({"moment": "2025-10-31T12:00:05Z"}, timedelta(seconds=5)),
        ({"moment": "2025-10-31T13:00+02:00"}, timedelta(0)),
        ({"moment": "2025-10-31 14:30", "timezone": "Europe/Berlin"}, timedelta(hours=1, minutes=30)),
        ({"moment": "2025-11-01"}, timedelta(hours=12)),
        ({"moment": "{{ input.at }}"}, timedelta(days=31)),
    ],
)
async def test_it_waits_until_then_and_passes_its_input_on(settings: dict[str, object], delay: timedelta) -> None:
    ctx = FakeContext({"at": "2025-12-01T12:00:00Z"})
    assert await run("wait_until", ctx, **settings) == Wait(delay, then=Output(ctx.input))


@pytest.mark.parametrize(
    ("moment", "instant"),
    [
        ("2026-03-29T01:59", "2026-03-29T00:59+00:00"),
        ("2026-03-29T02:30", "2026-03-29T01:00+00:00"),  # left out: the first instant after the gap, as of a schedule
        ("2026-03-29T03:00", "2026-03-29T01:00+00:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30+00:00"),  # comes twice: the first time
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30+00:00"),
    ],
)
async def test_when_the_clocks_change(moment: str, instant: str) -> None:
    ctx = FakeContext()
    waited = await run("wait_until", ctx, moment=moment, timezone="Europe/Berlin")
    assert isinstance(waited, Wait)
    assert ctx.now() + waited.delay == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"moment": "{{ 'soon' }}"}, "no_moment"),
        ({"moment": "{{ '9999-12-31T23:59-12:00' }}"}, "no_moment"),
        ({"moment": "0001-01-01", "timezone": "Asia/Tokyo"}, "no_moment"),
        ({"moment": "2030-01-01", "timezone": "{{ 'Moon/Base' }}"}, "no_such_timezone"),
    ],
)
async def test_what_is_no_moment_fails(settings: dict[str, Any], code: str) -> None:
    with pytest.raises(NodeError) as caught:
        await run("wait_until", **settings)
    assert (caught.value.code, caught.value.retryable) == (code, False)


def test_a_moment_is_needed() -> None:
    assert faults("wait_until") == [("moment", "missing_parameter")]


def test_what_is_written_wrong_shows_before_any_run() -> None:
    assert faults("wait_until", moment="soon", timezone="Moon/Base") == [
        ("moment", "invalid_parameter"),
        ("timezone", "invalid_parameter"),
    ]
    assert faults("wait_until", moment="{{ input.at }}", timezone="") == []

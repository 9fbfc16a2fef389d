from datetime import timedelta

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output, Wait


@pytest.mark.parametrize(
    ("settings", "delay"),
    [
        ({"duration": 5}, timedelta(seconds=5)),
        ({"duration": 0.5, "unit": "minutes"}, timedelta(seconds=30)),
        ({"duration": "{{ input.hours }}", "unit": "hours"}, timedelta(hours=2)),
        ({"duration": 366, "unit": "days"}, timedelta(days=366)),
    ],
)
async def test_it_waits_and_passes_its_input_on(settings: dict[str, object], delay: timedelta) -> None:
    ctx = FakeContext({"hours": 2})
    assert await run("delay", ctx, **settings) == Wait(delay, then=Output({"hours": 2}))


@pytest.mark.parametrize("duration", [367, 1e300])
async def test_no_delay_is_longer_than_366_days(duration: float) -> None:
    with pytest.raises(NodeError) as caught:
        await run("delay", FakeContext({"days": duration}), duration="{{ input.days }}", unit="days")
    assert (caught.value.code, caught.value.field, caught.value.retryable) == ("delay_too_long", "duration", False)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({}, ("duration", "missing_parameter")),
        ({"duration": -1}, ("duration", "invalid_parameter")),
        ({"duration": "a while"}, ("duration", "invalid_parameter")),
        ({"duration": 400, "unit": "days"}, ("duration", "invalid_parameter")),
        ({"duration": 1, "unit": "weeks"}, ("unit", "invalid_parameter")),
    ],
)
def test_what_is_no_delay_is_told(settings: dict[str, object], fault: tuple[str, str]) -> None:
    assert faults("delay", **settings) == [fault]

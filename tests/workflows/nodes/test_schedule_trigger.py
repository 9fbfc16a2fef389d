import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output


async def test_it_gives_when_it_was_due() -> None:
    ctx = FakeContext(trigger={"due_at": "2025-10-31T09:00:00Z"}, trigger_type="schedule")
    result = await run("schedule_trigger", ctx, schedule_value="0 9 * * *")
    assert isinstance(result, Output)
    assert result.value["due_at"] == "2025-10-31T09:00:00Z"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("cron", "0 9 * * mon-fri"),
        ("cron", "*/10 0 9 * * *"),
        ("interval", "5 minutes"),
        ("daily", "09:00"),
        ("weekly", "mon 09:00"),
        ("monthly", "1 09:00"),
    ],
)
def test_every_kind_of_schedule_is_read(kind: str, value: str) -> None:
    assert faults("schedule_trigger", schedule_type=kind, schedule_value=value, timezone="Europe/Berlin") == []


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        ({}, ["schedule_value"]),
        ({"schedule_value": "often"}, ["schedule_value"]),
        ({"schedule_value": "61 * * * *"}, ["schedule_value"]),
        ({"schedule_type": "hourly", "schedule_value": "5"}, ["schedule_type"]),
        ({"schedule_type": "daily", "schedule_value": "25:00"}, ["schedule_value"]),
        ({"schedule_value": "0 9 * * *", "timezone": "Mars/Base"}, ["timezone"]),
    ],
)
def test_what_cannot_be_read_is_told(settings: dict[str, str], fields: list[str]) -> None:
    assert [field for field, _ in faults("schedule_trigger", **settings)] == fields

"""Every change of the clocks in every zone of the tz database, for ten years, against plain arithmetic.

The reference knows nothing of zones and libraries: an instant, and the offsets before and after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from workflows.calendar import Calendar, Occurrence

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 10
ZONES = sorted(available_timezones() - {"localtime"})


@dataclass(frozen=True)
class Change:
    at: datetime
    before: timedelta
    after: timedelta

    def shown(self, instant: datetime) -> datetime:
        """What the clock on the wall shows."""
        return (instant + (self.before if instant < self.at else self.after)).replace(tzinfo=None)


def changes(zone: ZoneInfo) -> Iterator[Change]:
    offset = FIRST.astimezone(zone).utcoffset()
    for number in range(1, YEARS * 366):
        day = FIRST + number * DAY
        later = day.astimezone(zone).utcoffset()
        if later != offset:
            assert offset is not None
            assert later is not None
            yield Change(_instant(zone, day - DAY, day), offset, later)
            offset = later


def _instant(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high


def all_changes() -> dict[Change, str]:
    """Each different one, with a zone that has it: what matters around it is all in the three numbers."""
    found: dict[Change, str] = {}
    for name in ZONES:
        for change in changes(ZoneInfo(name)):
            found.setdefault(change, name)
    return found


def matches(wall: datetime, minutes: set[int], hours: set[int]) -> bool:
    return wall.minute in minutes and wall.hour in hours


def every_match(change: Change, minutes: set[int]) -> list[Occurrence]:
    """The hour is `*`: whenever the clock shows a time that matches."""
    span = [change.at + n * MINUTE for n in range(-180, 181)]
    found = [instant for instant in span if change.shown(instant).minute in minutes]
    return [Occurrence(instant, "repeat" if _comes_twice(change, instant) else None) for instant in found]


def _comes_twice(change: Change, instant: datetime) -> bool:
    repeated = change.before - change.after
    return repeated > timedelta() and change.at - repeated <= instant < change.at + repeated


def once(change: Change, minutes: set[int], hours: set[int]) -> list[Occurrence]:
    """The hour is named: each time on the wall once, one that does not exist right after the gap."""
    wall = change.shown(change.at - 12 * HOUR).replace(second=0)
    found: dict[datetime, Occurrence] = {}
    for _ in range(24 * 60):
        wall += MINUTE
        if not matches(wall, minutes, hours):
            continue
        early, late = (wall.replace(tzinfo=UTC) - offset for offset in (change.before, change.after))
        if early < change.at:  # the first pass, or the only one
            due = Occurrence(early, "repeat" if late >= change.at else None)
        elif late >= change.at:
            due = Occurrence(late)
        else:
            due = Occurrence(change.at, "gap")
        found.setdefault(due.at, due)
    inside = [due for due in found.values() if abs(due.at - change.at) <= 3 * HOUR]
    return sorted(inside, key=lambda due: due.at)


def found_by_us(expression: str, zone: str, change: Change) -> list[Occurrence]:
    calendar = Calendar.parse("cron", expression, zone)
    end = change.at + 3 * HOUR
    found = []
    due = calendar.occurrence_after(change.at - 3 * HOUR - timedelta(seconds=1))
    while due and due.at <= end:
        found.append(due)
        due = calendar.occurrence_after(due.at)
    return found


@pytest.fixture(scope="module")
def known() -> dict[Change, str]:
    found = all_changes()
    assert len(found) > 500
    return found


@pytest.mark.parametrize(
    ("expression", "minutes", "hours"),
    [
        ("30 2 * * *", {30}, {2}),
        ("*/20 0-4 * * *", {0, 20, 40}, {0, 1, 2, 3, 4}),
        ("0 */1 * * *", {0}, set(range(24))),
    ],
)
def test_a_time_on_the_wall_counts_once(
    known: dict[Change, str], expression: str, minutes: set[int], hours: set[int]
) -> None:
    wrong = [
        (zone, change)
        for change, zone in known.items()
        if found_by_us(expression, zone, change) != once(change, minutes, hours)
    ]
    assert wrong == []


def test_every_hour_is_every_real_hour(known: dict[Change, str]) -> None:
    wrong = [
        (zone, change)
        for change, zone in known.items()
        if found_by_us("15,45 * * * *", zone, change) != every_match(change, {15, 45})
    ]
    assert wrong == []

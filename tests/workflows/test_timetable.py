"""First and last days, jitter, and a schedule in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar import CalendarError
from workflows.timetable import MAX_JITTER_SECONDS, in_words, read_timetable

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def table(value: str = "0 9 * * *", **settings: Any) -> Any:
    return read_timetable({"schedule_value": value, **settings}, "UTC")


def test_first_and_last_day_belong_to_it() -> None:
    calendar = table(starts_on="2026-03-10", ends_on="2026-03-11", timezone="America/New_York").calendar()
    assert [item.at for item in calendar.upcoming(NOON, 5)] == [
        datetime(2026, 3, 10, 13, 0, tzinfo=UTC),
        datetime(2026, 3, 11, 13, 0, tzinfo=UTC),
    ]


def test_a_day_begins_after_the_midnight_that_does_not_exist() -> None:
    """Beirut goes from 00:00 to 01:00 on 29 March 2026."""
    calendar = table("* * * * *", starts_on="2026-03-29", timezone="Asia/Beirut").calendar()
    assert calendar.next_after(NOON) == datetime(2026, 3, 28, 22, 0, tzinfo=UTC)


def test_an_interval_counts_from_its_first_day() -> None:
    calendar = table("36 hours", schedule_type="interval", starts_on="2026-03-10").calendar(NOON)
    first = datetime(2026, 3, 10, tzinfo=UTC)
    assert [item.at for item in calendar.upcoming(NOON, 2)] == [
        first + timedelta(hours=36),
        first + timedelta(hours=72),
    ]


@given(
    st.sampled_from(["* * * * * *", "* * * * *", "*/7 * * * *", "0 9 * * *", "0 9 * * 1"]),
    st.integers(1, MAX_JITTER_SECONDS),
    st.integers(0, 10**7),
    st.text(max_size=5),
)
def test_jitter_moves_each_a_little_and_changes_neither_their_number_nor_their_order(
    value: str, jitter: int, shift: int, seed: str
) -> None:
    start = NOON + timedelta(seconds=shift)
    plain = [item.at for item in table(value).calendar().upcoming(start - timedelta(seconds=jitter), 8)]
    moved = table(value, jitter=jitter).calendar(None, seed)
    found: list[datetime] = []
    for number, at in enumerate(plain[:-1]):
        following = moved.next_after(at - timedelta(microseconds=1) if number == 0 else found[-1])
        if number == 0 and following and following < at:  # one before it that was moved to here
            following = moved.next_after(following)
        assert following is not None
        found.append(following)
        assert at <= following < plain[number + 1] or at <= following < at + timedelta(seconds=jitter)
        assert moved.next_after(following - timedelta(milliseconds=1)) == following
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"starts_on": "tomorrow"}, "starts_on"),
        ({"ends_on": "2026-02-30"}, "ends_on"),
        ({"ends_on": "0001-01-01"}, "ends_on"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "ends_on"),
        ({"jitter": -1}, "jitter"),
        ({"jitter": True}, "jitter"),
        ({"jitter": MAX_JITTER_SECONDS + 1}, "jitter"),
        ({"grace": "soon"}, "grace"),
        ({"catch_up": "some"}, "catch_up"),
        ({"overlap": []}, "overlap"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"schedule_type": "hourly"}, "schedule_type"),
    ],
)
def test_a_mistake_says_where_it_is(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(CalendarError) as caught:
        table(**settings)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("cron", "0 9 * * mon-fri", "At 09:00, Monday through Friday"),
        ("cron", "30 15 9 * * *", "At 09:15:30"),
        ("cron", "@daily", "At 00:00"),
        ("cron", "0 0 13 * fri", "At 00:00, on day 13 of the month or on Friday"),
        ("cron", "0 0 * * L5", "At 00:00, on the last Friday of the month"),
        ("interval", "5 minutes", "Every 5 minutes"),
        ("daily", "09:00", "Every day at 09:00"),
        ("weekly", "mon 09:00", "Every week, mon 09:00"),
        ("monthly", "1 09:00", "Every month, day 1 at 09:00"),
    ],
)
def test_in_words(kind: str, value: str, words: str) -> None:
    assert in_words(kind, value) == words


def test_the_words_name_the_zone() -> None:
    assert table(timezone="Europe/Berlin").words == "At 09:00, Europe/Berlin"

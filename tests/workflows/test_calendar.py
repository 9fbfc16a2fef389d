"""The calendar against fixed dates, a slow and obvious reference, and cronsim where its rules are ours."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from cronsim import CronSim
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflows.calendar import Calendar, CalendarError, Occurrence

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BERLIN = "Europe/Berlin"  # 2025: 02:00 → 03:00 on 30 March, 03:00 → 02:00 on 26 October (01:00 UTC both)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(value: str, after: str, count: int, kind: str = "cron", zone: str = BERLIN) -> list[str]:
    """When it is due, in UTC; an asterisk marks those that a clock change touches."""
    found = Calendar.parse(kind, value, zone).upcoming(utc(after), count)
    return [f"{item.at:%m-%d %H:%M}" + ("*" if item.clock_change else "") for item in found]


class TestKinds:
    def test_cron_is_read_in_its_zone(self) -> None:
        assert due("0 9 * * mon-fri", "2025-06-06T12:00", 2) == ["06-09 07:00", "06-10 07:00"]
        assert due("0 9 * * mon-fri", "2025-06-06T12:00", 1, zone="America/New_York") == ["06-06 13:00"]

    def test_with_six_fields_seconds_come_first(self) -> None:
        calendar = Calendar.parse("cron", "30 15 9 * * *", "UTC")

        assert calendar.next_after(utc("2025-06-06T12:00")) == utc("2025-06-07T09:15:30")

    @pytest.mark.parametrize(
        ("alias", "first"),
        [
            ("@hourly", "06-06 13:00"),
            ("@daily", "06-07 00:00"),
            ("@midnight", "06-07 00:00"),
            ("@weekly", "06-08 00:00"),
            ("@Monthly", "07-01 00:00"),
            ("@yearly", "01-01 00:00"),
            ("@annually", "01-01 00:00"),
        ],
    )
    def test_aliases(self, alias: str, first: str) -> None:
        assert due(alias, "2025-06-06T12:00", 1, zone="UTC") == [first]

    def test_daily_weekly_monthly(self) -> None:
        assert due("07:30", "2025-06-06T12:00", 2, "daily", "UTC") == ["06-07 07:30", "06-08 07:30"]
        assert due("Mon 7:30", "2025-06-06T12:00", 2, "weekly", "UTC") == ["06-09 07:30", "06-16 07:30"]
        assert due("1 07:30", "2025-06-06T12:00", 2, "monthly", "UTC") == ["07-01 07:30", "08-01 07:30"]
        assert due("31 07:30", "2025-06-06T12:00", 2, "monthly", "UTC") == ["07-31 07:30", "08-31 07:30"]

    def test_ranges_may_run_over_the_end(self) -> None:
        assert due("0 22-2/2 * * *", "2025-06-06T12:00", 4, zone="UTC") == [
            "06-06 22:00",
            "06-07 00:00",
            "06-07 02:00",
            "06-07 22:00",
        ]
        for weekend in ("sat-sun", "6-7", "6-0", "0,6", "7,6"):
            found = due(f"0 0 * * {weekend}", "2025-06-06T12:00", 2, zone="UTC")
            assert found == ["06-07 00:00", "06-08 00:00"]
        assert due("0 0 * * 3-3", "2025-06-06T12:00", 2, zone="UTC") == ["06-11 00:00", "06-18 00:00"]
        assert due("0 0 * nov-feb *", "2025-11-29T12:00", 2, zone="UTC") == ["11-30 00:00", "12-01 00:00"]

    def test_either_day_field_is_enough_where_both_restrict(self) -> None:
        assert due("0 0 13 * fri", "2025-06-06T12:00", 2, zone="UTC") == ["06-13 00:00", "06-20 00:00"]
        assert due("0 0 */1 * fri", "2025-06-06T12:00", 2, zone="UTC") == ["06-13 00:00", "06-20 00:00"]
        assert due("0 0 13 * 0-6", "2025-06-06T12:00", 2, zone="UTC") == ["06-13 00:00", "07-13 00:00"]

    def test_last_and_nth_days(self) -> None:
        assert due("0 0 L * ?", "2025-02-01T00:00", 2, zone="UTC") == ["02-28 00:00", "03-31 00:00"]
        assert due("0 0 ? * FRI#2", "2025-02-01T00:00", 2, zone="UTC") == ["02-14 00:00", "03-14 00:00"]
        assert due("0 0 * * L5", "2025-02-01T00:00", 2, zone="UTC") == ["02-28 00:00", "03-28 00:00"]

    def test_an_interval_counts_from_its_anchor(self) -> None:
        calendar = Calendar.parse("interval", "5 minutes", BERLIN, anchor=utc("2025-06-06T12:02:10"))

        assert calendar.next_after(utc("2025-06-06T12:00")) == utc("2025-06-06T12:07:10")
        assert calendar.next_after(utc("2025-06-06T12:07:09")) == utc("2025-06-06T12:07:10")
        assert calendar.next_after(utc("2025-06-06T12:07:10")) == utc("2025-06-06T12:12:10")
        assert calendar.next_after(utc("2025-06-07T00:00")) == utc("2025-06-07T00:02:10")

    def test_without_an_anchor_it_counts_from_the_instant_asked_about(self) -> None:
        calendar = Calendar.parse("interval", "1 hour", BERLIN)

        assert calendar.upcoming(utc("2025-10-26T00:10"), 2) == [
            Occurrence(utc("2025-10-26T01:10")),
            Occurrence(utc("2025-10-26T02:10")),
        ]

    @pytest.mark.parametrize("value", ["30 seconds", "1 minute", "1 Hour", "2 days", "3weeks"])
    def test_units(self, value: str) -> None:
        assert Calendar.parse("interval", value, "UTC").next_after(utc("2025-06-06T12:00"))

    def test_the_end_of_time_has_no_next(self) -> None:
        end = datetime.max.replace(tzinfo=UTC)

        for kind, value in (("interval", "1 hour"), ("cron", "0 * * * *"), ("cron", "0 9 * * *")):
            assert Calendar.parse(kind, value, "Asia/Tokyo").next_after(end) is None
            assert Calendar.parse(kind, value, "America/New_York").next_after(end) is None
        assert Calendar.parse("interval", "1 hour", "UTC", anchor=utc("2025-01-01")).upcoming(end, 3) == []


class TestClockChanges:
    def test_every_hour_really_means_every_hour(self) -> None:
        found = due("30 * * * *", "2025-10-25T23:00", 4)
        assert found == ["10-25 23:30", "10-26 00:30*", "10-26 01:30*", "10-26 02:30"]

        assert due("30 * * * *", "2025-03-30T00:00", 3) == ["03-30 00:30", "03-30 01:30", "03-30 02:30"]

    def test_a_time_that_comes_twice_is_due_the_first_time(self) -> None:
        assert due("30 2 * * *", "2025-10-25T12:00", 2) == ["10-26 00:30*", "10-27 01:30"]
        assert due("02:30", "2025-10-26T01:00", 1, "daily") == ["10-27 01:30"]

    def test_a_time_that_does_not_exist_is_due_after_the_gap(self) -> None:
        assert due("30 2 * * *", "2025-03-29T12:00", 2) == ["03-30 01:00*", "03-31 00:30"]
        assert due("sun 02:30", "2025-03-29T12:00", 1, "weekly") == ["03-30 01:00*"]

    def test_what_falls_on_one_instant_is_one_occurrence(self) -> None:
        assert due("*/20 2-3 * * *", "2025-03-29T12:00", 4) == [
            "03-30 01:00*",
            "03-30 01:20",
            "03-30 01:40",
            "03-31 00:00",
        ]

    def test_only_a_bare_star_counts_as_every_hour(self) -> None:
        after = "2025-10-25T23:45"

        assert due("0 */1 * * *", after, 3) == ["10-26 00:00*", "10-26 02:00", "10-26 03:00"]
        assert due("0 0-23 * * *", after, 2) == ["10-26 00:00*", "10-26 02:00"]
        assert due("@hourly", after, 2) == ["10-26 00:00*", "10-26 01:00*"]

    def test_a_change_of_half_an_hour(self) -> None:
        """Lord Howe Island turns back from 02:00 to 01:30 on 6 April 2025, at 15:00 UTC."""
        zone = "Australia/Lord_Howe"

        assert due("*/15 * * * *", "2025-04-05T14:25", 5, zone=zone) == [
            "04-05 14:30*",
            "04-05 14:45*",
            "04-05 15:00*",
            "04-05 15:15*",
            "04-05 15:30",
        ]
        assert due("45 1 * * *", "2025-04-05T14:00", 2, zone=zone) == ["04-05 14:45*", "04-06 15:15"]

    def test_a_day_that_a_country_left_out(self) -> None:
        """Samoa went from 29 to 31 December 2011."""
        assert due("0 9 * * *", "2011-12-29T12:00", 3, zone="Pacific/Apia") == [
            "12-29 19:00",
            "12-30 10:00*",
            "12-30 19:00",
        ]

    def test_a_repeated_hour_at_the_end_of_a_day(self) -> None:
        """São Paulo turned back from midnight to 23:00 on 16 February 2019; next year there is no such hour."""
        found = due("10 * 16 2 *", "2019-02-17T01:05", 2, zone="America/Sao_Paulo")

        assert found == ["02-17 01:10*", "02-17 02:10*"]

    def test_seconds(self) -> None:
        calendar = Calendar.parse("cron", "*/30 59 2 * * *", BERLIN)

        assert [item.at for item in calendar.upcoming(utc("2025-03-30T00:59:00"), 2)] == [
            utc("2025-03-30T01:00"),
            utc("2025-03-31T00:59"),
        ]


class TestMistakes:
    @pytest.mark.parametrize(
        ("value", "says"),
        [
            ("60 * * * *", 'minute: "60" is not possible; allowed are 0 to 59'),
            ("* 24 * * *", 'hour: "24" is not possible'),
            ("* * 0 * *", 'day of month: "0" is not possible; allowed are 1 to 31'),
            ("* * * foo *", "allowed are 1 to 12 or jan/feb"),
            ("* * * * 8", "day of week:"),
            ("61 * * * * *", 'second: "61"'),
            ("*/0 * * * *", 'the step in "*/0" must be from 1 to 59'),
            ("*/90 * * * *", "must be from 1 to 59"),
            ("1,,2 * * * *", '"" cannot be read'),
            ("1- * * * *", '"1-" cannot be read'),
            ("* ? * * *", 'hour: "?"'),
            ("H * * * *", 'minute: "h" is not possible'),
            ("R * * * *", 'minute: "r"'),
            ("0 0 LW * *", '"lw" is not possible'),
            ("0 0 * * fri#6", '"fri#6" cannot be read'),
            ("0 0 * * mon,fri#2", "cannot be listed with plain ones"),
            ("0 0 13 * fri#2", "cannot be combined with a day of month"),
            ("* * * *", "this has 4"),
            ("* * * * * * *", "this has 7"),
            ("9 o'clock", "this has 2"),
            ("@reboot", "allowed are @yearly"),
            ("0 0 31 2 *", "is never due: there is no such day"),
            ("0 0 30,31 2 *", "is never due"),
            ("0 0 31 4,6,9,11 *", "is never due"),
            ("٣ * * * *", "minute:"),
            ("\0 * * * *", "minute:"),
            ("9" * 100_000 + " * * * *", "minute:"),
        ],
    )
    def test_a_cron_expression_says_which_field_and_what_is_allowed(self, value: str, says: str) -> None:
        with pytest.raises(CalendarError) as caught:
            Calendar.parse("cron", value, "UTC")
        assert caught.value.field == "schedule_value"
        assert says in caught.value.message

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("interval", "5"),
            ("interval", "minutes"),
            ("interval", "five minutes"),
            ("interval", "-5 minutes"),
            ("interval", "1.5 hours"),
            ("interval", "0 minutes"),
            ("interval", "999999999 weeks"),
            ("interval", "367 days"),
            ("daily", "24:00"),
            ("daily", "9"),
            ("daily", "9:5"),
            ("daily", "09:00:00"),
            ("weekly", "09:00"),
            ("weekly", "xyz 09:00"),
            ("monthly", "0 09:00"),
            ("monthly", "32 09:00"),
            ("monthly", "mon 09:00"),
        ],
    )
    def test_other_values_show_how_it_is_written(self, kind: str, value: str) -> None:
        with pytest.raises(CalendarError, match=r"is not written like|must be from 1 second to 366 days") as caught:
            Calendar.parse(kind, value, "UTC")
        assert caught.value.field == "schedule_value"

    @pytest.mark.parametrize("kind", ["cron", "interval", "daily", "weekly", "monthly"])
    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_a_value_is_needed(self, kind: str, value: str | None) -> None:
        with pytest.raises(CalendarError, match="needs a value"):
            Calendar.parse(kind, value, "UTC")

    @pytest.mark.parametrize("kind", ["manual", "", "Cron", "hourly"])
    def test_an_unknown_kind(self, kind: str) -> None:
        with pytest.raises(CalendarError, match="allowed are interval, cron, daily, weekly, monthly") as caught:
            Calendar.parse(kind, "09:00", "UTC")
        assert caught.value.field == "schedule_type"

    @pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "europe/berlin", "localtime", "\0"])
    def test_an_unknown_zone(self, zone: str) -> None:
        with pytest.raises(CalendarError, match="no time zone") as caught:
            Calendar.parse("cron", "@daily", zone)
        assert caught.value.field == "timezone"

    @given(st.text(max_size=40) | st.text("0123456789*/-,LH#? @monfri", max_size=25))
    def test_any_text_is_a_calendar_or_an_error(self, value: str) -> None:
        for kind in ("cron", "interval", "daily", "weekly", "monthly"):
            try:
                calendar = Calendar.parse(kind, value, BERLIN)
            except CalendarError:
                continue
            following = calendar.next_after(utc("2025-06-06T12:00"))
            assert following is None or following > utc("2025-06-06T12:00")


# --- the reference: looks at every minute of some days, by the words of the rule ---

NAMES = {"minute": range(60), "hour": range(24), "day": range(1, 32), "month": range(1, 13), "weekday": range(7)}


def numbers(field: str, allowed: range) -> set[int]:
    found: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        low, _, high = span.partition("-")
        if span == "*":
            chosen = list(allowed)
        elif high:
            chosen = [n for n in allowed if int(low) <= n <= int(high)]
        else:
            chosen = [n for n in allowed if n >= int(low)] if step else [int(low)]
        found.update(chosen[:: int(step or 1)])
    return found


class Expression:
    def __init__(self, text: str) -> None:
        self.fields = text.split()
        pairs = zip(self.fields, NAMES.values(), strict=True)
        self.minutes, self.hours, self.days, self.months, self.weekdays = (numbers(*pair) for pair in pairs)

    def matches(self, wall: datetime) -> bool:
        if wall.minute not in self.minutes or wall.hour not in self.hours or wall.month not in self.months:
            return False
        day, weekday = wall.day in self.days, wall.isoweekday() % 7 in self.weekdays
        if len(self.days) == 31 or len(self.weekdays) == 7:  # one of the two restricts nothing
            return day and weekday
        return day or weekday


def reference(text: str, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """Every occurrence from `start` to `end`."""
    expression = Expression(text)
    span = [start - 27 * HOUR + n * MINUTE for n in range(int((end - start) / MINUTE) + 54 * 60)]
    shown = [(instant, instant.astimezone(zone).replace(tzinfo=None, fold=0)) for instant in span]
    if expression.fields[1] == "*":
        found = {instant for instant, wall in shown if expression.matches(wall)}
    else:
        found = set()
        wall, last = min(w for _, w in shown), max(w for _, w in shown)
        seen: dict[datetime, datetime] = {}
        for instant, clock in shown:
            seen.setdefault(clock, instant)  # the first pass
        following: datetime | None = None
        walls = [wall + n * MINUTE for n in range(int((last - wall) / MINUTE) + 1)]
        for clock in reversed(walls):
            following = seen.get(clock, following)  # a time that no clock shows: the next that one does
            if expression.matches(clock) and following is not None:
                found.add(following)
    return sorted(instant for instant in found if start < instant <= end)


@cache
def change_days(zone: str) -> list[datetime]:
    """Midday after each change of the clocks since 1975 that is a whole number of minutes."""
    place = ZoneInfo(zone)
    days = [utc("1975-01-01T12:00") + timedelta(days=n) for n in range(62 * 365)]
    offsets = [day.astimezone(place).utcoffset() or timedelta() for day in days]
    return [
        day
        for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False)
        if before != after and not (before % MINUTE or after % MINUTE)
    ]


def field_text(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    step = st.tuples(span | st.just("*") | number.map(str), st.integers(1, high)).map(
        lambda both: f"{both[0]}/{both[1]}"
    )
    item = number.map(str) | span | step
    return st.just("*") | st.lists(item, min_size=1, max_size=3).map(",".join)


expressions = st.tuples(
    field_text(0, 59) | st.sampled_from(["0", "30", "*/15"]),
    field_text(0, 23) | st.sampled_from(["*", "*", "2", "0-4"]),
    st.just("*") | st.just("*") | field_text(1, 31),
    st.just("*") | st.just("*") | field_text(1, 12),
    st.just("*") | st.just("*") | field_text(0, 6),
).map(" ".join)
ZONES = sorted(available_timezones() - {"localtime"})


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone, and a day on which its clocks change; or any day, where they never do."""
    zone = draw(st.sampled_from(ZONES))
    days = change_days(zone)
    if not days:
        days = [utc("2024-02-28T12:00")]
    return zone, draw(st.sampled_from(days))


def parsed(expression: str, zone: str) -> Calendar:
    try:
        return Calendar.parse("cron", expression, zone)
    except CalendarError as mistake:
        assume("never due" not in mistake.message)
        raise


def between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[datetime]:
    following = calendar.next_after(start)
    while following and following <= end:
        yield following
        following = calendar.next_after(following)


@settings(max_examples=40, deadline=None)
@given(expressions, changes())
def test_around_every_change_of_the_clocks_it_agrees_with_the_reference(
    expression: str, change: tuple[str, datetime]
) -> None:
    zone, day = change
    start, end = day - 30 * HOUR, day + 6 * HOUR

    found = list(between(parsed(expression, zone), start, end))
    assert found == reference(expression, ZoneInfo(zone), start, end)


@settings(max_examples=100, deadline=None)
@given(expressions, changes(), st.integers(-40 * 3600, 40 * 3600), st.integers(0, 999_999))
def test_it_does_not_matter_at_which_instant_one_asks(
    expression: str, change: tuple[str, datetime], shift: int, microsecond: int
) -> None:
    zone, day = change
    instant = day + timedelta(seconds=shift, microseconds=microsecond)
    calendar = parsed(expression, zone)

    following = calendar.next_after(instant)
    assert following is not None
    assert following > instant
    expected = reference(expression, ZoneInfo(zone), instant.replace(microsecond=0, second=0), instant + 24 * HOUR)
    expected = [at for at in expected if at > instant]
    assert (following if following <= instant + 24 * HOUR else None) == (expected[0] if expected else None)


@settings(max_examples=100, deadline=None)
@given(expressions, st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_it_agrees_with_another_library_where_no_clock_changes(expression: str, start: datetime) -> None:
    calendar = parsed(expression, "UTC")
    days, weekdays = expression.split()[2], expression.split()[4]
    # In cron itself "*/2" is a star and 1-31 is none; to us a field is none when it leaves something out.
    assume("*" in (days, weekdays))
    assume(not re.search(r"(^|,)\d/", weekdays))  # 1/2 runs to Saturday here, over to Sunday there

    assume(not re.search(r"\b(\d+)-\1/", expression))  # it reads 5-5/1 as 5/1

    other = CronSim(expression, start)
    assert [item.at for item in calendar.upcoming(start, 5)] == [next(other) for _ in range(5)]

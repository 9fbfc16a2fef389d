"""When a schedule is due. Pure: the same question always has the same answer.

What a change of the clocks does: where the hour field of a cron expression is exactly
`*`, every real match counts, in both passes of a repeated hour. Everywhere else the wall clock counts once:
a time that does not exist is due at the first instant after the gap, a time that comes twice is due the
first time, and what falls on one instant is one occurrence.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from croniter import CroniterBadDateError, CroniterError, croniter

from workflows import cron

MAX_INTERVAL = timedelta(days=366)

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_INTERVAL = re.compile(r"([0-9]{1,9}) *(second|minute|hour|day|week)s?", re.ASCII)
_TIME = r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])"
_DAILY = re.compile(_TIME, re.ASCII)
_WEEKLY = re.compile(rf"(?P<weekday>{'|'.join(cron.WEEKDAYS)}) +{_TIME}", re.ASCII)
_MONTHLY = re.compile(rf"(?P<day>0?[1-9]|[12][0-9]|3[01]) +{_TIME}", re.ASCII)


class CalendarError(ValueError):
    """A schedule that cannot be read, or is never due. `field`: schedule_type, schedule_value or timezone."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


ClockChange = Literal["gap", "repeat"]
"""On that day this wall-clock time does not exist, or comes twice."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`at` in UTC; `clock_change` where a change of the clocks touches it."""

    at: datetime
    clock_change: ClockChange | None = None


class Calendar(ABC):
    """The occurrences of one schedule, in order."""

    @staticmethod
    def parse(schedule_type: str, value: str | None, zone: str, anchor: datetime | None = None) -> "Calendar":
        """From a schedule's words; raises CalendarError.

        cron: five fields, six with seconds first, or `@daily` and its kin. interval: `5 minutes`, counted from
        `anchor`, or without one from the instant asked about. daily: `HH:MM`. weekly: `mon HH:MM`.
        monthly: `1 HH:MM`, in months that have the day. `zone` is a name such as `Europe/Berlin`.
        """
        if schedule_type not in _READERS and schedule_type != "interval":
            allowed = ", ".join(["interval", *_READERS])
            raise CalendarError("schedule_type", f'"{schedule_type}" is no kind of schedule; allowed are {allowed}.')
        if not value or not value.strip():
            raise CalendarError("schedule_value", f"A schedule of type {schedule_type} needs a value.")
        if zone not in _zones():
            raise CalendarError("timezone", f'There is no time zone "{zone}".')
        if schedule_type == "interval":
            return IntervalCalendar(_interval(value), anchor)
        return _cron_calendar(_READERS[schedule_type](value), ZoneInfo(zone))

    @abstractmethod
    def occurrence_after(self, instant: datetime) -> Occurrence | None:
        """The first occurrence later than `instant` (aware); None when there is none before the year 10000."""

    def next_after(self, instant: datetime) -> datetime | None:
        """When it is due next after `instant`, in UTC."""
        occurrence = self.occurrence_after(instant)
        return occurrence.at if occurrence else None

    def upcoming(self, instant: datetime, count: int) -> list[Occurrence]:
        """The next `count` occurrences after `instant`."""
        return list(islice(self._following(instant), count))

    def _following(self, instant: datetime) -> Iterator[Occurrence]:
        occurrence = self.occurrence_after(instant)
        while occurrence:
            yield occurrence
            occurrence = self.occurrence_after(occurrence.at)


@dataclass(frozen=True, slots=True)
class IntervalCalendar(Calendar):
    """Every `step` of real time since `anchor`; clock changes do not matter."""

    step: timedelta
    anchor: datetime | None = None

    def occurrence_after(self, instant: datetime) -> Occurrence | None:
        anchor = self.anchor or instant
        steps = max(1, (instant - anchor) // self.step + 1)
        try:
            return Occurrence((anchor + steps * self.step).astimezone(UTC))
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class WallClockCalendar(Calendar):
    """A cron expression that names hours: each of its wall-clock times counts once."""

    expression: str
    zone: ZoneInfo

    def occurrence_after(self, instant: datetime) -> Occurrence | None:
        try:
            for wall in _walls_after(self.expression, _wall(instant, self.zone)):
                occurrence = self._due(wall)
                # Later wall-clock times are never due earlier, but some share their instant.
                if occurrence.at > instant:
                    return occurrence
        except OverflowError:  # the end of the calendar
            pass
        return None

    def _due(self, wall: datetime) -> Occurrence:
        first, second = _offsets(wall, self.zone)
        clash: ClockChange | None = None if first == second else "repeat" if first > second else "gap"
        return Occurrence(instant_of(wall, self.zone), clash)


@dataclass(frozen=True, slots=True)
class EveryHourCalendar(Calendar):
    """A cron expression whose hour is `*`: every instant at which the clock on the wall really matches."""

    expression: str
    zone: ZoneInfo

    def occurrence_after(self, instant: datetime) -> Occurrence | None:
        try:
            return self._after(instant.astimezone(UTC).replace(microsecond=0))
        except OverflowError:  # the end of the calendar
            return None

    def _after(self, start: datetime) -> Occurrence | None:
        """Goes from one change of the clocks to the next; between two the offset is the same."""
        wall_before = _wall(start, self.zone)
        while True:
            offset = _offset(start, self.zone)
            wall = next(_walls_after(self.expression, wall_before), None)
            if wall is None:
                return None
            at = _utc(wall, offset)
            change = _first_change(self.zone, start, at)
            if change is None:
                first, second = _offsets(wall, self.zone)
                return Occurrence(at, "repeat" if first > second else None)
            start = change
            wall_before = _wall(change, self.zone) - _SECOND


@dataclass(frozen=True, slots=True)
class WindowCalendar(Calendar):
    """What another calendar has from `first` on and before `end`; None leaves that side open."""

    calendar: Calendar
    first: datetime | None
    end: datetime | None

    def occurrence_after(self, instant: datetime) -> Occurrence | None:
        if self.first is not None:
            instant = max(instant, self.first - timedelta.resolution)
        occurrence = self.calendar.occurrence_after(instant)
        return None if occurrence and self.end and occurrence.at >= self.end else occurrence


@dataclass(frozen=True, slots=True)
class JitterCalendar(Calendar):
    """Another calendar's occurrences, each moved back by less than `most`, and never to or past the following one.

    How far follows from `seed` and the occurrence alone: however often one asks, the answer is the same.
    """

    calendar: Calendar
    most: timedelta
    seed: str

    def occurrence_after(self, instant: datetime) -> Occurrence | None:
        """Only the last one before `instant` can have been moved behind it."""
        occurrence = self._from_shortly_before(instant)
        while occurrence:
            following = self.calendar.occurrence_after(occurrence.at)
            moved = self._moved(occurrence, following)
            if moved.at > instant:
                return moved
            occurrence = following
        return None

    def _from_shortly_before(self, instant: datetime) -> Occurrence | None:
        """Looks back further and further: with a dense calendar and a wide jitter there is much in between."""
        back = _SECOND
        while back < self.most:
            occurrence = self.calendar.occurrence_after(instant - back)
            if occurrence and occurrence.at <= instant:
                return occurrence
            back *= 2
        return self.calendar.occurrence_after(instant - self.most)

    def _moved(self, occurrence: Occurrence, following: Occurrence | None) -> Occurrence:
        room = min(self.most, following.at - occurrence.at) if following else self.most
        digest = hashlib.sha256(f"{self.seed} {occurrence.at.isoformat()}".encode()).digest()
        share = int.from_bytes(digest[:8]) / 2**64
        milliseconds = int(room / timedelta(milliseconds=1) * share)
        return Occurrence(occurrence.at + timedelta(milliseconds=milliseconds), occurrence.clock_change)


# --- wall clocks and instants ---


def start_of_day(day: date, zone: str) -> datetime:
    """Its first instant there, in UTC; the midnight that a change of the clocks leaves out is the one after it."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock there shows this (a naive datetime), in UTC: the first time, where it does so twice; where a
    change of the clocks leaves it out, the first instant after the gap."""
    first, second = _offsets(wall, zone)
    if first >= second:
        return _utc(wall, first)
    return _first_change(zone, _utc(wall, second), _utc(wall, first)) or _utc(wall, first)


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows, as a naive datetime in whole seconds."""
    return instant.astimezone(zone).replace(tzinfo=None, microsecond=0, fold=0)


def _utc(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """The offset before and after a change at this wall-clock time (PEP 495); equal for ordinary times.

    The first is greater when the time comes twice, and smaller when it does not exist.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first, second


def _first_change(zone: ZoneInfo, start: datetime, end: datetime) -> datetime | None:
    """The first instant after `start`, up to `end`, at which the offset is no longer that of `start`."""
    offset = _offset(start, zone)
    same, differs = start, start
    while differs < end:  # a day at a time: no zone has changed to and fro within one
        same, differs = differs, min(differs + _DAY, end)
        if _offset(differs, zone) != offset:
            break
    else:
        return None
    while differs - same > _SECOND:
        middle = same + (differs - same) // 2
        middle = middle.replace(microsecond=0)
        same, differs = (middle, differs) if _offset(middle, zone) == offset else (same, middle)
    return differs


def _walls_after(expression: str, wall: datetime) -> Iterator[datetime]:
    times = croniter(expression, wall, second_at_beginning=True)
    while True:
        try:
            yield times.get_next(datetime)
        except CroniterBadDateError:  # none within fifty years
            return


# --- reading ---


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime"})  # a link that means another zone on every machine


def _interval(value: str) -> timedelta:
    parts = _INTERVAL.fullmatch(value.strip().lower())
    if parts is None:
        raise CalendarError("schedule_value", f'"{value}" is not written like "5 minutes", "1 hour" or "2 days".')
    try:
        step = timedelta(**{f"{parts[2]}s": int(parts[1])})
    except OverflowError:
        step = timedelta.max
    if not _SECOND <= step <= MAX_INTERVAL:
        raise CalendarError("schedule_value", f"An interval must be from 1 second to {MAX_INTERVAL.days} days.")
    return step


def _cron(value: str) -> str:
    try:
        return cron.normalized(value)
    except ValueError as mistake:
        raise CalendarError("schedule_value", f"{mistake}.") from None


def _daily(value: str) -> str:
    hour, minute = _matched(_DAILY, value, "09:00").group("hour", "minute")
    return f"{int(minute)} {int(hour)} * * *"


def _weekly(value: str) -> str:
    weekday, hour, minute = _matched(_WEEKLY, value, "mon 09:00").group("weekday", "hour", "minute")
    return f"{int(minute)} {int(hour)} * * {weekday}"


def _monthly(value: str) -> str:
    day, hour, minute = _matched(_MONTHLY, value, "1 09:00").group("day", "hour", "minute")
    return f"{int(minute)} {int(hour)} {int(day)} * *"


_READERS = {"cron": _cron, "daily": _daily, "weekly": _weekly, "monthly": _monthly}


def _matched(form: re.Pattern[str], value: str, example: str) -> re.Match[str]:
    parts = form.fullmatch(value.strip().lower())
    if parts is None:
        raise CalendarError("schedule_value", f'"{value}" is not written like "{example}".')
    return parts


def _cron_calendar(expression: str, zone: ZoneInfo) -> Calendar:
    try:
        never = next(_walls_after(expression, datetime(2024, 1, 1)), None) is None  # noqa: DTZ001 - a wall clock
    except CroniterError as mistake:
        raise CalendarError("schedule_value", f"This cron expression cannot be read: {mistake}.") from None
    if never:
        raise CalendarError("schedule_value", f'"{expression}" is never due: there is no such day.')
    hour = expression.split()[-4]
    return (EveryHourCalendar if hour == "*" else WallClockCalendar)(expression, zone)

"""One schedule as it is written: when it is due, and what becomes of an occurrence that cannot simply start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, get_args

from cron_descriptor import (
    CasingTypeEnum,
    FormatException,
    MissingFieldException,
    Options,
    WrongArgumentException,
    get_description,
)

from workflows.calendar import Calendar, CalendarError, JitterCalendar, WindowCalendar, start_of_day
from workflows.cron import ALIASES

ScheduleType = Literal["cron", "interval", "daily", "weekly", "monthly"]
CatchUp = Literal["skip", "latest", "all"]
Overlap = Literal["allow", "skip", "queue", "replace"]

MAX_JITTER_SECONDS = 3600
MAX_GRACE_SECONDS = 24 * 3600
DEFAULT_GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Timetable:
    """Starts the run at `node_id` (empty: wherever the drawing starts). The dates are days in `timezone`, both
    included; `grace_seconds` is how late it may start before somebody is told."""

    node_id: str
    schedule_type: str
    schedule_value: str
    timezone: str
    starts_on: date | None = None
    ends_on: date | None = None
    jitter_seconds: int = 0
    catch_up: str = "latest"
    overlap: str = "allow"
    grace_seconds: int = DEFAULT_GRACE_SECONDS

    def calendar(self, anchor: datetime | None = None, seed: str = "") -> Calendar:
        """Its occurrences; intervals count from `anchor`, or from the day on which they start. Raises CalendarError."""
        return _calendar(self, anchor, seed)

    @property
    def words(self) -> str:
        """For people: `At 09:00, Monday through Friday, Europe/Berlin`."""
        return f"{in_words(self.schedule_type, self.schedule_value)}, {self.timezone}"


@lru_cache(maxsize=10_000)
def _calendar(table: Timetable, anchor: datetime | None, seed: str) -> Calendar:
    first = end = None
    calendar = Calendar.parse(table.schedule_type, table.schedule_value, table.timezone, anchor)
    if table.starts_on or table.ends_on:
        if table.starts_on:
            first = start_of_day(table.starts_on, table.timezone)
        if table.ends_on:
            end = start_of_day(table.ends_on + timedelta(days=1), table.timezone)
        if table.schedule_type == "interval" and first and (anchor is None or anchor < first):
            calendar = Calendar.parse(table.schedule_type, table.schedule_value, table.timezone, first)
        calendar = WindowCalendar(calendar, first, end)
    if table.jitter_seconds:
        calendar = JitterCalendar(calendar, timedelta(seconds=table.jitter_seconds), seed)
    return calendar


def read_timetable(settings: Mapping[str, Any], default_zone: str, node_id: str = "") -> Timetable:
    """From the settings of a schedule trigger, or from what a form holds. Raises CalendarError, whose field says
    where."""
    table = Timetable(
        node_id=node_id,
        schedule_type=_text(settings, "schedule_type") or "cron",
        schedule_value=_text(settings, "schedule_value"),
        timezone=_text(settings, "timezone") or default_zone,
        starts_on=_day(settings, "starts_on"),
        ends_on=_day(settings, "ends_on"),
        jitter_seconds=_seconds(settings, "jitter", 0, MAX_JITTER_SECONDS),
        catch_up=_choice(settings, "catch_up", get_args(CatchUp), "latest"),
        overlap=_choice(settings, "overlap", get_args(Overlap), "allow"),
        grace_seconds=_seconds(settings, "grace", DEFAULT_GRACE_SECONDS, MAX_GRACE_SECONDS),
    )
    if table.starts_on and table.ends_on and table.ends_on < table.starts_on:
        raise CalendarError("ends_on", "The last day lies before the first one.")
    table.calendar()
    return table


def in_words(schedule_type: str, value: str) -> str:
    """A schedule without its zone; what cannot be told in words is given as it is written."""
    match schedule_type:
        case "interval":
            return f"Every {value}"
        case "daily":
            return f"Every day at {value}"
        case "weekly":
            return f"Every week, {value}"
        case "monthly":
            return f"Every month, day {value.replace(' ', ' at ', 1)}"
    return _cron_in_words(value)


def _cron_in_words(expression: str) -> str:
    options = Options()
    options.use_24hour_time_format = True
    options.day_of_week_start_index_zero = True
    options.casing_type = CasingTypeEnum.Sentence
    expression = ALIASES.get(expression.strip().lower(), expression.strip())
    try:
        words = str(get_description(expression, options))
    except (FormatException, MissingFieldException, WrongArgumentException):
        return expression
    # Where both day fields restrict, either is enough; the library reads them as if both had to hold.
    fields = expression.split()
    both = len(fields) >= 5 and not {"*", "?"} & {fields[-3], fields[-1]}
    return re.sub(",? only on ", " or on ", words) if both else words


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name)
    return value if isinstance(value, str) else ""


def _day(settings: Mapping[str, Any], name: str) -> date | None:
    text = _text(settings, name).strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CalendarError(name, f'"{text}" is no day such as 2026-03-01.') from None
    if not date(1970, 1, 1) <= day <= date(9998, 12, 31):
        raise CalendarError(name, f'"{text}" lies outside of the calendar.')
    return day


def _seconds(settings: Mapping[str, Any], name: str, default: int, most: int) -> int:
    value = settings.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise CalendarError(name, f"Must be a whole number of seconds from 0 to {most}.")
    return value


def _choice(settings: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = settings.get(name, default)
    if value not in allowed:
        raise CalendarError(name, f"Allowed are {', '.join(allowed)}.")
    return str(value)

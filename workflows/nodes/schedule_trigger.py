"""Schedule trigger: starts by the clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import available_timezones

from croniter import croniter

from workflows.nodes.base import Node, Params, setting
from workflows.nodes.trigger import Trigger

ScheduleType = Literal["cron", "interval", "daily", "weekly", "monthly"]

_TIME = r"([01]?\d|2[0-3]):[0-5]\d"
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "interval": (re.compile(r"[1-9]\d{0,4} (second|minute|hour|day|week)s?"), "5 minutes"),
    "daily": (re.compile(_TIME), "09:00"),
    "weekly": (re.compile(rf"(mon|tue|wed|thu|fri|sat|sun) {_TIME}", re.IGNORECASE), "mon 09:00"),
    "monthly": (re.compile(rf"([1-9]|[12]\d|3[01]) {_TIME}"), "1 09:00"),
}


class ScheduleSettings(Params):
    schedule_type: ScheduleType = setting("cron", title="Repeats", description="How the times are told.")
    schedule_value: str = setting(
        title="Schedule",
        description=(
            "cron: five fields, or six with seconds first. interval: “5 minutes”. daily: “09:00”. "
            "weekly: “mon 09:00”. monthly: “1 09:00”."
        ),
        widget="cron",
        placeholder="0 9 * * mon-fri",
        max_length=200,
    )
    timezone: str | None = setting(
        None,
        title="Time zone",
        description="Whose clock counts; without one the project's.",
        widget="timezone",
        placeholder="Europe/Berlin",
    )


class ScheduleTrigger(Trigger):
    kind = "schedule_trigger"
    title = "Schedule"
    description = "Starts by the clock: at the times of a cron expression, or every so often."
    icon = "calendar-clock"
    keywords = ("cron", "timer", "daily", "hourly", "interval", "periodic", "clock")
    params = ScheduleSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        faults = []
        value = settings.get("schedule_value")
        if isinstance(value, str):
            fault = schedule_fault(str(settings.get("schedule_type", "cron")), value)
            faults += [("schedule_value", fault)] if fault else []
        zone = settings.get("timezone")
        if isinstance(zone, str) and zone not in available_timezones():
            faults.append(("timezone", f'There is no time zone "{zone}".'))
        return faults


def schedule_fault(schedule_type: str, value: str) -> str | None:
    """Why a schedule cannot be read; None when it can."""
    if schedule_type == "cron":
        is_cron = len(value.split()) in (5, 6) and croniter.is_valid(value, second_at_beginning=True)
        return None if is_cron else f'"{value}" is no cron expression: five fields, or six with seconds first.'
    if schedule_type not in _FORMS:
        return f'"{schedule_type}" is no kind of schedule.'
    form, example = _FORMS[schedule_type]
    return None if form.fullmatch(value.strip()) else f'"{value}" is not written like “{example}”.'


def is_without_schedule(kind: Node, settings: Mapping[str, Any]) -> bool:
    """A schedule trigger that says nothing: it may stand for the schedule of the workflow itself."""
    return isinstance(kind, ScheduleTrigger) and not settings.get("schedule_value")

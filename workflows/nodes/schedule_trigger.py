"""Schedule trigger: starts by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from workflows.calendar import Calendar, CalendarError
from workflows.nodes.base import Node, Params, setting
from workflows.nodes.trigger import Trigger

ScheduleType = Literal["cron", "interval", "daily", "weekly", "monthly"]


class ScheduleSettings(Params):
    schedule_type: ScheduleType = setting(
        "cron",
        title="Repeats",
        description="How the times are told.",
        labels={
            "cron": "By a cron expression",
            "interval": "Every so often",
            "daily": "Every day",
            "weekly": "Every week",
            "monthly": "Every month",
        },
    )
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
    timezone: str = setting(
        "",
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
        kind, value = settings.get("schedule_type", "cron"), settings.get("schedule_value")
        if kind not in get_args(ScheduleType) or not isinstance(value, str):
            return []  # the schema says so already
        try:
            Calendar.parse(kind, value, str(settings.get("timezone") or "UTC"))
        except CalendarError as error:
            return [(error.field, error.message)]
        return []


def is_without_schedule(kind: Node, settings: Mapping[str, Any]) -> bool:
    """A schedule trigger that says nothing: it may stand for the schedule of the workflow itself."""
    return isinstance(kind, ScheduleTrigger) and not settings.get("schedule_value")

"""Schedule trigger: starts by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from workflows.calendar import CalendarError
from workflows.nodes.base import Node, Params, setting
from workflows.nodes.trigger import Trigger
from workflows.timetable import (
    DEFAULT_GRACE_SECONDS,
    MAX_GRACE_SECONDS,
    MAX_JITTER_SECONDS,
    CatchUp,
    Overlap,
    ScheduleType,
    read_timetable,
)


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
    starts_on: str = setting(
        "", title="First day", description="Not before this day, such as 2026-03-01.", widget="date"
    )
    ends_on: str = setting("", title="Last day", description="Not after this day, such as 2026-12-31.", widget="date")
    jitter: int = setting(
        0,
        title="Spread over",
        description="Seconds by which a start may be put off, so that not everything starts at once.",
        ge=0,
        le=MAX_JITTER_SECONDS,
    )
    catch_up: CatchUp = setting(
        "latest",
        title="After an outage",
        description="What is made up for of the times that passed while no clock was running.",
        labels={"skip": "Nothing", "latest": "The latest one", "all": "All, the last 100 at most"},
    )
    overlap: Overlap = setting(
        "allow",
        title="While one still runs",
        description="What happens when the run before this one, by the same schedule, has not ended yet.",
        labels={
            "allow": "Start beside it",
            "skip": "Leave this one out",
            "queue": "Wait for its end (one at most)",
            "replace": "Stop it and start this one",
        },
    )
    grace: int = setting(
        DEFAULT_GRACE_SECONDS,
        title="Grace time",
        description="Seconds after which a start that did not happen is told as missed.",
        ge=0,
        le=MAX_GRACE_SECONDS,
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
            read_timetable(settings, "UTC")
        except CalendarError as error:
            return [(error.field, error.message)]
        return []


def is_without_schedule(kind: Node, settings: Mapping[str, Any]) -> bool:
    """A schedule trigger that says nothing: it may stand for the schedule of the workflow itself."""
    return isinstance(kind, ScheduleTrigger) and not settings.get("schedule_value")

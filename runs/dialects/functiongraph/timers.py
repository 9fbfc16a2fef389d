"""A flow's timers, `{"schedule_type": "Rate" or "Cron", "schedule": "3m"}`, as schedules of ours. Pure."""

from __future__ import annotations

import re
from typing import Any

from runs.dialects.functiongraph.errors import invalid
from workflows.calendar import Calendar, CalendarError

TIMER = "FLOWTIMER"

_RATE = re.compile(r"(?:@every\s+)?([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def schedule_of(config: dict[str, Any], path: str) -> dict[str, Any]:
    """The settings of a schedule trigger. Raises BadRequest with the path of the fault."""
    kind, text = config.get("schedule_type", "Cron"), config.get("schedule")
    if kind not in ("Rate", "Cron"):
        raise invalid(f"{path}.schedule_type", "must be Rate or Cron.")
    if not isinstance(text, str):
        raise invalid(f"{path}.schedule", 'is required, such as "3m" for a Rate or "0 15 2 * * ?" for a Cron.')
    rate = _RATE.fullmatch(text.strip())
    if kind == "Rate" and rate is None:
        raise invalid(f"{path}.schedule", "A Rate is a whole number of minutes, hours or days: 3m, 1h or 1d.")
    schedule_type, value = ("interval", f"{rate[1]} {_UNITS[rate[2]]}") if rate else ("cron", text)
    try:
        Calendar.parse(schedule_type, value, "UTC")
    except CalendarError as error:
        raise invalid(f"{path}.schedule", error.message) from None
    return {"schedule_type": schedule_type, "schedule_value": value}

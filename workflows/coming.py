"""What is coming: the next occurrences of schedules, as the API tells them, and those that a clock change touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from workflows.calendar import Calendar, CalendarError, ClockChange, Occurrence
from workflows.models import Schedule, Workflow
from workflows.schedules import calendar_of, timetable_of, timetables
from workflows.timetable import Timetable, in_words

# A row of the time line with more fires than this is told as a band, not one by one.
MOST_FIRES = 200

NOTES: dict[ClockChange, str] = {
    "gap": "The clocks go forward: this time does not exist on that day, so it starts right after the change.",
    "repeat": "The clocks go back: this time comes twice on that day.",
}


def preview(table: Timetable, count: int) -> dict[str, Any]:
    """The next occurrences of a schedule as if it were switched on now."""
    now = timezone.now()
    found = table.calendar(now).upcoming(now, count)
    return {
        "words": table.words,
        "timezone": table.timezone,
        "results": [_fire(each, table) for each in found],
    }


def preview_of(workflow: Workflow, count: int) -> list[dict[str, Any]]:
    """The next occurrences of all its schedules, earliest first; those that are not armed as if switched on now."""
    now = timezone.now()
    rows = {timetable_of(row): row for row in workflow.schedules.exclude(next_due_at=None)}
    tables = timetables(workflow, workflow.published_id or workflow.draft_id)
    each = []
    for table in dict.fromkeys(tables):
        row = rows.get(table)
        calendar = calendar_of(row) if row else table.calendar(now)
        each.append([(item.at, table, item) for item in calendar.upcoming(now, count)])
    coming = merge(*each, key=lambda entry: entry[0])
    return [{**_fire(item, table), "node_id": table.node_id} for _, table, item in islice(coming, count)]


def _fire(occurrence: Occurrence, table: Timetable) -> dict[str, Any]:
    change = occurrence.clock_change
    return {
        "at": occurrence.at,
        "local": occurrence.at.astimezone(ZoneInfo(table.timezone)).isoformat(),
        "timezone": table.timezone,
        "clock_change": change,
        "note": NOTES[change] if change else "",
    }


# --- the time line ---


def lines(schedules: Iterable[Schedule], until: datetime) -> list[dict[str, Any]]:
    """For each schedule its fires until then."""
    return [{**schedule_record(schedule), **_fires(schedule, until)} for schedule in schedules]


def _fires(schedule: Schedule, until: datetime) -> dict[str, Any]:
    """One by one, or where they are too many only how far apart they are, in seconds."""
    if schedule.next_due_at is None:
        return {"fires": [], "every_seconds": None}
    found = list(islice(_until(schedule, until), MOST_FIRES + 1))
    if len(found) <= MOST_FIRES:
        return {"fires": [{"at": at, "clock_change": change} for at, change in found], "every_seconds": None}
    return {"fires": [], "every_seconds": _usual_gap([at for at, _ in found])}


def _until(schedule: Schedule, until: datetime) -> Iterable[tuple[datetime, ClockChange | None]]:
    at, change = schedule.next_due_at, None
    calendar = _readable(schedule)
    while at is not None and at < until:
        yield at, change
        following = calendar.occurrence_after(at) if calendar else None
        at, change = (following.at, following.clock_change) if following else (None, None)


def _readable(schedule: Schedule) -> Calendar | None:
    try:
        return calendar_of(schedule)
    except CalendarError:
        return None


def _usual_gap(moments: Sequence[datetime]) -> float:
    gaps = sorted(later - earlier for earlier, later in pairwise(moments))
    return gaps[len(gaps) // 2].total_seconds()


def schedule_record(schedule: Schedule) -> dict[str, Any]:
    """The schedule as the API tells it; its workflow is read along."""
    workflow = schedule.workflow
    late = schedule.next_due_at and (timezone.now() - schedule.next_due_at).total_seconds()
    return {
        "id": schedule.pk,
        "workflow_id": workflow.pk,
        "workflow_name": workflow.name,
        "node_id": schedule.node_id,
        "words": in_words(schedule.schedule_type, schedule.schedule_value),
        "schedule_type": schedule.schedule_type,
        "schedule_value": schedule.schedule_value,
        "timezone": schedule.timezone,
        "starts_on": schedule.starts_on,
        "ends_on": schedule.ends_on,
        "jitter": schedule.jitter_seconds,
        "catch_up": schedule.catch_up,
        "overlap": schedule.overlap,
        "grace": schedule.grace_seconds,
        "is_active": workflow.is_active,
        "next_due_at": schedule.next_due_at,
        "is_overdue": bool(late and late > schedule.grace_seconds),
        "paused_at": schedule.paused_at,
        "pause_reason": schedule.pause_reason,
    }

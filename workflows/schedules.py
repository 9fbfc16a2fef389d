"""Arming: from the published version's schedule triggers, and the workflow's own schedule, to rows for the clock.

A schedule that stays the same keeps its row, and with it its next due time; a changed or resumed one counts
from now. One that is paused stays so, whatever happens to the workflow, until somebody resumes it.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from wire.problems import Conflict, NotFound
from workflows.calendar import Calendar, CalendarError
from workflows.models import Node, Schedule, Workflow
from workflows.node_settings import node_settings
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schedule_trigger import ScheduleTrigger
from workflows.timetable import Timetable, read_timetable

_FIELDS = [field.name for field in fields(Timetable)]


def timetable_of(schedule: Schedule) -> Timetable:
    return Timetable(**{name: getattr(schedule, name) for name in _FIELDS})


def calendar_of(schedule: Schedule) -> Calendar:
    """Raises CalendarError for a schedule from before today's rules."""
    return timetable_of(schedule).calendar(schedule.anchor_at, schedule.pk)


# --- arming ---


def arm(workflow: Workflow) -> None:
    """Makes the rows fit the workflow as it is now; in the caller's transaction, which holds the workflow's row."""
    wanted = list(dict.fromkeys(timetables(workflow)))
    rows = list(workflow.schedules.all())
    for row in [row for row in rows if timetable_of(row) in wanted]:
        wanted.remove(timetable_of(row))
        rows.remove(row)
        _arm_row(row, workflow)
    for table in wanted:  # the changed ones take over the rows of their nodes, the new ones get rows of their own
        row = next((row for row in rows if row.node_id == table.node_id), Schedule(workflow=workflow))
        if row in rows:
            rows.remove(row)
        _rewrite(row, table)
        _arm_row(row, workflow)
    for row in rows:
        row.delete()
    refresh_next_run_at(workflow)


def _rewrite(row: Schedule, table: Timetable) -> None:
    for name, value in asdict(table).items():
        setattr(row, name, value)
    row.anchor_at, row.next_due_at = timezone.now(), None


def _arm_row(row: Schedule, workflow: Workflow) -> None:
    """What is armed already is left alone: its next due time may lie in the past, and is not forgotten for that."""
    if not workflow.is_active or workflow.published_id is None or row.paused_at:
        row.next_due_at = None
    elif row.next_due_at is None:
        row.anchor_at = timezone.now()
        row.next_due_at = _first_due(row, row.anchor_at)
    row.save()


def _first_due(row: Schedule, now: datetime) -> datetime | None:
    try:
        return calendar_of(row).next_after(now)
    except CalendarError:
        return None  # a version published under older rules: never due, rather than impossible to switch on or off


def refresh_next_run_at(workflow: Workflow) -> None:
    """`next_run_at` is the earliest of all its schedules. The clock does the same after it moved one on."""
    workflow.next_run_at = workflow.schedules.aggregate(first=Min("next_due_at"))["first"]
    Workflow.objects.filter(pk=workflow.pk).update(next_run_at=workflow.next_run_at)


# --- pausing ---


@transaction.atomic
def pause(schedule: Schedule, reason: str) -> Schedule:
    """Not due any more until resumed. Of a paused one only the reason changes."""
    schedule = _held(schedule)
    schedule.paused_at = schedule.paused_at or timezone.now()
    schedule.pause_reason = reason
    _arm_row(schedule, schedule.workflow)
    refresh_next_run_at(schedule.workflow)
    return schedule


@transaction.atomic
def resume(schedule: Schedule) -> Schedule:
    """Counts from now: what would have been due meanwhile is not made up for."""
    schedule = _held(schedule)
    schedule.paused_at, schedule.pause_reason = None, ""
    _arm_row(schedule, schedule.workflow)
    refresh_next_run_at(schedule.workflow)
    return schedule


def _held(schedule: Schedule) -> Schedule:
    """The schedule as it is now, with its workflow's row held, as by everybody who moves it on."""
    workflow = Workflow.objects.select_for_update(no_key=True).get(pk=schedule.workflow_id)
    row = Schedule.objects.filter(pk=schedule.pk).first()
    if row is None:
        raise NotFound("There is no such schedule.")
    if workflow.deleted_at is not None:
        raise Conflict("The workflow was deleted.", code="workflow_deleted")
    row.workflow = workflow
    return row


# --- what is drawn ---


def timetables(workflow: Workflow, version_id: str | None = None) -> list[Timetable]:
    """The workflow's own schedule first, then those of the schedule triggers of the published version, or of the
    one that is named."""
    version_id = version_id or workflow.published_id
    if version_id is None:
        return []
    nodes = list(Node.objects.filter(version_id=version_id))
    found = [table for node in nodes if (table := _timetable_of(node, workflow.project.timezone))]
    own = _own_timetable(workflow, nodes)
    if own is None or any(_same_text(own, table) for table in found):
        return found
    return [own, *found]


def _timetable_of(node: Node, default_zone: str) -> Timetable | None:
    kind = REGISTRY.get(node.kind)
    if not isinstance(kind, ScheduleTrigger) or node.data.get("disabled") is True:
        return None
    settings: dict[str, Any] = node_settings(kind, node.data)
    if not settings.get("schedule_value"):
        return None
    try:
        return read_timetable(settings, default_zone, node.node_id)
    except CalendarError:
        return None  # as above


def _own_timetable(workflow: Workflow, nodes: list[Node]) -> Timetable | None:
    if workflow.schedule_type == Workflow.ScheduleType.MANUAL or not workflow.schedule_value:
        return None
    return Timetable(_start_of(nodes), workflow.schedule_type, workflow.schedule_value, workflow.project.timezone)


def _start_of(nodes: list[Node]) -> str:
    """Where the workflow's own schedule starts it: its schedule trigger, else its first trigger."""
    triggers = [
        (node.node_id, kind)
        for node in nodes
        if (kind := REGISTRY.get(node.kind)) and kind.is_trigger and node.data.get("disabled") is not True
    ]
    by_clock = [node_id for node_id, kind in triggers if isinstance(kind, ScheduleTrigger)]
    return next(iter(by_clock or [node_id for node_id, _ in triggers]), "")


def _same_text(own: Timetable, other: Timetable) -> bool:
    return (own.schedule_type, own.schedule_value) == (other.schedule_type, other.schedule_value)

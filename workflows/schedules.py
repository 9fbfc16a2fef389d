"""Arming: from the published version's schedule triggers, and the workflow's own schedule, to rows for the clock.

Rows exist only while the workflow is active and published. A schedule that stays the same keeps its row, and
with it its next due time; a changed or resumed one counts from now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from workflows.calendar import Calendar, CalendarError
from workflows.models import Node, Schedule, Workflow
from workflows.node_settings import node_settings
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schedule_trigger import ScheduleTrigger


@dataclass(frozen=True, slots=True)
class Timetable:
    """One schedule as it is written: starts the run at `node_id` (empty: wherever the drawing starts)."""

    node_id: str
    schedule_type: str
    schedule_value: str
    timezone: str


def arm(workflow: Workflow) -> None:
    """Makes the rows fit the workflow as it is now; in the caller's transaction, which holds the workflow's row."""
    wanted = dict.fromkeys(timetables(workflow)) if workflow.is_active and workflow.published_id else {}
    for row in workflow.schedules.all():
        table = Timetable(row.node_id, row.schedule_type, row.schedule_value, row.timezone)
        if table in wanted:
            del wanted[table]
        else:
            row.delete()
    now = timezone.now()
    for table in wanted:
        Schedule.objects.create(
            workflow=workflow,
            node_id=table.node_id,
            schedule_type=table.schedule_type,
            schedule_value=table.schedule_value,
            timezone=table.timezone,
            anchor_at=now,
            next_due_at=_first_due(table, now),
        )
    refresh_next_run_at(workflow)


def refresh_next_run_at(workflow: Workflow) -> None:
    """`next_run_at` is the earliest of all its schedules. The clock calls this after it moved one on."""
    due = workflow.schedules.exclude(next_due_at=None).order_by("next_due_at").values_list("next_due_at", flat=True)
    workflow.next_run_at = due.first()
    Workflow.objects.filter(pk=workflow.pk).update(next_run_at=workflow.next_run_at)


def timetables(workflow: Workflow) -> list[Timetable]:
    """The workflow's own schedule first, then those of the published version's schedule triggers."""
    nodes = list(Node.objects.filter(version_id=workflow.published_id))
    found = [table for node in nodes if (table := _timetable_of(node, workflow.project.timezone))]
    own = _own_timetable(workflow, nodes)
    if own is None or any(_same_text(own, table) for table in found):
        return found
    return [own, *found]


def _timetable_of(node: Node, default_zone: str) -> Timetable | None:
    kind = REGISTRY.get(node.kind)
    if not isinstance(kind, ScheduleTrigger) or node.data.get("disabled") is True:
        return None
    settings = node_settings(kind, node.data)
    if not settings.get("schedule_value"):
        return None
    read = kind.params.model_validate(settings)
    return Timetable(node.node_id, read.schedule_type, read.schedule_value, read.timezone or default_zone)


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


def _first_due(table: Timetable, now: datetime) -> datetime | None:
    try:
        calendar = Calendar.parse(table.schedule_type, table.schedule_value, table.timezone, anchor=now)
    except CalendarError:
        return None  # a version published under older rules: never due, rather than impossible to switch on or off
    return calendar.next_after(now)

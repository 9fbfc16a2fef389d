"""What is due by the clock: every occurrence becomes a run or a firing that says why not, exactly once.

Any number of clocks may ask at the same time. A workflow's row is locked first, as it is while its schedules
are armed; the firing's unique key then makes a second start impossible, also across a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from runs.models import Firing, Run
from runs.services import StartOptions, start_run
from wire.problems import Problem
from wire.times import to_wire
from workflows.calendar import Calendar
from workflows.models import Schedule, Workflow
from workflows.schedules import refresh_next_run_at

log = logging.getLogger(__name__)

BATCH = 100
# What is younger is not missed, only a little late: the clock looks once a second.
PUNCTUAL = timedelta(seconds=10)
MAX_OCCURRENCES = 1_000


def database_now() -> datetime:
    """The time that counts: the database's, the same for all clocks."""
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)  # noqa: S101 - a timestamp is what was asked for
    return now


def next_due_at() -> datetime | None:
    """When the clock has to look again at the latest."""
    return (
        Schedule.objects.exclude(next_due_at=None).order_by("next_due_at").values_list("next_due_at", flat=True).first()
    )


def fire_due() -> int:
    """Fires what is due now, at most one batch of workflows; how many there were."""
    with transaction.atomic():
        now = database_now()
        due = Schedule.objects.filter(next_due_at__lte=now).order_by("next_due_at")[:BATCH]
        ids = set(due.values_list("workflow_id", flat=True))
        free = Workflow.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        for workflow in free.filter(pk__in=ids).order_by("pk").select_related("project"):
            _fire_workflow(workflow, now)
        return len(ids)


def _fire_workflow(workflow: Workflow, now: datetime) -> None:
    for schedule in workflow.schedules.filter(next_due_at__lte=now):
        due = list(islice(_occurrences(schedule, now), MAX_OCCURRENCES))
        for at in due:
            _fire(workflow, schedule, at, now, is_last=at == due[-1])
        schedule.next_due_at = _calendar(schedule).next_after(due[-1] if len(due) < MAX_OCCURRENCES else now)
        schedule.save(update_fields=["next_due_at"])
    refresh_next_run_at(workflow)


def _occurrences(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    """From the one that is due on, not from now: none is lost."""
    at, calendar = schedule.next_due_at, _calendar(schedule)
    while at is not None and at <= now:
        yield at
        at = calendar.next_after(at)


def _calendar(schedule: Schedule) -> Calendar:
    return Calendar.parse(schedule.schedule_type, schedule.schedule_value, schedule.timezone, anchor=schedule.anchor_at)


def _fire(workflow: Workflow, schedule: Schedule, at: datetime, now: datetime, *, is_last: bool) -> None:
    """After a pause of the clocks only the latest occurrence is made up for; the others are missed, and say so."""
    if Firing.objects.filter(schedule=schedule, due_at=at).exists():
        return
    run: Run | None = None
    outcome, reason = Firing.Outcome.STARTED, ""
    if at < now - PUNCTUAL and not is_last:
        outcome, reason = Firing.Outcome.MISSED, "No clock was running; a later occurrence was made up for."
    else:
        try:
            run = start_run(workflow, _payload(schedule, at), _options(schedule))
        except Problem as refusal:
            outcome, reason = Firing.Outcome.REFUSED, refusal.detail
    if outcome is not Firing.Outcome.STARTED:
        log.warning("schedule %s of %s, due %s, %s: %s", schedule.pk, workflow.pk, to_wire(at), outcome.value, reason)
    Firing.objects.create(
        workflow=workflow, schedule=schedule, due_at=at, run=run, outcome=outcome, reason=reason, seen_at=now
    )


def _payload(schedule: Schedule, at: datetime) -> dict[str, str]:
    return {
        "scheduled_at": to_wire(at),
        "schedule_type": schedule.schedule_type,
        "schedule_value": schedule.schedule_value,
        "timezone": schedule.timezone,
    }


def _options(schedule: Schedule) -> StartOptions:
    return StartOptions(trigger_type=Run.Trigger.SCHEDULE, trigger_node=schedule.node_id)

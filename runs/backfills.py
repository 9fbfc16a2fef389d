"""Backfill: a schedule runs through a range of the past again, at a bounded rate, and can be paused meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Project
from runs.models import Backfill, Firing, Run
from runs.schedules import options_of, payload_of
from runs.services import start_run
from wire.problems import Conflict, Invalid, Problem
from workflows.calendar import Calendar, CalendarError
from workflows.models import Schedule
from workflows.schedules import calendar_of, timetable_of

MOST = 10_000

Status = Backfill.Status
Outcome = Firing.Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """What a backfill would start; `already` started at their time, and are left out."""

    due: list[datetime]
    already: int


def plan(schedule: Schedule, since: datetime, until: datetime, *, only_missing: bool) -> Plan:
    """Raises Invalid for a range that is empty, not over yet, or too long."""
    if since >= until:
        raise Invalid.field("until", "The range must end after it begins.")
    if until > timezone.now():
        raise Invalid.field("until", "Only the past can be made up for.")
    due = list(islice(_occurrences(schedule, since, until), MOST + 1))
    if len(due) > MOST:
        raise Invalid.field("until", f"These are more than {MOST} starts; choose a shorter range.")
    started = _started(schedule, since, until) if only_missing else set()
    wanted = [at for at in due if at not in started]
    return Plan(wanted, len(due) - len(wanted))


def _occurrences(schedule: Schedule, since: datetime, until: datetime) -> Iterator[datetime]:
    """From `since` on and before `until`."""
    calendar = _calendar(schedule, since)
    at = calendar.next_after(since - timedelta.resolution)
    while at is not None and at < until:
        yield at
        at = calendar.next_after(at)


def _calendar(schedule: Schedule, since: datetime) -> Calendar:
    """The schedule's own; an interval counts from the range where that begins before the schedule did."""
    try:
        if schedule.schedule_type == "interval" and since < schedule.anchor_at:
            return timetable_of(schedule).calendar(since, schedule.pk)
        return calendar_of(schedule)
    except CalendarError as fault:
        raise Conflict(fault.message, code="schedule_unreadable") from None


def _started(schedule: Schedule, since: datetime, until: datetime) -> set[datetime]:
    found = Firing.objects.filter(schedule=schedule, due_at__gte=since, due_at__lt=until, run__isnull=False)
    return set(found.values_list("due_at", flat=True))


@transaction.atomic
def start(
    schedule: Schedule, since: datetime, until: datetime, *, only_missing: bool, per_minute: int, at_once: int
) -> Backfill:
    """At most `per_minute` starts, and `at_once` runs that have not ended. Raises what `plan` raises."""
    wanted = plan(schedule, since, until, only_missing=only_missing)
    if not wanted.due:
        raise Invalid.field("since", "There is nothing to start in this range.")
    return Backfill.objects.create(
        workflow=schedule.workflow,
        schedule=schedule,
        since=since,
        until=until,
        only_missing=only_missing,
        per_minute=per_minute,
        at_once=at_once,
        total=len(wanted.due),
        next_due_at=wanted.due[0],
        created_at=timezone.now(),
    )


def for_project(project: Project) -> QuerySet[Backfill]:
    """The backfills of one tenant. Every look-up starts here."""
    return Backfill.objects.filter(workflow__project=project).select_related("workflow")


def steer(backfill: Backfill, status: str, reason: str = "") -> Backfill:
    """Pauses, goes on or cancels. Conflict once it has ended; what it started goes on."""
    ended_at = timezone.now() if status == Status.CANCELLED else None
    live = Backfill.objects.filter(pk=backfill.pk, status__in=(Status.RUNNING, Status.PAUSED))
    if not live.update(status=status, reason=reason, completed_at=ended_at):
        raise Conflict("The backfill has ended.", code="backfill_ended")
    backfill.refresh_from_db()
    return backfill


# --- the clock's part ---


def advance() -> int:
    """Goes on with every backfill that runs, as far as its rate allows; how many runs were started."""
    running = Backfill.objects.filter(status=Status.RUNNING).order_by("pk").values_list("pk", flat=True)
    return sum(_advance(pk) for pk in list(running))


@transaction.atomic
def _advance(pk: str) -> int:
    free = Backfill.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    backfill = free.filter(pk=pk, status=Status.RUNNING).select_related("schedule__workflow__project").first()
    if backfill is None:  # paused, or in another clock's hands
        return 0
    schedule = backfill.schedule
    if schedule is None or schedule.workflow.deleted_at is not None:
        _end(backfill, Status.CANCELLED, "The schedule was taken away.")
        return 0
    now = timezone.now()
    room = _room(backfill, now)
    due = list(islice(_left(backfill, schedule), room + 1))
    starting = due[:room]
    for at in starting:
        _start(backfill, schedule, at, now)
    if starting:
        backfill.done += len(starting)
        backfill.last_started_at = now
    backfill.next_due_at = due[len(starting)] if len(due) > len(starting) else None
    if backfill.next_due_at is None:
        _end(backfill, Status.COMPLETED)
    backfill.save()
    return len(starting)


def _room(backfill: Backfill, now: datetime) -> int:
    """How many may start now."""
    live = Run.objects.filter(firings__backfill=backfill, status__in=Run.LIVE).count()
    if backfill.last_started_at is None:
        by_rate = 1
    else:
        by_rate = int((now - backfill.last_started_at).total_seconds() * backfill.per_minute / 60)
    return max(0, min(backfill.at_once - live, by_rate))


def _left(backfill: Backfill, schedule: Schedule) -> Iterator[datetime]:
    if backfill.next_due_at is None:
        return
    done = _started(schedule, backfill.next_due_at, backfill.until) if backfill.only_missing else set()
    yield from (at for at in _occurrences(schedule, backfill.next_due_at, backfill.until) if at not in done)


def _start(backfill: Backfill, schedule: Schedule, at: datetime, now: datetime) -> None:
    firing = Firing(
        workflow=schedule.workflow,
        schedule=schedule,
        backfill=backfill,
        due_at=at,
        outcome=Outcome.STARTED,
        seen_at=now,
    )
    try:
        payload = {**payload_of(schedule, at), "backfill": backfill.pk}
        firing.run = start_run(schedule.workflow, payload, options_of(schedule))
    except Problem as refusal:
        firing.outcome, firing.reason = Outcome.REFUSED, refusal.detail
    firing.save()


def _end(backfill: Backfill, status: Status, reason: str = "") -> None:
    backfill.status, backfill.reason, backfill.completed_at = status, reason, timezone.now()
    backfill.save()

"""What is due by the clock: every occurrence becomes a run or a firing that says why not, exactly once.

Any number of clocks may ask at the same time. A workflow's row is locked first, as it is while its schedules
are armed; the firing's unique key then makes a second start impossible, also across a crash.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from runs import alerts
from runs.models import Firing, Run
from runs.occurrences import decide, following
from runs.services import StartOptions, start_run, terminate_run
from wire.problems import Problem
from wire.times import to_wire
from workflows.calendar import CalendarError
from workflows.models import Schedule, Workflow
from workflows.schedules import calendar_of

log = logging.getLogger(__name__)

BATCH = 100
# So long before the due instant the rows are written; they are committed at the instant itself.
LEAD = timedelta(milliseconds=25)
# Among so many of a schedule's latest runs those are looked for that have not ended.
LATEST_RUNS = 100

Outcome = Firing.Outcome


def database_now() -> datetime:
    """The time that counts: the database's, the same for all clocks."""
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)  # noqa: S101 - a timestamp is what was asked for
    return now


def prepare(until: datetime) -> datetime | None:
    """Works out ahead what comes after the occurrences that are due until then; gives the earliest due time."""
    coming = Schedule.objects.exclude(next_due_at=None).order_by("next_due_at")
    soon = list(coming.filter(next_due_at__lte=until)[: 10 * BATCH])
    for schedule in soon:
        if schedule.next_due_at:
            _next_of(schedule, schedule.next_due_at)
    return soon[0].next_due_at if soon else coming.values_list("next_due_at", flat=True).first()


def _next_of(schedule: Schedule, at: datetime) -> datetime | None:
    try:
        return following(calendar_of(schedule), at)
    except CalendarError:
        return None  # told when it is due


def fire_due() -> int:
    """Fires what is due now, or in a moment, at most one batch of workflows; how many they were."""
    now = database_now()
    soon = Schedule.objects.filter(next_due_at__lte=now + LEAD).order_by("next_due_at")
    due = list(soon.values_list("next_due_at", "workflow_id")[:BATCH])
    if not due or due[0][0] is None:
        return 0
    until = max(now, due[0][0])
    ids = list(dict.fromkeys(workflow_id for at, workflow_id in due if at and at <= until))
    try:
        return _fire(ids, until)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("Of %d workflows that are due, one cannot be started; now each for itself.", len(ids))
    return sum(_fire_alone(workflow_id, until) for workflow_id in ids)


def _fire_alone(workflow_id: str, until: datetime) -> int:
    """What is wrong with one workflow must not keep the others from starting."""
    try:
        return _fire([workflow_id], until)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("The workflow %s is due and cannot be started.", workflow_id)
        return 0


@transaction.atomic
def _fire(ids: Collection[str], until: datetime) -> int:
    """All but the commit may be done a moment before `until`; nobody sees anything of it earlier."""
    free = Workflow.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    held = {workflow.pk: workflow for workflow in free.filter(pk__in=ids).order_by("pk").select_related("project")}
    now = max(database_now(), until)
    schedules = list(Schedule.objects.filter(workflow__in=held, next_due_at__lte=now))
    known = _known(schedules)
    firings: list[Firing] = []
    for schedule in schedules:
        schedule.workflow = held[schedule.workflow_id]
        made = _fire_schedule(schedule, now, known)
        firings += made
        _tell([firing for firing in made if firing.alarm], now)
    Firing.objects.bulk_create(firings)
    Schedule.objects.bulk_update(schedules, ["next_due_at"])
    _refresh_next_run_at(held)
    time.sleep(min(max((until - database_now()).total_seconds(), 0.0), LEAD.total_seconds()))
    return len(held)


def _tell(alarms: Sequence[Firing], now: datetime) -> None:
    if not alarms:
        return
    last = alarms[-1]
    log.warning("%d starts of %s were not in time; %s: %s", len(alarms), last.workflow_id, last.due_at, last.reason)
    if last.schedule:
        alerts.tell_missed(last.schedule, alarms, now)


def _known(schedules: Collection[Schedule]) -> set[tuple[str | None, datetime]]:
    """Occurrences that have their firing already, as when the clock was set back."""
    first = min((schedule.next_due_at for schedule in schedules if schedule.next_due_at), default=None)
    found = Firing.objects.filter(schedule__in=schedules, due_at__gte=first, backfill=None) if first else None
    return set(found.values_list("schedule_id", "due_at")) if found is not None else set()


def _refresh_next_run_at(held: dict[str, Workflow]) -> None:
    rows = Schedule.objects.filter(workflow__in=held).values("workflow_id").annotate(first=Min("next_due_at"))
    for row in rows:
        held[row["workflow_id"]].next_run_at = row["first"]
    Workflow.objects.bulk_update(held.values(), ["next_run_at"])


# --- one schedule ---


def _fire_schedule(schedule: Schedule, now: datetime, known: set[tuple[str | None, datetime]]) -> list[Firing]:
    """Its occurrences up to now, each with its firing; moves it on from the last one, not from now."""
    first = schedule.next_due_at
    assert first is not None  # noqa: S101 - it is due
    try:
        calendar = calendar_of(schedule)
    except CalendarError as fault:
        schedule.next_due_at = None
        return [_firing(schedule, first, now, Outcome.REFUSED, fault.message)]
    firings = []
    before: list[Run] | None = None
    decisions = decide(calendar, first, now, schedule.catch_up)
    for decision in decisions:
        if (schedule.pk, decision.at) in known:
            continue
        if decision.missed:
            firings.append(_firing(schedule, decision.at, now, Outcome.MISSED, decision.missed))
            continue
        if before is None:
            before = _before(schedule)
        firings.append(_start(schedule, decision.at, now, before, firings))
    schedule.next_due_at = following(calendar, decisions[-1].at)
    return firings


def _before(schedule: Schedule) -> list[Run]:
    """Its runs that what is due now may have to wait for. What waited already comes first."""
    if schedule.overlap == Schedule.Overlap.ALLOW:
        return []
    if schedule.overlap == Schedule.Overlap.QUEUE:
        for pk in list(_queued().filter(schedule=schedule).values_list("pk", flat=True)):
            _start_queued(pk)
    return still_running(schedule)


def _firing(schedule: Schedule, at: datetime, now: datetime, outcome: Outcome, reason: str = "") -> Firing:
    is_late = now - at > timedelta(seconds=schedule.grace_seconds)
    alarm = outcome in (Outcome.MISSED, Outcome.REFUSED) or (outcome == Outcome.STARTED and is_late)
    return Firing(
        workflow=schedule.workflow,
        schedule=schedule,
        due_at=at,
        outcome=outcome,
        reason=reason,
        alarm=alarm,
        seen_at=now,
    )


def _start(schedule: Schedule, at: datetime, now: datetime, before: list[Run], so_far: Collection[Firing]) -> Firing:
    """A run, unless the one `before` has not ended and the schedule says what then. What starts joins `before`."""
    if before and schedule.overlap == Schedule.Overlap.SKIP:
        return _firing(schedule, at, now, Outcome.SKIPPED, f"The run {before[-1].pk} had not ended.")
    if before and schedule.overlap == Schedule.Overlap.QUEUE:
        if any(firing.outcome == Outcome.QUEUED for firing in so_far) or _queued().filter(schedule=schedule).exists():
            return _firing(schedule, at, now, Outcome.SKIPPED, "Another one waited already for the run before to end.")
        return _firing(schedule, at, now, Outcome.QUEUED)
    if before and schedule.overlap == Schedule.Overlap.REPLACE:
        for run in before:
            terminate_run(run, reason=f"Replaced by the run that was due at {to_wire(at)}.")
        before.clear()
    try:
        run = start_run(schedule.workflow, payload_of(schedule, at), options_of(schedule))
    except Problem as refusal:
        return _firing(schedule, at, now, Outcome.REFUSED, refusal.detail)
    before.append(run)
    firing = _firing(schedule, at, now, Outcome.STARTED)
    firing.run = run
    return firing


def still_running(schedule: Schedule) -> list[Run]:
    """The schedule's own runs that have not ended, oldest first; a backfill's do not count."""
    latest = Firing.objects.filter(schedule=schedule, backfill=None, run__isnull=False).order_by("-due_at")
    ids = list(latest.values_list("run_id", flat=True)[:LATEST_RUNS])
    return list(Run.objects.filter(pk__in=ids, status__in=Run.LIVE, intent=Run.Intent.NONE).order_by("pk"))


def payload_of(schedule: Schedule, at: datetime) -> dict[str, str]:
    return {
        "scheduled_at": to_wire(at),
        "schedule_type": schedule.schedule_type,
        "schedule_value": schedule.schedule_value,
        "timezone": schedule.timezone,
    }


def options_of(schedule: Schedule) -> StartOptions:
    return StartOptions(trigger_type=Run.Trigger.SCHEDULE, trigger_node=schedule.node_id)


# --- those that wait for the run before them ---


def _queued() -> QuerySet[Firing]:
    return Firing.objects.filter(outcome=Outcome.QUEUED)


def start_queued() -> int:
    """Starts what waited for a run that has ended since; how many."""
    waiting = list(_queued().values_list("pk", flat=True)[:BATCH])
    return sum(_start_queued(pk) for pk in waiting)


@transaction.atomic
def _start_queued(pk: int) -> bool:
    firing = _queued().filter(pk=pk).select_related("schedule").first()
    if firing is None:
        return False
    free = Workflow.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    workflow = free.filter(pk=firing.workflow_id).select_related("project").first()
    if workflow is None or not _queued().filter(pk=pk).exists():  # another clock has it, or had it
        return False
    schedule = firing.schedule
    if schedule is None or schedule.paused_at or not workflow.is_active:
        firing.outcome, firing.reason = Outcome.SKIPPED, "The schedule was switched off while it waited."
    elif still_running(schedule):
        return False
    else:
        schedule.workflow = workflow
        started = _start(schedule, firing.due_at, firing.seen_at, [], [])
        firing.outcome, firing.reason, firing.run, firing.alarm = (
            started.outcome,
            started.reason,
            started.run,
            started.alarm,
        )
    firing.save()
    return firing.run is not None

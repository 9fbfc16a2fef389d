"""What Celery's beat does from time to time. The rows are the administrator's: once made they are left alone."""

from __future__ import annotations

from typing import Any

from celery.signals import beat_init
from django.db import transaction
from django.db.models import QuerySet
from django_celery_beat.models import IntervalSchedule, PeriodicTask

# Name, task, every so many minutes.
HOUSEKEEPING = (
    # The clock's own loop is quicker by far; this is for the day when no clock runs.
    ("Start what is due by schedule", "runs.tasks.start_what_is_due", 1),
    # Every worker does it every five seconds; this is for the day when none is left that can.
    ("Sweep up after workers", "runs.tasks.sweep_up", 1),
    ("Tell alert workflows of what failed", "runs.tasks.tell_of_what_failed", 5),
    ("Forget old starts and alerts", "runs.tasks.prune_firings", 24 * 60),
    ("Delete old runs", "runs.tasks.prune_runs", 60),
    ("Forget old webhook deliveries", "runs.tasks.prune_deliveries", 10),
    ("Clear sessions that have expired", "runs.tasks.clear_expired_sessions", 24 * 60),
)


def ensure_housekeeping(**_: Any) -> None:
    """Enters what is not there yet."""
    with transaction.atomic():
        for name, task, minutes in HOUSEKEEPING:
            every, _made = IntervalSchedule.objects.get_or_create(every=minutes, period=IntervalSchedule.MINUTES)
            PeriodicTask.objects.get_or_create(name=name, defaults={"task": task, "interval": every})


def tasks() -> QuerySet[PeriodicTask]:
    """Those of ours, by name."""
    names = [name for name, _, _ in HOUSEKEEPING]
    found: QuerySet[PeriodicTask] = PeriodicTask.objects.filter(name__in=names, interval__isnull=False)
    return found.select_related("interval").order_by("name")


@transaction.atomic
def change(task: PeriodicTask, *, enabled: bool | None, every_minutes: int | None) -> PeriodicTask:
    """None leaves it as it is. Beat notices by the rows themselves."""
    if enabled is not None:
        task.enabled = enabled
    if every_minutes is not None:
        every = {"every": every_minutes, "period": IntervalSchedule.MINUTES}
        task.interval, _made = IntervalSchedule.objects.get_or_create(**every)
    task.save()
    return task


def connect() -> None:
    """Beat does it whenever it starts, in `up` and as a process of its own."""
    beat_init.connect(ensure_housekeeping)

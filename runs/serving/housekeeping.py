"""What Celery's beat does from time to time. The rows are the administrator's: once made they are left alone."""

from __future__ import annotations

from typing import Any

from celery.signals import beat_init
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

# Name, task, every so many minutes.
HOUSEKEEPING = (
    # The clock's own loop is quicker by far; this is for the day when no clock runs.
    ("Start what is due by schedule", "runs.tasks.start_what_is_due", 1),
    ("Forget old webhook deliveries", "runs.tasks.prune_deliveries", 10),
    ("Clear sessions that have expired", "runs.tasks.clear_expired_sessions", 24 * 60),
)


def ensure_housekeeping(**_: Any) -> None:
    """Enters what is not there yet."""
    with transaction.atomic():
        for name, task, minutes in HOUSEKEEPING:
            every, _made = IntervalSchedule.objects.get_or_create(every=minutes, period=IntervalSchedule.MINUTES)
            PeriodicTask.objects.get_or_create(name=name, defaults={"task": task, "interval": every})


def connect() -> None:
    """Beat does it whenever it starts, in `up` and as a process of its own."""
    beat_init.connect(ensure_housekeeping)

"""Celery's doors. A wake-up says only that there is work; the run table says which. The rest is housekeeping."""

from contextlib import closing

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from runs import alerts, firings, retention, schedules
from runs.engine import sweeping, wake
from runs.engine.database import connect
from runs.hooks import deliveries


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def wake_worker() -> None:
    wake.ring()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def start_what_is_due() -> None:
    schedules.fire_due()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep_up() -> None:
    with closing(connect()) as database:
        sweeping.sweep_up(database)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def clear_expired_sessions() -> None:
    call_command("clearsessions")


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def prune_deliveries() -> None:
    deliveries.prune(timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def prune_runs() -> None:
    retention.prune(timezone.now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def tell_of_what_failed() -> None:
    alerts.tell_of_runs()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def prune_firings() -> None:
    firings.prune()

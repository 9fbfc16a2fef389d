"""Celery's doors into the engine. A message says only that there is work; the run table says which."""

from celery import shared_task

from runs.engine import wake


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def wake_worker() -> None:
    wake.ring()

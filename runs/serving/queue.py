"""Celery inside the embedded server: a worker and the beat as threads on the in-memory broker.

A message is only a wake-up there as well, so nothing is lost when the process dies with messages in memory.
"""

from __future__ import annotations

import threading

from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import WorkController, state

from runs.tasks import wake_worker

THREADS = 2
STOP_SECONDS = 3.0


class EmbeddedCelery:
    """`start` returns when tasks are taken; `stop` when none are any more."""

    name = "queue"

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._taking = threading.Event()
        self._worker = threading.Thread(target=self._work, name="celery-worker", daemon=True)
        # Celery's own default here is a scheduler that keeps a file, whatever the settings say.
        self._beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)

    def start(self) -> None:
        state.should_stop = None
        self._worker.start()
        self._taking.wait(10)
        self._beat.start()

    def works(self) -> bool:
        return self._taking.is_set() and self._worker.is_alive() and self._beat.is_alive()

    def stop(self, grace_seconds: float) -> None:
        """Tasks are wake-ups and end at once, so that there is nothing to wait for but the threads themselves."""
        state.should_stop = 0
        wake_worker.apply_async(retry=False)  # it looks up from an empty queue only every two seconds
        self._beat.service.stop(wait=False)
        self._worker.join(STOP_SECONDS)
        self._beat.join(STOP_SECONDS)

    def _work(self) -> None:
        worker = WorkController(
            app=self._app,
            pool_cls="threads",
            concurrency=THREADS,
            ready_callback=lambda _: self._taking.set(),
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()

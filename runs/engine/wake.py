"""Says that there is work. The run table is the queue: a wake-up that is lost costs up to a second, nothing else.

`wake()` only sets flags. The engine of this process looks at once; other processes hear of it by a Celery
message, which one thread sends, because a broker that is away would keep the caller waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings

logger = logging.getLogger(__name__)

# A message that nobody took by then has been overtaken by the polling.
EXPIRES_SECONDS = 10
# A message costs sender and worker together more than a run does: under load one of them wakes for many runs.
PAUSE_SECONDS = 0.02
COMPLAIN_EVERY_SECONDS = 60

_bells: list[Callable[[], None]] = []


def listen(ring: Callable[[], None]) -> Callable[[], None]:
    """`ring` is called on every wake-up, in any thread, until the function that comes back is called."""
    _bells.append(ring)
    return lambda: _bells.remove(ring)


def ring() -> None:
    """Wakes the engine of this process."""
    for bell in tuple(_bells):
        bell()


def wake() -> None:
    """Wakes this process and the others. Never raises, never blocks."""
    ring()
    if not settings.CELERY_BROKER_URL.startswith("memory:"):
        _sender.poke()


class _Sender:
    """One thread that sends a message at once and the next one a little later: what came meanwhile is said by it."""

    def __init__(self) -> None:
        self._flag = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.failures = 0
        self._complained_at = float("-inf")

    def poke(self) -> None:
        self._flag.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="wake", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        from runs.tasks import wake_worker

        while self._flag.wait():
            self._flag.clear()
            try:
                wake_worker.apply_async(retry=False, expires=EXPIRES_SECONDS)
            except Exception as error:  # a broker fails in many ways; none of them is the caller's concern
                self._failed(error)
            time.sleep(PAUSE_SECONDS)

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        if time.monotonic() - self._complained_at > COMPLAIN_EVERY_SECONDS:
            self._complained_at = time.monotonic()
            logger.warning("Workers were not woken (%d times by now); they look every second: %s", self.failures, error)


_sender = _Sender()

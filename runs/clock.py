"""The clock: a thread that sleeps to the next due time, at most a second, and fires what is due. No broker is on
this road, and any number of clocks may run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import Error as DatabaseFault
from django.db import connection

from runs import alerts, backfills, schedules

log = logging.getLogger(__name__)

LONGEST_SLEEP_SECONDS = 1.0
# So long before something is due nothing else is begun.
QUIET_SECONDS = 0.1


class Clock:
    name = "clock"

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._did_the_rest_at = float("-inf")

    def start(self) -> None:
        self._thread.start()

    def works(self) -> bool:
        return self._thread.is_alive()

    def stop(self, grace_seconds: float) -> None:
        """A tick is one short transaction: there is nothing to wait for but its end."""
        self._stop.set()
        self._thread.join(grace_seconds)

    def _run(self) -> None:
        while not self._stop.wait(self._tick()):
            pass
        connection.close()

    def _tick(self) -> float:
        """Fires until nothing is due; how many seconds to sleep."""
        fired = self._trying("start what is due", schedules.fire_due)
        if fired is None or self._stop.is_set():
            return LONGEST_SLEEP_SECONDS
        if fired:
            return 0.0
        seconds = self._trying("look ahead", _until_next_due)
        if seconds is None:
            return LONGEST_SLEEP_SECONDS
        if seconds > QUIET_SECONDS and time.monotonic() - self._did_the_rest_at >= LONGEST_SLEEP_SECONDS:
            self._did_the_rest_at = time.monotonic()
            self._trying("start what waited", schedules.start_queued)
            self._trying("go on with backfills", backfills.advance)
            self._trying("tell of what failed", alerts.tell_of_runs)
            seconds = self._trying("look ahead", _until_next_due) or 0.0
        return seconds

    def _trying(self, what: str, duty: Callable[[], int | float]) -> int | float | None:
        """None when it failed: it is tried again at the next tick, and the clock goes on."""
        try:
            return duty()
        except DatabaseFault as fault:
            log.warning("The clock cannot %s and tries again: %s", what, fault)
        except Exception:
            log.exception("The clock cannot %s and tries again.", what)
        connection.close()
        return None


def _until_next_due() -> float:
    """Seconds, at most one. What is due by then is worked out ahead."""
    now = schedules.database_now()
    due = schedules.prepare(now + timedelta(seconds=LONGEST_SLEEP_SECONDS))
    if due is None:
        return LONGEST_SLEEP_SECONDS
    seconds = (due - schedules.LEAD - schedules.database_now()).total_seconds()
    return min(max(seconds, 0.0), LONGEST_SLEEP_SECONDS)

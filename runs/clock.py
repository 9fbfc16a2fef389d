"""The clock: a thread that sleeps to the next due time, at most a second, and fires what is due. No broker is on
this road, and any number of clocks may run."""

from __future__ import annotations

import logging
import threading

from django.db import Error as DatabaseFault
from django.db import connection

from runs import schedules

log = logging.getLogger(__name__)

LONGEST_SLEEP_SECONDS = 1.0


class Clock:
    name = "clock"

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

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
        try:
            while not self._stop.is_set() and schedules.fire_due() >= schedules.BATCH:
                pass
            due, now = schedules.next_due_at(), schedules.database_now()
        except DatabaseFault as fault:
            log.warning("the clock cannot reach the database and tries again: %s", fault)
            connection.close()
            return LONGEST_SLEEP_SECONDS
        if due is None:
            return LONGEST_SLEEP_SECONDS
        return min(max((due - now).total_seconds(), 0.0), LONGEST_SLEEP_SECONDS)

"""A worker process's right to write: its row, renewed by a thread of its own, and what it may do meanwhile.

Everything scales with the lease. At 30 s: renewed every 10 s; not renewed for 20 s, the process starts no
effect and stops the running ones, 10 s before others may take over.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from runs.engine import queries
from runs.engine.database import Database


class EngineClock:
    """The database's time, carried on by the monotonic clock. Never ahead of the database."""

    def __init__(self) -> None:
        self._anchor = (datetime.now(UTC), time.monotonic())

    def set(self, database_time: datetime) -> None:
        self._anchor = (database_time, time.monotonic())

    def at_least(self, database_time: datetime) -> None:
        """The database has just said that it is so late."""
        if self.now() < database_time:
            self.set(database_time)

    def now(self) -> datetime:
        moment, then = self._anchor
        return moment + timedelta(seconds=time.monotonic() - then)


class Lease:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._renewed = float("-inf")

    @property
    def beat_every(self) -> float:
        return self.seconds / 3

    @property
    def loop_may_stall(self) -> float:
        """A loop that has not ticked for so long is not healthy, and its worker's lease is not renewed."""
        return max(self.seconds / 6, 0.5)

    def renewed(self, asked_at: float) -> None:
        """Counted from before the question, on the monotonic clock."""
        self._renewed = asked_at

    def lose(self) -> None:
        self._renewed = float("-inf")

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self._renewed < self.seconds * 2 / 3


def register(database: Database, worker: str, lease: Lease, about: Mapping[str, Any]) -> datetime:
    """Makes the worker's row, which also says this `about` it, and gives the database's time."""
    asked_at = time.monotonic()
    now = database.now()
    where = {"host": socket.gethostname()[:255], "pid": os.getpid()}
    database.change(queries.REGISTER, {"worker": worker, **_until(now, lease), **where, **about})
    lease.renewed(asked_at)
    return now


def renew(database: Database, worker: str, lease: Lease) -> datetime | None:
    """The database's time; None when this worker was declared dead."""
    asked_at = time.monotonic()
    now = database.now()
    if not database.change(queries.HEARTBEAT, {"worker": worker, **_until(now, lease)}):
        return None
    lease.renewed(asked_at)
    return now


def _until(now: datetime, lease: Lease) -> dict[str, object]:
    return {"lease": lease.seconds, "lease_until": now + timedelta(seconds=lease.seconds)}


class Ticks:
    """When the event loop last came round, for the thread that must know."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def tick(self) -> None:
        self._at = time.monotonic()

    def age(self) -> float:
        return time.monotonic() - self._at

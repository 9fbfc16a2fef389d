"""A connection to PostgreSQL that gives up a server which does not answer.

A server that is frozen, or a network that swallows what is sent, breaks no connection: the kernel on the other side
may go on acknowledging, and who waits for an answer would wait for ever. Neither the server's own time-outs nor TCP's
see it.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

R = TypeVar("R")

CONNECT_SECONDS = 4
ANSWER_SECONDS = 10.0
"""What we ask takes a fraction of it on the slowest machine, the longest wait for a lock included."""

_LOOK_EVERY = 0.1  # psycopg's own: how often it looks for Ctrl-C


class BoundedConnection(psycopg.Connection[Any]):
    """Raises OperationalError, and is closed, when an answer takes longer than `answer_seconds`. Whether what was
    asked is done then, nobody knows."""

    answer_seconds: float | None = ANSWER_SECONDS
    """None: as long as it takes."""

    def wait(self, gen: PQGen[R], interval: float = _LOOK_EVERY, timeout: float | None = None) -> R:
        if timeout is not None or self.answer_seconds is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except psycopg.errors._WaitTimeout:  # psycopg has no other name for it
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.answer_seconds:g} s") from None

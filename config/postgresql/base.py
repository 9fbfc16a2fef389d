"""The backend that settings name; Django looks for it under this file's name."""

from __future__ import annotations

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def close(self) -> None:
        """One connection that was lost says that the others in the pool may lie dead too: they are made anew.

        Else each of them costs one caller a 503. The pool's own check at every loan is no way out: it
        pauses longer and longer between two dead ones, up to its time-out.
        """
        was_lost = self.connection is not None and self.connection.closed
        super().close()
        if was_lost and self.pool:
            self.pool.drain()

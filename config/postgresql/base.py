"""The backend that settings name; Django looks for it under this file's name."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def prepared_cursor(self) -> Any:
        """For questions that are put again and again: the server keeps its plan of each. Django's other cursors fill
        the values in themselves, and it makes a plan every time."""
        self.ensure_connection()
        cursor: Any = base.ServerBindingCursor
        make = self.make_debug_cursor if self.queries_logged else self.make_cursor
        return make(cursor(self.connection))

    def close(self) -> None:
        """One connection that was lost says that the others in the pool may lie dead too: they are made anew.

        Else each of them costs one caller a 503. The pool's own check at every loan is no way out: it
        pauses longer and longer between two dead ones, up to its time-out.
        """
        was_lost = self.connection is not None and self.connection.closed
        super().close()
        if was_lost and self.pool:
            self.pool.drain()

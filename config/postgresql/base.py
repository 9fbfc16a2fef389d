"""The backend that settings name; Django looks for it under this file's name."""

from __future__ import annotations

from typing import Any, Self

from django.db.backends.postgresql import base, operations, schema

from wire.postgres import ANSWER_SECONDS


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """For who counts queries: a prepared one keeps no text with its values, so it is told with its places."""
        told: str | None = super().last_executed_query(cursor, sql, params)
        return told or sql


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """A change of tables, or of all that is in them, takes as long as it takes."""

    def __enter__(self) -> Self:
        self.connection.ensure_connection()
        self.connection.connection.answer_seconds = None
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        try:
            super().__exit__(*error)
        finally:
            if self.connection.connection is not None:
                self.connection.connection.answer_seconds = ANSWER_SECONDS


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor

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

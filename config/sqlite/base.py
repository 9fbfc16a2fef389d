"""The backend that settings name; Django looks for it under this file's name."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

from wire.turns import turns_for


class PreparedCursor(base.SQLiteCursorWrapper):
    """Keeps how a statement with Django's places for values reads here: to write it so takes almost as long as the
    answer."""

    @staticmethod
    @lru_cache(maxsize=256)
    def _converted(query: str) -> str:
        return str(base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        return self._converted(query)


class DatabaseWrapper(base.DatabaseWrapper):
    """Writers of this process take turns. SQLite itself lets each look again after a while that grows to a tenth of a
    second, and beside a busy journal the others would hardly ever find the file free. What guards the data is
    SQLite's own lock, as ever: whose turn does not come within the time-out goes on and asks for that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

    def prepared_cursor(self) -> Any:
        """For questions that are put again and again; sqlite3 itself keeps their statements."""
        self.ensure_connection()
        cursor = self.connection.cursor(factory=PreparedCursor)
        return self.make_debug_cursor(cursor) if self.queries_logged else self.make_cursor(cursor)

    def _start_transaction_under_autocommit(self) -> None:
        self._has_turn = self._turns.take(self.settings_dict["OPTIONS"].get("timeout", 5))
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._give_turn()

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        self._give_turn()

    def _close(self) -> None:
        super()._close()  # type: ignore[misc]  # the stubs leave these four out
        self._give_turn()

    @property
    def _turns(self) -> Any:
        return turns_for(str(self.settings_dict["NAME"]))

    def _give_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turns.give()

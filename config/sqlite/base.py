"""The backend that settings name; Django looks for it under this file's name."""

from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base

from wire.turns import turns_for


class DatabaseWrapper(base.DatabaseWrapper):
    """Writers of this process take turns. SQLite itself lets each look again after a while that grows to a tenth of a
    second, and beside a busy journal the others would hardly ever find the file free. What guards the data is
    SQLite's own lock, as ever: whose turn does not come within the time-out goes on and asks for that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

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

"""What nodes under way say of how far they are: on record at most once a second for each, and the last word always."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from runs.engine.context import Progress
from runs.engine.lines import Attempt
from runs.engine.masking import Mask
from wire.strict_json import dumps

EVERY_SECONDS = 1.0


class Reports:
    def __init__(self, loop: asyncio.AbstractEventLoop, mask: Mask, record: Callable[[Attempt], None]) -> None:
        """`record` sends a line's progress to the journal."""
        self._loop = loop
        self._mask = mask
        self._record = record
        self._next: dict[str, float] = {}
        """By line: from when the next report is recorded."""
        self._pending: dict[str, asyncio.TimerHandle] = {}

    def hear(self, line: Attempt, progress: Progress) -> None:
        line.progress = self._mask.in_json(dumps(progress))
        if line.is_new or line.status != "started" or line.id in self._pending:
            return
        seconds = self._next.get(line.id, 0.0) - self._loop.time()
        if seconds <= 0:
            self._say(line)
        else:
            self._pending[line.id] = self._loop.call_later(seconds, self._say, line)

    def _say(self, line: Attempt) -> None:
        self._pending.pop(line.id, None)
        if line.status == "started":
            self._next[line.id] = self._loop.time() + EVERY_SECONDS
            self._record(line)

    def forget(self, line: Attempt) -> None:
        """The attempt is over, and its own line says the rest."""
        self._next.pop(line.id, None)
        if pending := self._pending.pop(line.id, None):
            pending.cancel()

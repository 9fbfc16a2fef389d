"""The attempts of one run: which are open, how many there were at each place, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from runs.engine.claimed import Past
from runs.engine.compiled import Step
from runs.engine.lines import Attempt
from runs.engine.outbox import Outbox
from runs.engine.plan import Place
from wire.ids import new_id


class Ledger:
    def __init__(self, past: Past, step: Callable[[Place], Step], outbox: Outbox, now: Callable[[], datetime]) -> None:
        self.open = {line.place: replace(line, kind=step(line.place).kind) for line in past.open.values()}
        """The line of every attempt that is under way, or waits."""
        self._numbers = past.numbers
        self._failures = past.failures
        self._step = step
        self._outbox = outbox
        self._now = now

    def new(self, place: Place) -> Attempt:
        number = self._numbers[place] = self._numbers.get(place, 0) + 1
        return Attempt(new_id("fl_log"), place, self._step(place).kind, number, "started", self._now())

    def not_begun(self, line: Attempt) -> None:
        """The attempt did not take place after all."""
        self._numbers[line.place] -= 1

    def say(self, line: Attempt, status: str) -> None:
        """How the attempt ended."""
        line.status, line.completed_at = status, self._now()
        self.open.pop(line.place, None)
        self._outbox.say(line)

    def failures(self, place: Place) -> int:
        """Counts one more."""
        count = self._failures[place] = self._failures.get(place, 0) + 1
        return count

"""The attempts of one run: which are open, how many there were at each place, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from runs.engine.claimed import Past, kept_size
from runs.engine.compiled import Step
from runs.engine.lines import Attempt
from runs.engine.outbox import Outbox
from runs.engine.plan import Place
from wire.ids import new_id

# Characters of JSON. A run beyond it fails; the worker that holds it, and the other runs there, must not.
MAX_RUN_CHARS = 64_000_000


class Ledger:
    def __init__(self, past: Past, step: Callable[[Place], Step], outbox: Outbox, now: Callable[[], datetime]) -> None:
        self.open = {line.place: replace(line, kind=step(line.place).kind) for line in past.open.values()}
        """The line of every attempt that is under way, or waits."""
        self._numbers = past.numbers
        self._failures = past.failures
        self._size = past.size + sum(size for place, size in past.opening_sizes.items() if step(place).makes_items)
        self._step = step
        self._outbox = outbox
        self._now = now

    def new(self, place: Place) -> Attempt:
        number = self._numbers[place] = self._numbers.get(place, 0) + 1
        return Attempt(new_id("fl_log"), place, self._step(place).kind, number, "started", self._now())

    def not_begun(self, line: Attempt) -> None:
        """The attempt did not take place after all."""
        self._numbers[line.place] -= 1

    @property
    def is_too_large(self) -> bool:
        """All that the run keeps in memory together."""
        return self._size > MAX_RUN_CHARS

    def opened(self, line: Attempt) -> None:
        """A container is at work; `line.passes` says what it goes over."""
        self.open[line.place] = line
        if self._step(line.place).makes_items:
            self._size += len(line.passes or "")

    def say(self, line: Attempt, status: str) -> None:
        """How the attempt ended."""
        self._size += kept_size(line.output, line.handle, line.error)
        line.status, line.completed_at = status, self._now()
        self.open.pop(line.place, None)
        self._outbox.say(line)

    def failures(self, place: Place) -> int:
        """Counts one more."""
        count = self._failures[place] = self._failures.get(place, 0) + 1
        return count

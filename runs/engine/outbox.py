"""What one run has to say gathers here and goes to the journal in one piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from runs.engine.arrivals import Admission, Arrival
from runs.engine.lines import Attempt, Close, Entry, Memory, OpenWait, Release, Verdict
from runs.engine.plan import Place


class Journaling(Protocol):
    def submit(self, entry: Entry) -> None: ...


@dataclass(slots=True)
class Sent:
    """An entry, as far as the run must know it when the journal answers."""

    starts: list[Place]
    """Where nodes begin now that their start lines are on disk."""
    entry: Entry

    @property
    def end(self) -> Close | Release | None:
        """As it was recorded: of a run that was asked to stop, every end is that."""
        return self.entry.end


@dataclass(slots=True)
class Outbox:
    run_id: str
    epoch: int
    parent_id: str | None
    journal: Journaling
    told: Callable[[Sent, Verdict], None]
    arrival: Arrival | None = None
    """Until the first piece is sent, and with it the run itself goes to disk."""
    known: Memory = field(default_factory=Memory)
    _starts: list[Place] = field(default_factory=list)
    _entry: Entry = field(init=False)

    def __post_init__(self) -> None:
        self._entry = self._blank()

    def begin(self, line: Attempt) -> None:
        """The node begins when this is on disk."""
        self._starts.append(line.place)
        self.say_started(line)

    def say_started(self, line: Attempt) -> None:
        """The attempt is under way; said once, on a copy, for the line itself goes on changing."""
        if line.is_new:
            self._entry.attempts.append(replace(line))
            line.is_new = False

    def say(self, line: Attempt) -> None:
        """How the attempt ended."""
        self._entry.attempts.append(line)

    def say_progress(self, line: Attempt) -> None:
        self._entry.progress.append((line.id, line.progress or ""))

    def wait(self, wait: OpenWait) -> None:
        self._entry.waits.append(wait)

    def met(self, wait: OpenWait) -> None:
        """One that is over before it was said does not come to disk."""
        unsaid = [other for other in self._entry.waits if other is not wait]
        if len(unsaid) < len(self._entry.waits):
            self._entry.waits = unsaid
            return
        self._entry.met.append((wait.place, wait.attempt))

    def take(self, place: Place, event_id: int) -> None:
        self._entry.taken.append((place, event_id))

    def assign(self, event_id: int) -> None:
        """Variables were set from outside: behind all that was said so far, before what is said next."""
        self.flush()
        self._entry.assigned.append(event_id)

    def make_run(self, row: dict[str, Any]) -> None:
        self._entry.children.append(row)

    def stop_run(self, child_id: str) -> None:
        self._entry.unwanted.append(child_id)

    def respond(self, answer: str) -> None:
        self._entry.response = self._entry.response or answer

    def flush(self, end: Close | Release | None = None) -> None:
        entry = self._entry
        if end is None and not (entry.says_something or self.arrival):
            return
        entry.end = end
        entry.arrival, self.arrival = self.arrival, None
        entry.then = partial(self._answered, self._starts)
        self._entry, self._starts = self._blank(), []
        self.journal.submit(entry)

    def give_up(self) -> None:
        """The run will say nothing; if nothing of it is on disk yet, it is not taken."""
        if self.arrival is not None:
            arrival, self.arrival = self.arrival, None
            arrival.told(Admission.REFUSED)

    def _answered(self, starts: list[Place], entry: Entry, verdict: Verdict) -> None:
        self.told(Sent(starts, entry), verdict)

    def _blank(self) -> Entry:
        return Entry(self.run_id, self.epoch, _unsent, parent_id=self.parent_id, known=self.known)


def _unsent(entry: Entry, verdict: Verdict) -> None:
    raise AssertionError("an entry is answered after it was sent")

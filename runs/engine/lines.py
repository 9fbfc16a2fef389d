"""What a run has to say to the journal, and what the journal answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runs.engine.arrivals import Arrival

from runs.engine.plan import Place


class Verdict(Enum):
    RECORDED = "recorded"
    TERMINATE = "terminate"  # outcomes are recorded; nothing may start any more
    SUSPEND = "suspend"  # the same, but what is under way may finish
    REFUSED = "refused"  # the run is in other hands: drop it, write nothing
    UNSTORABLE = "unstorable"  # the database would not take a value: the run was closed as failed


@dataclass(slots=True)
class Attempt:
    """One attempt at one place, as its log row will say. Values are JSON text."""

    id: str
    place: Place
    kind: str
    number: int
    status: str
    started_at: datetime
    completed_at: datetime | None = None
    handle: str | None = None
    output: str | None = None
    error: str | None = None
    messages: str | None = None
    progress: str | None = None
    """How far the node said last that it is."""
    passes: str | None = None
    """What a container was opened with."""
    is_new: bool = True
    """Not yet on disk: inserted. Else the row with its start line is settled."""


@dataclass(slots=True)
class OpenWait:
    """What a node waits for. `outcome` is what it completes with when `wake_at` comes; an event and a child's end
    bring their own."""

    place: Place
    attempt: int
    kind: str
    wake_at: datetime | None = None
    outcome: Any = None
    child_id: str | None = None
    name: str | None = None
    correlation: str | None = None
    poll_at: datetime | None = None
    """From when on workers may take the task."""
    priority: int = 0
    domains: str | None = None
    """Whose workers may take it, each name between commas."""


@dataclass(slots=True)
class Close:
    status: str
    output: str | None = None
    error: str | None = None
    has_waits: bool = True
    """Something is still waited for: timers are over with the run, and children are asked to stop."""
    by_plan: bool = False
    """Nothing is left to do. A suspended run ends so only when it was resumed."""


@dataclass(slots=True)
class Release:
    """Hands the run back: to wait, or `at_once` to whoever claims it next."""

    at_once: bool = False
    is_refused: bool = False
    """By a worker that did not even begin with it."""
    seen: int | None = None
    """How many events its inbox had when it was last read: if there are more now, the run is ready again."""


@dataclass(slots=True)
class Memory:
    """What the journal knows of a run that it wrote for; only its own thread looks at it."""

    seq: int | None = None
    """Its sequence number after that, if the run then went on and nothing was asked of it."""


@dataclass(slots=True)
class Entry:
    """Everything that one run has to say at one moment; recorded together or not at all."""

    run_id: str
    epoch: int
    then: Callable[[Entry, Verdict], None]
    attempts: list[Attempt] = field(default_factory=list)
    waits: list[OpenWait] = field(default_factory=list)
    met: list[tuple[Place, int]] = field(default_factory=list)
    """Waits that are over, by place and attempt."""
    assigned: list[int] = field(default_factory=list)
    """Events that set variables, taken over before all else that is said here."""
    taken: list[tuple[Place, int]] = field(default_factory=list)
    """Events that were delivered, and where."""
    progress: list[tuple[str, str]] = field(default_factory=list)
    """How far attempts are, by log."""
    children: list[dict[str, Any]] = field(default_factory=list)
    """Runs to be made, as rows."""
    unwanted: list[str] = field(default_factory=list)
    """Child runs that are to stop: nobody waits for them any more."""
    response: str | None = None
    end: Close | Release | None = None
    parent_id: str | None = None
    arrival: Arrival | None = None
    """The run itself, when it is not on disk yet."""
    known: Memory = field(default_factory=Memory)
    """The same for all that one holder of the run has to say."""

    @property
    def says_something(self) -> bool:
        """Beside an end."""
        return bool(self.attempts or self.waits or self.met or self.children or self.assigned or self.progress)

    @property
    def says_more_than_attempts(self) -> bool:
        """Beside an end or a response."""
        waiting = self.waits or self.met or self.assigned or self.taken
        return bool(waiting or self.progress or self.children or self.unwanted)

    @property
    def starts_something(self) -> bool:
        return bool(self.waits or self.children) or any(line.status == "started" for line in self.attempts)

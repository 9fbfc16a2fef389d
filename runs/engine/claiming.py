"""Which runs a worker takes: the most urgent ones, none whose node kinds it does not know, and a run that may have
killed its workers only alone.

A run whose last owners died without recording anything is a suspect. The worker that sees one waiting first reserves
it and takes nothing else until it holds nothing; then that one run, and it goes on as usual when the run has recorded
an outcome. The other workers are not held up by it.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import timedelta

from runs.engine import queries
from runs.engine.abilities import Abilities
from runs.engine.admission import admit, limited_workflows
from runs.engine.claimed import Adoption, claim
from runs.engine.compiled import Compiled, Versions
from runs.engine.database import Database
from runs.engine.journal import Journal
from runs.engine.lines import Entry, Release, Verdict

# How long the other runs may take before they are given back, when a suspect waits.
DRAIN_SECONDS = 5.0

# How long a suspect is kept for the worker that looked last. If that one dies meanwhile, another one takes its place.
RESERVE_SECONDS = 5.0


class Claiming:
    def __init__(self, versions: Versions, abilities: Abilities) -> None:
        self._versions = versions
        self._abilities = abilities
        self._limited: frozenset[str] = frozenset()
        self._reserved: str | None = None
        """A suspect for which this worker drains."""
        self._suspect: str | None = None
        """One that it holds."""
        self._draining_since: float | None = None

    def room(self, held: Collection[str], taken: Collection[str], slots: int) -> int:
        """How many runs may be taken now, beside those that are held and those that were taken and not begun yet."""
        if self._suspect is not None and (self._suspect in held or self._suspect in taken):
            return 0
        self._suspect = None
        if self.is_draining:
            return 0 if held or taken else 1
        return slots - len(held) - len(taken)

    @property
    def is_draining(self) -> bool:
        return self._draining_since is not None

    @property
    def is_overdue(self) -> bool:
        return self._draining_since is not None and time.monotonic() - self._draining_since > DRAIN_SECONDS

    @property
    def is_alone(self) -> bool:
        """Nothing else may be begun here."""
        return self.is_draining or self._suspect is not None

    def learn(self, database: Database) -> None:
        """What is to be left out because this process does not know how to run it."""
        self._abilities.learn(database)

    def look(self, database: Database) -> None:
        """Whether a suspect waits to be taken, for which no other worker drains."""
        until = {"seconds": RESERVE_SECONDS, "until": database.now() + timedelta(seconds=RESERVE_SECONDS)}
        if self._reserved and database.change(queries.RESERVE_LONGER, {**until, "suspect": self._reserved}):
            return
        found = database.rows(queries.RESERVE_SUSPECT, {**until, "unknown": self._abilities.unknown_versions()})
        self._reserved = found[0][0] if found else None
        if self._reserved is None:
            self._draining_since = None
        elif self._draining_since is None:
            self._draining_since = time.monotonic()

    def learn_limits(self, database: Database) -> None:
        """Which workflows limit how many of their runs are under way."""
        self._limited = limited_workflows(database)

    def is_limited(self, workflow_id: str) -> bool:
        return workflow_id in self._limited

    @property
    def has_limits(self) -> bool:
        return bool(self._limited)

    def find(self, database: Database, worker: str, wanted: int) -> list[Adoption]:
        if self._limited:
            admit(database)
        params = {"worker": worker, "slots": wanted, "unknown": self._abilities.unknown_versions()}
        if self._reserved is None:
            return claim(database, queries.CLAIM, params, self._versions)
        found = claim(database, queries.CLAIM_SUSPECT, {**params, "suspect": self._reserved}, self._versions)
        self._reserved = self._draining_since = None
        self._suspect = found[0].run.id if found else None
        return found

    def hear(self, run_id: str, crashes: int) -> None:
        """The database says so of a run of this worker: without crashes it is no suspect any more."""
        if run_id == self._suspect and not crashes:
            self._suspect = None

    def accepts(self, adoption: Adoption, journal: Journal) -> bool:
        """Gives a run back that others may understand, and takes none of its version any more."""
        run, compiled = adoption.run, adoption.compiled
        if not isinstance(compiled, Compiled) or not compiled.is_beyond:
            return True
        self._abilities.learn_of(run.version_id)
        journal.submit(Entry(run.id, run.epoch, _nothing, end=Release(at_once=True, is_refused=True)))
        return False


def _nothing(entry: Entry, verdict: Verdict) -> None:
    """Whatever it is, the run is in other hands."""

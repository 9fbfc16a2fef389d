"""Which runs a worker takes: the most urgent ones, none whose node kinds it does not know, and a run that may have
killed its workers only alone.

A run whose last owners died without recording anything is a suspect. The worker that sees one waiting takes nothing
else until it holds nothing, then that one run, and goes on as usual when the run has recorded an outcome.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from functools import partial

from runs.engine import queries
from runs.engine.admission import admit, limited_workflows
from runs.engine.claimed import Adoption, claim
from runs.engine.compiled import Compiled, Versions
from runs.engine.database import Database
from runs.engine.journal import Journal
from runs.engine.lines import Entry, Release, Verdict

# How long the other runs may take before they are given back, when a suspect waits.
DRAIN_SECONDS = 5.0


class Claiming:
    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._unknown: set[str] = set()
        """Versions with a node kind that this process does not know."""
        self._limited: frozenset[str] = frozenset()
        self._suspect: str | None = None
        self._draining_since: float | None = None

    def room(self, held: Collection[str], slots: int) -> int:
        """How many runs may be taken now."""
        if self._suspect is not None and self._suspect in held:
            return 0
        self._suspect = None
        if self.is_draining:
            return 0 if held else 1
        return slots - len(held)

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

    def look(self, database: Database) -> None:
        """Whether a suspect waits to be taken."""
        if not database.rows(queries.SUSPECTS, {"ids": self._unknown_ids()}):
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
        params = {"worker": worker, "slots": wanted, "unknown": self._unknown_ids()}
        found = claim(database, {**params, "suspects": self.is_draining}, self._versions)
        if self.is_draining:
            self._draining_since = None
            self._suspect = found[0].run.id if found else None
        return found

    def _unknown_ids(self) -> str:
        return json.dumps(sorted(self._unknown))

    def hear(self, run_id: str, crashes: int) -> None:
        """The database says so of a run of this worker: without crashes it is no suspect any more."""
        if run_id == self._suspect and not crashes:
            self._suspect = None

    def accepts(self, adoption: Adoption, journal: Journal) -> bool:
        """Gives a run back that others may understand, and takes none of its version any more."""
        run, compiled = adoption.run, adoption.compiled
        if not isinstance(compiled, Compiled) or compiled.unknown_kind is None:
            return True
        self._unknown.add(run.version_id)
        reason = f"No worker that looked at it knows the node kind {compiled.unknown_kind!r}."
        journal.submit(Entry(run.id, run.epoch, _nothing, end=Release(at_once=True, is_refused=True)))
        journal.call(partial(_say_why, run.id, reason))
        return False


def _nothing(verdict: Verdict) -> None:
    """Whatever it is, the run is in other hands."""


def _say_why(run_id: str, reason: str, database: Database) -> None:
    database.change(queries.SAY_WHY, {"id": run_id, "reason": reason})

"""Runs that come in: their row, what must hold so that they may be taken, and all that is written with them.

An arrival rides in the journal's next batch, with those of other callers. Where the run is born in hand, its
row goes to disk together with the first that it has to say: a run of pure nodes takes one commit from birth to
end. Nothing was promised before that commit, so whatever dies before it loses nothing that was accepted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from runs.engine import queries
from runs.engine.database import Database, Row, Statement
from wire import strict_json


class Admission(Enum):
    TAKEN = "taken"  # the run and what came with it are on disk
    MOVED = "moved"  # the door that it came in by is no longer as it was: look again
    KNOWN = "known"  # its key was used before, for the run `Arrival.known_run_id`
    REFUSED = "refused"  # not by this worker, or not at this moment; nothing was written
    FULL = "full"  # nor was there room for it


@dataclass(slots=True)
class Key:
    """What makes a request one that is taken once: the row of an idempotency key."""

    project_id: str
    scope: str
    key: str
    fingerprint: str
    created_at: datetime
    expires_at: datetime


Door = tuple[str, str, int | None]


@dataclass(slots=True)
class Arrival:
    """`told` is called once, in the loop, when the arrival is on disk or turned away."""

    row: dict[str, Any]
    told: Callable[[Admission], None]
    now: Callable[[], datetime]
    door: Door | None = None
    """A hook's token, the version behind it and its workflow's deadline: still active, and still so, when the run is
    taken."""
    key: Key | None = None
    beside: list[tuple[Statement, dict[str, Any]]] = field(default_factory=list)
    """Rows of other tables that are written in the same commit, each by its INSERT; only with the run."""
    known_run_id: str = ""
    """After KNOWN; `known_is_gone` when that run was purged."""
    known_is_gone: bool = False
    is_withdrawn: bool = False
    """Nobody waits for it any more: what is not yet on disk stays away."""

    @property
    def is_in_hand(self) -> bool:
        return self.row["owner"] is not None

    def key_row(self) -> dict[str, Any]:
        assert self.key is not None, "asked only for arrivals that have one"  # noqa: S101
        answer = strict_json.dumps({"id": self.row["id"]}).encode()
        return {**asdict(self.key), "run_id": self.row["id"], "status_code": 202, "response": answer}


def admit(database: Database, arrivals: Sequence[Arrival], owner: str) -> list[Admission]:
    """Judges arrivals in the transaction that is to take them, and takes their keys."""
    if not arrivals:
        return []
    doors = {arrival.door for arrival in arrivals if arrival.door is not None}
    rows = json.dumps([{"token": token, "version": version} for token, version, _ in doors])
    standing = set(database.rows(queries.STANDING, {"rows": rows, "worker": owner}))
    said = [_judged(arrival, owner, standing) for arrival in arrivals]
    keyed = [each for each, admission in zip(arrivals, said, strict=True) if each.key and admission is Admission.TAKEN]
    known = _take_keys(database, keyed) if keyed else set()
    return [Admission.KNOWN if each.row["id"] in known else so for each, so in zip(arrivals, said, strict=True)]


def _judged(arrival: Arrival, owner: str, standing: set[Row]) -> Admission:
    if arrival.is_withdrawn:
        return Admission.REFUSED
    if arrival.is_in_hand and (arrival.row["owner"] != owner or ("worker", owner, None) not in standing):
        return Admission.REFUSED
    if arrival.door is not None and arrival.door not in standing:
        return Admission.MOVED
    return Admission.TAKEN


def _take_keys(database: Database, arrivals: Sequence[Arrival]) -> set[str]:
    """The ids of those whose key was used before. A rival that has taken one and not yet committed is waited for."""
    rows = {arrival.row["id"]: arrival.key_row() for arrival in arrivals}
    database.change_each(queries.DROP_EXPIRED_KEY, list(rows.values()))
    ours = {run_id for (run_id,) in database.rows_each(queries.TAKE_KEYS, list(rows.values()))}
    again = [arrival for arrival in arrivals if arrival.row["id"] not in ours]
    found = database.rows_each(queries.KEYED_RUNS, [rows[arrival.row["id"]] for arrival in again])
    answers = {tuple(place): (run_id, response) for *place, run_id, response in found}
    for arrival in again:
        key = arrival.key_row()
        run_id, response = answers[key["project_id"], key["scope"], key["key"]]
        arrival.known_run_id = json.loads(bytes(response))["id"]
        arrival.known_is_gone = run_id is None
    return rows.keys() - ours

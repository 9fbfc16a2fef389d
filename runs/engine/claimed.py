"""A run as it was claimed, and how a run that somebody else had before is taken up again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol

from runs.engine import queries
from runs.engine.arrivals import Arrival
from runs.engine.compiled import Compiled, Versions
from runs.engine.database import Database, Params, Statement
from runs.engine.lines import Attempt, Close, Memory, OpenWait
from runs.engine.plan import BrokenPlan, Fixed, Part, Place, Plan
from runs.engine.state import Assignment, Opening, Outcome, State
from runs.engine.statements import CLAIMED_COLUMNS


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    id: str
    epoch: int
    version_id: str
    project_id: str
    workflow_id: str
    trigger_type: str
    trigger_node: str
    trigger_payload: Any
    intent: str
    seq: int
    crashes: int
    depth: int
    priority: int
    parent_id: str | None
    correlation_id: str | None
    metadata: dict[str, str]
    is_draft: bool
    events: int
    created_at: datetime
    started_at: datetime
    deadline_at: datetime | None
    part: Part | None = None


@dataclass(slots=True)
class ChildEnd:
    """How the run that a node waited for ended; all None when it is gone."""

    status: str | None
    output: Any = None
    error: Any = None


@dataclass(slots=True)
class Past:
    """What earlier owners recorded."""

    history: list[tuple[int, Outcome | Assignment]] = field(default_factory=list)
    """By sequence numbers."""
    assigned: list[tuple[int, Assignment]] = field(default_factory=list)
    """By the ids of their events, what nobody has taken over yet."""
    open: dict[Place, Attempt] = field(default_factory=dict)
    """The latest attempt at every place that is not settled: under way, or cut off."""
    numbers: dict[Place, int] = field(default_factory=dict)
    failures: dict[Place, int] = field(default_factory=dict)
    size: int = 0
    """Characters of JSON in all outputs, and in the failures that were handed on."""
    openings: dict[Place, Opening] = field(default_factory=dict)
    """What containers were opened with."""
    opening_sizes: dict[Place, int] = field(default_factory=dict)
    """And how many characters of JSON that is."""
    waits: list[tuple[OpenWait, ChildEnd | None]] = field(default_factory=list)
    skips: dict[Place, tuple[int, Any]] = field(default_factory=dict)
    """What is taken for the outcome of nodes that are not to run, each with the event that said so."""


class Witness(Protocol):
    """Somebody in this process who waits for the run."""

    def told(self, response: str | None, end: Close | None) -> None:
        """What is now on disk: the answer of a respond node, the run's end."""

    def left_alone(self) -> None:
        """The run is in this process's hands no more, and has not ended."""


@dataclass(frozen=True, slots=True)
class Adoption:
    run: ClaimedRun
    compiled: Compiled | BrokenPlan
    past: Past
    arrival: Arrival | None = None
    """Of a run that is born in hand: it goes to disk with the first that it says."""
    witness: Witness | None = None

    @property
    def memory(self) -> Memory:
        """A run that was claimed stands as the claim left it."""
        return Memory(self.run.seq if self.arrival is None and not self.run.intent else None)

    def state(self, plan: Plan) -> State:
        """Where the run stands. Raises BrokenPlan when its trigger is not in the version."""
        run = self.run
        history = (each for _, each in sorted(self.past.history, key=itemgetter(0)))
        return State(plan, run.trigger_payload, run.trigger_node, history, self.past.openings, run.part)


def claim(database: Database, statement: Statement, params: Params, versions: Versions) -> list[Adoption]:
    """Takes up to `slots` runs, the most urgent first, with all that is needed to go on with them. `params` are
    those of the statement."""
    rows = database.rows(statement, params)
    if not rows:
        return []
    runs = [_claimed(database, row[1:]) for row in sorted(rows, key=_urgency)]
    compiled = versions.get(database, [run.version_id for run in runs])
    pasts = _pasts(database, [run.id for run in runs if run.epoch > 1 or run.events])
    return [Adoption(run, compiled[run.version_id], pasts.get(run.id) or Past()) for run in runs]


def _urgency(row: Sequence[Any]) -> tuple[Any, ...]:
    """RETURNING keeps no order: by priority, then by how long the run has been due."""
    named = dict(zip(CLAIMED_COLUMNS, row[1:], strict=True))
    return -named["priority"], row[0] or 0, named["id"]


def _claimed(database: Database, row: Sequence[Any]) -> ClaimedRun:
    named = dict(zip(CLAIMED_COLUMNS, row, strict=True))
    for column in ("created_at", "started_at", "deadline_at"):
        named[column] = database.moment(named[column])
    named["trigger_payload"] = json.loads(named["trigger_payload"])
    named["metadata"] = json.loads(named["metadata"])
    partial = named.pop("partial")
    named["part"] = None if partial is None else part_of(json.loads(partial))
    return ClaimedRun(**named)


def part_of(partial: Mapping[str, Any]) -> Part:
    """What a run's row says of the part that it is about."""
    fixed = {node_id: Fixed(**said) for node_id, said in partial.get("fixed", {}).items()}
    return Part(frozenset(partial["targets"]), frozenset(partial["given"]), fixed, partial.get("passes", {}))


def _pasts(database: Database, run_ids: list[str]) -> dict[str, Past]:
    if not run_ids:
        return {}
    ids = {"ids": json.dumps(run_ids)}
    pasts = {run_id: Past() for run_id in run_ids}
    for run_id, *row in database.rows(queries.HISTORY, ids):
        _replay(pasts[run_id], row, database)
    for run_id, seq, event_id, values in database.rows(queries.VARIABLES, ids):
        numbered, assignment = (event_id if seq is None else seq), Assignment(json.loads(values))
        (pasts[run_id].assigned if seq is None else pasts[run_id].history).append((numbered, assignment))
    for run_id, event_id, node_id, payload in database.rows(queries.SKIPS, ids):
        pasts[run_id].skips.setdefault(Place(node_id), (event_id, json.loads(payload)))
    for run_id, *row in database.rows(queries.OPEN_WAITS, ids):
        pasts[run_id].waits.append(_open_wait(row, database))
    return pasts


def _replay(past: Past, row: Sequence[Any], database: Database) -> None:
    seq, log_id, node_id, iteration, number, status, handle, output, error, passes, started_at = row
    place = Place(node_id, iteration)
    if number < past.numbers.get(place, 0):
        return
    past.numbers[place] = number
    past.open.pop(place, None)
    if passes is not None:
        past.openings[place] = Opening(**json.loads(passes))
        past.opening_sizes[place] = len(passes)
    past.size += kept_size(output, handle, error)
    if status == "completed":
        past.history.append((seq, Outcome(place, None if output is None else json.loads(output), handle)))
    elif handle is not None:
        past.history.append((seq, Outcome(place, error_value(place, json.loads(error)), handle, failed=True)))
    elif status == "terminated":
        return  # stopped in favour of another branch: the state knows why
    elif status == "failed":
        past.failures[place] = past.failures.get(place, 0) + 1
    else:
        began = database.moment(started_at)
        assert began is not None, "a log always says when it started"  # noqa: S101 - the column is NOT NULL
        past.open[place] = Attempt(log_id, place, "", number, status, began, passes=passes, is_new=False)


def _open_wait(row: Sequence[Any], database: Database) -> tuple[OpenWait, ChildEnd | None]:
    node_id, iteration, attempt, kind, wake_at, outcome, child_id, name, correlation, *ended = row
    then = None if outcome is None else json.loads(outcome)
    place, moment = Place(node_id, iteration), database.moment(wake_at)
    wait = OpenWait(place, attempt, kind, moment, then, child_id, name, correlation)
    return wait, child_end(*ended) if kind == "child" else None


def child_end(status: str | None, output: str | None, error: str | None) -> ChildEnd | None:
    """None while the child lives; a child that is gone has ended too."""
    if status is not None and status not in ("completed", "failed", "terminated"):
        return None
    return ChildEnd(
        status, None if output is None else json.loads(output), None if error is None else json.loads(error)
    )


def kept_size(output: str | None, handle: str | None, error: str | None) -> int:
    """Characters of JSON of what an attempt leaves in memory; of a failure that is tried again nothing."""
    return len(output or "") + (0 if handle is None else len(error or ""))


def error_value(place: Place, error: dict[str, Any]) -> dict[str, Any]:
    """What a handled failure hands on: the same when it happens and when it is replayed. A container's failure is
    that of the node that failed inside, and names it."""
    iteration = {"iteration": place.iteration} if place.iteration else {}
    return {"error": {"node_id": place.node_id, **iteration, **error}}

"""From what many runs have to say to the rows of one transaction. Decides nothing about the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from runs.engine.arrivals import Admission, Arrival
from runs.engine.database import Statement
from runs.engine.lines import Attempt, Close, Entry, OpenWait, Release, Verdict
from wire.strict_json import dumps

TERMINATE, SUSPEND = "terminate", "suspend"


@dataclass(slots=True)
class Standing:
    """A run that passed the guard, and what becomes of it in this batch."""

    intent: str
    seq: int
    moved: bool = False
    response: str | None = None
    end: Close | Release | None = None
    arrival: Arrival | None = None
    """The run is made in this batch: its row says at once what became of it."""

    @property
    def goes_on(self) -> bool:
        return not self.intent and self.end is None


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard says of the runs of a batch."""

    found: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Intent and sequence number of those that it let through, locked."""
    parents: Set[str] = frozenset()
    """Parents that may be marked ready now; of others the sweeper hears."""
    locked: Set[str] = frozenset()
    """Still this owner's, but a stranger holds the row: to be tried again later."""


@dataclass(slots=True)
class Batch:
    """The rows to write, statement by statement, and the verdict on every entry."""

    runs: dict[str, Standing] = field(default_factory=dict)
    logs: list[dict[str, Any]] = field(default_factory=list)
    settled: list[dict[str, Any]] = field(default_factory=list)
    progress: list[dict[str, Any]] = field(default_factory=list)
    waits: list[dict[str, Any]] = field(default_factory=list)
    met: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    children: list[dict[str, Any]] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    parents: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    """One for each of the entries."""
    locked: list[Entry] = field(default_factory=list)
    """Entries that must wait for a stranger's lock."""
    admissions: dict[str, Admission] = field(default_factory=dict)
    """What became of the runs that came in."""
    makes_ready: bool = False
    """There are runs now that somebody should take."""

    @property
    def born(self) -> list[dict[str, Any]]:
        return [_born_row(run.arrival, run) for run in self.runs.values() if run.arrival is not None]

    @property
    def beside(self) -> dict[Statement, list[dict[str, Any]]]:
        """What else comes to disk with the runs that are made."""
        rows: dict[Statement, list[dict[str, Any]]] = {}
        for run in self.runs.values():
            for statement, row in run.arrival.beside if run.arrival is not None else ():
                rows.setdefault(statement, []).append(row)
        return rows

    @property
    def advanced(self) -> list[dict[str, Any]]:
        return [
            {"id": run_id, "seq": run.seq, "moved": run.moved, "response": run.response}
            for run_id, run in self.runs.items()
            if run.end is None and run.arrival is None
        ]

    @property
    def closed(self) -> list[dict[str, Any]]:
        return [
            {
                "id": run_id,
                "seq": run.seq,
                "status": run.end.status,
                "output": run.end.output,
                "error": run.end.error,
                "response": run.response,
            }
            for run_id, run in self.runs.items()
            if isinstance(run.end, Close) and run.arrival is None
        ]

    @property
    def stop_waiting(self) -> list[str]:
        return [id_ for id_, run in self.runs.items() if isinstance(run.end, Close) and run.end.has_waits]

    @property
    def released(self) -> list[dict[str, Any]]:
        return [
            {
                "id": run_id,
                "seq": run.seq,
                "status": "running" if run.end.at_once and not run.end.is_refused else "waiting",
                "response": run.response,
                "moved": run.moved,
                "at_once": run.end.at_once,
                "seen": run.end.seen,
            }
            for run_id, run in self.runs.items()
            if isinstance(run.end, Release)
        ]


def assemble(entries: Sequence[Entry], admissions: Mapping[str, Admission], guarded: Guarded) -> Batch:
    """Entries of runs that neither the guard let through nor came in with this batch are refused."""
    batch = Batch(admissions=dict(admissions))
    taken = {e.run_id: ("", e.arrival.row["seq"]) for e in entries if e.arrival and _is_taken(e, admissions)}
    found = {**guarded.found, **taken}
    for entry in entries:
        if entry.run_id in guarded.locked:
            batch.locked.append(entry)
        else:
            batch.entries.append(entry)
            batch.verdicts.append(_take(batch, entry, found.get(entry.run_id)))
    batch.parents &= guarded.parents
    return batch


def _is_taken(entry: Entry, admissions: Mapping[str, Admission]) -> bool:
    return admissions.get(entry.run_id) is Admission.TAKEN


def _take(batch: Batch, entry: Entry, found: tuple[str, int] | None) -> Verdict:
    if found is None:
        return Verdict.REFUSED
    run = batch.runs.setdefault(entry.run_id, Standing(*found, arrival=entry.arrival))
    if run.end is not None:
        return Verdict.REFUSED
    verdict = Verdict.RECORDED
    if run.intent == TERMINATE:
        verdict = _hold_back(entry)
    elif run.intent == SUSPEND:
        verdict = _only_what_was_under_way(entry)
    for event_id in entry.assigned:
        run.seq += 1
        batch.taken.append({"id": event_id, "seq": run.seq})
    for line in entry.attempts:
        run.seq += 1
        run.moved = run.moved or line.status in ("completed", "failed")
        (batch.logs if line.is_new else batch.settled).append(_log_row(entry, line, run.seq))
    _take_progress(batch, run, entry)
    if entry.waits:
        run.seq += 1  # that a node waits is news to who watches, also when the run is not given back for it
    _meet(batch, entry)
    batch.waits += [_wait_row(entry.run_id, wait) for wait in entry.waits]
    batch.taken += [{"id": event_id, "seq": None} for _, event_id in entry.taken]
    batch.children += entry.children
    batch.unwanted += entry.unwanted
    run.response = run.response or entry.response
    if entry.end is not None:
        run.seq += 1
        run.end = entry.end
    if isinstance(entry.end, Close) and entry.parent_id:
        batch.parents.add(entry.parent_id)
    return verdict


def _meet(batch: Batch, entry: Entry) -> None:
    """Waits that are over. One that begins and ends in the same batch does not come to disk."""
    met = [
        {"run_id": entry.run_id, "node_id": place.node_id, "iteration": place.iteration, "attempt": attempt}
        for place, attempt in entry.met
    ]
    if met:
        batch.waits = [row for row in batch.waits if {key: row[key] for key in met[0]} not in met]
        batch.met += met


def _take_progress(batch: Batch, run: Standing, entry: Entry) -> None:
    for log_id, progress in entry.progress:
        run.seq += 1
        batch.progress.append({"id": log_id, "seq": run.seq, "progress": progress})


def _hold_back(entry: Entry) -> Verdict:
    """Somebody asked the run to stop: what was done is recorded, what would start is not, and an end is that end."""
    starts = entry.starts_something
    entry.attempts = [line for line in entry.attempts if line.status != "started"]
    entry.waits, entry.children = [], []
    if isinstance(entry.end, Close):
        entry.end = Close("terminated", has_waits=entry.end.has_waits)
        return Verdict.RECORDED
    if entry.end is not None and (entry.end.at_once and not starts):
        return Verdict.RECORDED
    entry.end = None
    return Verdict.TERMINATE


def _only_what_was_under_way(entry: Entry) -> Verdict:
    """The run is suspended: only attempts whose start line was on disk before have anything to say. A pure node's
    outcome is left out too; it comes again after the resume."""
    held_back = {line.place for line in entry.attempts if line.is_new}
    entry.attempts = [line for line in entry.attempts if not line.is_new]
    entry.waits = [wait for wait in entry.waits if wait.place not in held_back]
    entry.met = [met for met in entry.met if met[0] not in held_back]
    entry.taken = [taken for taken in entry.taken if taken[0] not in held_back]
    if isinstance(entry.end, Close) and (entry.end.by_plan or held_back):
        entry.end = Release(at_once=True)
    return Verdict.RECORDED if entry.end is not None else Verdict.SUSPEND


def _born_row(arrival: Arrival, run: Standing) -> dict[str, Any]:
    row = {**arrival.row, "seq": run.seq, "response": run.response}
    if isinstance(run.end, Close):
        row |= {"status": run.end.status, "output": run.end.output, "error": run.end.error}
        row |= {"owner": None, "ready_at": None, "completed_at": arrival.now()}
    return row


def _log_row(entry: Entry, line: Attempt, seq: int) -> dict[str, Any]:
    row = {
        "id": line.id,
        "run_id": entry.run_id,
        "seq": seq,
        "status": line.status,
        "handle": line.handle,
        "output": line.output,
        "error": line.error,
        "messages": line.messages,
        "progress": line.progress,
        "completed_at": line.completed_at,
    }
    if line.is_new:
        row |= {
            "node_id": line.place.node_id,
            "kind": line.kind,
            "iteration": line.place.iteration,
            "attempt": line.number,
            "passes": line.passes,
            "epoch": entry.epoch,
            "started_at": line.started_at,
        }
    return row


def _wait_row(run_id: str, wait: OpenWait) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "node_id": wait.place.node_id,
        "iteration": wait.place.iteration,
        "attempt": wait.attempt,
        "kind": wait.kind,
        "wake_at": wait.wake_at,
        "child_id": wait.child_id,
        "name": wait.name,
        "correlation": wait.correlation,
        "outcome": None if wait.outcome is None else dumps(wait.outcome),
        "done_at": None,
        "poll_at": wait.poll_at,
        "priority": wait.priority,
        "worker": None,
        "polls": 0,
        "polled_at": None,
        "progress": None,
        "domains": wait.domains,
    }

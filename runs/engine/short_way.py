"""The short way of a batch: runs that go on or end by themselves, and of which nobody asked anything since the journal
wrote for them; on PostgreSQL those that come in, too.

What the doors and the guard would say of them is known in advance, so they are not asked first and waited for. What
is written for a run looks whether it is so; runs of which it is not go the long way. On PostgreSQL that is one
statement for all of them, in one round trip; on SQLite, where a statement changes one table, the run's own comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from runs.engine import queries
from runs.engine.arrivals import Admission, Arrival
from runs.engine.batch import Batch, Guarded, assemble
from runs.engine.big_values import BigValues
from runs.engine.database import Database, Params, Statement, json_rows
from runs.engine.lines import Close, Entry
from runs.engine.statements import statement

# A run is found by its id, one after the other, and never among all that the worker has in hand: hence LATERAL and NOT
# DISTINCT.
_MINE = """
    mine AS MATERIALIZED (
        SELECT x.id
          FROM json_to_recordset(:mine) AS x(id varchar(40), epoch integer, since integer)
          JOIN LATERAL (
            SELECT run.id FROM <run> AS run
             WHERE run.id = x.id AND run.owner IS NOT DISTINCT FROM :worker AND run.epoch = x.epoch
               AND run.seq = x.since AND run.intent = '' AND run.status = 'running'
               FOR NO KEY UPDATE SKIP LOCKED) AS run ON run.id = x.id)"""

# Of runs that come in, all or none: their doors are as they were, and this worker may take them in hand.
STANDS = """
    stands AS MATERIALIZED (
        SELECT 1 AS stands
         WHERE NOT EXISTS (
                SELECT 1 FROM json_to_recordset(:doors) AS x(token varchar(60), version varchar(40), deadline integer)
                 WHERE NOT EXISTS (
                    SELECT 1 FROM <workflow> AS workflow
                     WHERE workflow.hook_token = x.token AND workflow.published_id = x.version
                       AND workflow.deadline_seconds IS NOT DISTINCT FROM x.deadline
                       AND workflow.is_active AND workflow.deleted_at IS NULL))
           AND EXISTS (SELECT 1 FROM <worker> WHERE id = :worker AND lease_until > clock_timestamp()))"""

# What there may be to write, each from the JSON text of its name, and of which runs. A statement does not see what the
# others beside it write, but what they return.
_PARTS = {
    "born": (queries.INSERT_RUNS, "WHERE EXISTS (SELECT 1 FROM stands) RETURNING id"),
    "deliveries": (queries.INSERT_DELIVERIES, "WHERE x.run_id IN (SELECT id FROM said)"),
    "begun": (queries.INSERT_LOGS, "WHERE x.run_id IN (SELECT id FROM said)"),
    "settled": (queries.SETTLE_LOGS, "AND x.run_id IN (SELECT id FROM said)"),
    "advanced": (queries.ADVANCE, "AND x.id IN (SELECT id FROM mine)"),
    "closed": (queries.CLOSE, "AND x.id IN (SELECT id FROM mine)"),
}


@cache
def statement_for(names: frozenset[str]) -> Statement:
    """Of what there is to write; answers with the runs for which it was written."""
    said, parts = [], []
    if "mine" in names:
        said, parts = ["SELECT id FROM mine"], [_MINE]
    if "born" in names:
        said.append("SELECT id FROM born")
        parts.append(STANDS)
    for name, (what, condition) in _PARTS.items():
        if name in names:
            parts.append(f"{name} AS ({what.postgresql.replace(':rows', f':{name}')} {condition})")
        if name == "born":
            parts.append(f"said AS ({' UNION ALL '.join(said)})")
    return statement(sqlite="", postgresql=f"WITH {', '.join(parts)} SELECT id FROM said")  # noqa: S608


# On SQLite.
_STILL_MINE = " AND owner = :worker AND epoch = :epoch AND seq = :since AND intent = '' AND status = 'running'"
_ADVANCE_MINE = Statement(queries.ADVANCE.sqlite + _STILL_MINE, "")
_CLOSE_MINE = Statement(queries.CLOSE.sqlite + _STILL_MINE, "")


def foreseen(database: Database, entries: Sequence[Entry], owner: str) -> Batch | None:
    """What is written if nothing was asked of the runs meanwhile. None: there is more to ask or to write than that."""
    known = {entry.run_id: entry.known for entry in entries}
    if not all(_is_simple(entry, owner) and known[entry.run_id] is entry.known for entry in entries):
        return None
    arrivals = {entry.run_id for entry in entries if entry.arrival is not None}
    found = {id_: ("", memory.seq) for id_, memory in known.items() if memory.seq is not None and id_ not in arrivals}
    if len(found) + len(arrivals) < len(known) or (arrivals and not database.has_round_trips):
        return None
    batch = assemble(entries, dict.fromkeys(arrivals, Admission.TAKEN), Guarded(found))
    begun = {row["id"] for row in batch.logs}
    if any(row["id"] in begun for row in batch.settled):  # a statement does not see what it writes
        return None
    big = BigValues()
    big.in_runs([*batch.born, *batch.advanced, *batch.closed])
    big.in_logs([*batch.logs, *batch.settled])
    return None if big else batch


def _is_simple(entry: Entry, owner: str) -> bool:
    arrival, end = entry.arrival, entry.end
    if arrival is not None and not _is_foreseen(arrival, owner):
        return False
    ends_simply = isinstance(end, Close) and not (end.has_waits or entry.parent_id)
    return not entry.says_more_than_attempts and (end is None or ends_simply)


def _is_foreseen(arrival: Arrival, owner: str) -> bool:
    """Whether it is taken if its door is as it was."""
    is_plain = all(statement is queries.INSERT_DELIVERIES for statement, _ in arrival.beside)
    return is_plain and arrival.key is None and not arrival.is_withdrawn and arrival.row["owner"] in (None, owner)


def write(database: Database, batch: Batch, owner: str) -> set[str]:
    """The runs for which it was written: all of their rows, and none of the others'."""
    first = {entry.run_id: entry for entry in reversed(batch.entries)}  # whose epoch and memory are those of all
    mine: list[dict[str, Any]] = [
        {"id": run_id, "epoch": entry.epoch, "since": entry.known.seq}
        for run_id, entry in sorted(first.items())  # locked by id
        if entry.arrival is None
    ]
    if not database.has_round_trips:
        with database.transaction():
            return _write_here(database, batch, {each["id"]: {**each, "worker": owner} for each in mine})
    doors = {entry.arrival.door for entry in first.values() if entry.arrival is not None and entry.arrival.door}
    rows: dict[str, Sequence[Params]] = {
        "mine": mine,
        "doors": [dict(zip(("token", "version", "deadline"), door, strict=True)) for door in doors],
        "born": batch.born,
        "deliveries": batch.beside.get(queries.INSERT_DELIVERIES, []),
        "begun": batch.logs,
        "settled": batch.settled,
        "advanced": batch.advanced,
        "closed": batch.closed,
    }
    said = {name: json_rows(given) for name, given in rows.items() if given or (name == "doors" and batch.born)}
    return {id_ for (id_,) in database.rows(statement_for(frozenset(said)), {**said, "worker": owner})}


def _write_here(database: Database, batch: Batch, mine: Mapping[str, Params]) -> set[str]:
    moved = {row["id"] for row in batch.advanced if database.change(_ADVANCE_MINE, {**row, **mine[row["id"]]})}
    moved |= {row["id"] for row in batch.closed if database.change(_CLOSE_MINE, {**row, **mine[row["id"]]})}
    database.change_each(queries.INSERT_LOGS, [row for row in batch.logs if row["run_id"] in moved])
    database.change_each(queries.SETTLE_LOGS, [row for row in batch.settled if row["run_id"] in moved])
    return moved

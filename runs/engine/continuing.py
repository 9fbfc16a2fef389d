"""The short way of a batch: runs that only go on, and of which nobody asked anything since the journal wrote for them.

What the guard would say of them is known in advance, so it is not asked first and waited for. The statement that
moves a run on looks whether it is so; all else is written for the runs of which it is, and the others go the long way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runs.engine import queries
from runs.engine.batch import Batch, Guarded, assemble
from runs.engine.big_values import BigValues
from runs.engine.database import Database, json_rows
from runs.engine.lines import Entry
from runs.engine.statements import statement

_IS_MINE = "x.run_id IN (SELECT id FROM mine)"

# On SQLite, where a statement changes one table, this is one run's first. PostgreSQL's writes all there is, in one
# round trip; a run is found by its id, one after the other, and never among all that the worker has in hand: hence
# LATERAL and NOT DISTINCT.
CONTINUE = statement(
    sqlite="""
        UPDATE <run> SET seq = :seq, crashes = CASE WHEN :moved THEN 0 ELSE crashes END
         WHERE id = :id AND owner = :worker AND epoch = :epoch AND seq = :since AND intent = '' AND status = 'running'
        """,
    postgresql=f"""
        WITH mine AS MATERIALIZED (
            SELECT x.id, x.seq, x.moved
              FROM json_to_recordset(:runs) AS x(id varchar(40), epoch integer, since integer, seq integer,
                                                 moved boolean)
              JOIN LATERAL (
                SELECT run.id FROM <run> AS run
                 WHERE run.id = x.id AND run.owner IS NOT DISTINCT FROM :worker AND run.epoch = x.epoch
                   AND run.seq = x.since AND run.intent = '' AND run.status = 'running'
                   FOR NO KEY UPDATE SKIP LOCKED) AS run ON run.id = x.id),
        advanced AS (
            UPDATE <run> SET seq = mine.seq, crashes = CASE WHEN mine.moved THEN 0 ELSE crashes END
              FROM mine WHERE <run>.id = mine.id),
        begun AS ({queries.INSERT_LOGS.postgresql.replace(":rows", ":begun")} WHERE {_IS_MINE}),
        settled AS ({queries.SETTLE_LOGS.postgresql.replace(":rows", ":settled")} AND {_IS_MINE})
        SELECT id FROM mine""",  # noqa: S608
)


def foreseen(entries: Sequence[Entry]) -> Batch | None:
    """What is written if nothing was asked of the runs meanwhile. None: there is more to ask or to write than that."""
    known = {entry.run_id: entry.known for entry in entries}
    if not all(_only_goes_on(entry) and known[entry.run_id] is entry.known for entry in entries):
        return None
    found = {run_id: ("", memory.seq) for run_id, memory in known.items() if memory.seq is not None}
    batch = assemble(entries, {}, Guarded(found))
    begun = {row["id"] for row in batch.logs}
    if any(row["id"] in begun for row in batch.settled):  # a statement does not see what it writes
        return None
    big = BigValues()
    big.in_logs([*batch.logs, *batch.settled])
    return None if big else batch


def _only_goes_on(entry: Entry) -> bool:
    says_more = entry.says_more_than_attempts or entry.response is not None or entry.arrival or entry.end
    return entry.known.seq is not None and not says_more


def go_on(database: Database, batch: Batch, owner: str) -> set[str]:
    """The runs for which it was written: all of their rows, and none of the others'. They are locked by id."""
    runs = _moved_on(batch)
    if not database.has_round_trips:
        with database.transaction():
            return _go_on_here(database, batch, runs, owner)
    said = {"runs": json_rows(runs), "begun": json_rows(batch.logs), "settled": json_rows(batch.settled)}
    return {run_id for (run_id,) in database.rows(CONTINUE, {**said, "worker": owner})}


def _moved_on(batch: Batch) -> list[dict[str, Any]]:
    return [
        {"id": entry.run_id, "epoch": entry.epoch, "since": entry.known.seq}
        | {"seq": batch.runs[entry.run_id].seq, "moved": batch.runs[entry.run_id].moved}
        for _, entry in sorted({entry.run_id: entry for entry in batch.entries}.items())
    ]


def _go_on_here(database: Database, batch: Batch, runs: Sequence[dict[str, Any]], owner: str) -> set[str]:
    mine = {run["id"] for run in runs if database.change(CONTINUE, {**run, "worker": owner})}
    database.change_each(queries.INSERT_LOGS, [row for row in batch.logs if row["run_id"] in mine])
    database.change_each(queries.SETTLE_LOGS, [row for row in batch.settled if row["run_id"] in mine])
    return mine

"""The only writer of outcomes: one thread with one connection records what all runs of the process have to say.

What has gathered while a commit was under way goes into the next one (group commit). Every batch asks the
database first which of its runs are still this owner's in this epoch; lines of the others are refused.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from runs.engine import notices, queries, short_way
from runs.engine.arrivals import Admission, admit
from runs.engine.batch import Batch, Guarded, assemble
from runs.engine.big_values import BigValues
from runs.engine.database import LOST, Database, connect, is_full, is_lock
from runs.engine.lines import Attempt, Close, Entry, Verdict
from runs.engine.wake import wake

T = TypeVar("T")

logger = logging.getLogger(__name__)

RETRY_SECONDS = (0.02, 0.1, 0.5, 1.0)
LOCKED_SECONDS = 0.05
"""After so long it is looked again whether a run that a stranger has locked is free."""


@dataclass(slots=True)
class _Call:
    """A question that is asked between two batches."""

    ask: Callable[[Database], Any]
    answer: asyncio.Future[Any]
    goes_first: bool


class Journal:
    def __init__(self, owner: str, loop: asyncio.AbstractEventLoop) -> None:
        self.owner = owner
        """Entries are recorded for this worker only; with a new id all older ones are refused."""
        self._loop = loop
        self._queue: queue.SimpleQueue[Entry | _Call | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._giving_up = threading.Event()
        self._database: Database | None = None
        self._failures = 0
        self._said: list[Entry] = []
        """In this turn of the loop, and not handed over yet."""
        self._set_aside: list[Entry] = []
        """Of runs that a stranger has locked, or while the disk is full; what is said for them later waits behind."""

    # --- from the event loop ---

    def start(self) -> None:
        self._thread.start()

    def submit(self, entry: Entry) -> None:
        """`entry.then` is called in the loop when it is on disk, or refused."""
        if not self._said:
            self._loop.call_soon(self._hand_over)
        self._said.append(entry)

    def _hand_over(self) -> None:
        """What is said in one turn of the loop goes into one batch: a commit costs as much as several runs."""
        said, self._said = self._said, []
        for entry in said:
            self._queue.put(entry)

    def call(self, ask: Callable[[Database], T], *, goes_first: bool = False) -> asyncio.Future[T]:
        """`ask` in the journal's thread, after what was submitted before; or before what is not yet under way."""
        self._hand_over()
        answer: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Call(ask, answer, goes_first))
        return answer

    async def stop(self, seconds: float) -> None:
        """Records what was submitted; what cannot be recorded in that time is left to the next owner."""
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._wait_for_end, seconds)

    def _wait_for_end(self, seconds: float) -> None:
        self._thread.join(seconds)
        self._giving_up.set()
        self._thread.join(5)

    # --- the journal's thread ---

    def _work(self) -> None:
        stopping = False
        while not stopping or (self._set_aside and not self._giving_up.is_set()):
            work = self._gathered()
            stopping = stopping or None in work
            calls = [each for each in work if isinstance(each, _Call)]
            for call in calls:
                if call.goes_first:
                    self._answer(call)
            if entries := [each for each in work if isinstance(each, Entry)]:
                self._write(entries)
            for call in calls:
                if not call.goes_first:
                    self._answer(call)
        self._disconnect()

    def _gathered(self) -> list[Entry | _Call | None]:
        work: list[Entry | _Call | None] = [*self._set_aside]
        self._set_aside = []
        try:
            work.append(self._queue.get(timeout=LOCKED_SECONDS if work else None))
        except queue.Empty:
            return work
        while True:
            try:
                work.append(self._queue.get_nowait())
            except queue.Empty:
                return work

    def _write(self, entries: list[Entry]) -> None:
        """Tries until everything is recorded or refused; one run's trouble does not hold up the others."""
        may_be_short = True
        while entries and not self._giving_up.is_set():
            batch: Batch | None = None
            try:
                database = self._connected()
                if may_be_short and (batch := short_way.foreseen(database, entries, self.owner)):
                    may_be_short = False
                    entries = self._write_short(database, batch)
                    continue
                with database.transaction():
                    batch = self._fill(database, entries)
            except LOST as error:
                if is_lock(error):
                    self._wait_for_lock(entries, error)
                    return
                if is_full(error):
                    self._wait_for_room(entries, error)
                    return
                entries = self._after_loss(entries, batch, error)
            except Exception as error:  # drivers raise more than their own kinds for what they cannot take
                self._one_by_one(entries, error)
                return
            else:
                self._failures = 0
                self._set_aside += batch.locked
                self._deliver(list(zip(batch.entries, batch.verdicts, strict=True)), batch)
                return
        self._refuse(entries)

    def _write_short(self, database: Database, batch: Batch) -> list[Entry]:
        """Goes the short way, and comes back with what must go the long one."""
        written = short_way.write(database, batch, self.owner)
        self._failures = 0
        entries, batch.runs = batch.entries, {run_id: batch.runs[run_id] for run_id in written}
        if written:
            self._deliver([(entry, Verdict.RECORDED) for entry in entries if entry.run_id in written], batch)
        return [entry for entry in entries if entry.run_id not in written]

    def _fill(self, database: Database, entries: Sequence[Entry]) -> Batch:
        """One transaction's worth: the guard, then a statement for each kind of row."""
        batch = assemble(entries, self._admitted(database, entries), self._guarded(database, entries))
        big = BigValues()
        database.change_each(queries.INSERT_RUNS, big.in_runs(batch.born + batch.children))
        for statement, rows in batch.beside.items():
            database.change_each(statement, rows)
        database.change_each(queries.INSERT_LOGS, big.in_logs(batch.logs))
        database.change_each(queries.SETTLE_LOGS, big.in_logs(batch.settled))
        database.change_each(queries.SET_PROGRESS, batch.progress)
        database.change_each(queries.MEET_WAITS, batch.met)
        database.change_each(queries.INSERT_WAITS, big.in_waits(batch.waits))
        database.change_each(queries.TAKE_EVENTS, batch.taken)
        database.change_each(queries.ADVANCE, big.in_runs(batch.advanced))
        freed = database.rows_each(queries.RELEASE, big.in_runs(batch.released))
        database.change_each(queries.CLOSE, big.in_runs(batch.closed))
        big.write(database.change_each)
        if batch.unwanted:
            freed += database.rows(queries.STOP_RUNS, {"ids": json.dumps(batch.unwanted)})
        if ended := batch.stop_waiting:
            ids = {"ids": json.dumps(ended)}
            freed += database.rows(queries.STOP_CHILDREN, ids)
            database.change(queries.END_WAITS, ids)
        if batch.parents:
            database.change(queries.READY_PARENTS, {"ids": json.dumps(sorted(batch.parents))})
        batch.makes_ready = bool(batch.children or batch.parents) or any(since is not None for (since,) in freed)
        return batch

    def _admitted(self, database: Database, entries: Sequence[Entry]) -> dict[str, Admission]:
        """What becomes of the runs that come in with these entries."""
        arrivals = [entry.arrival for entry in entries if entry.arrival is not None]
        said = admit(database, arrivals, self.owner)
        return {arrival.row["id"]: admission for arrival, admission in zip(arrivals, said, strict=True)}

    def _guarded(self, database: Database, entries: Sequence[Entry]) -> Guarded:
        known = {(entry.run_id, entry.epoch) for entry in entries if entry.arrival is None}
        lines = [{"id": run_id, "epoch": epoch} for run_id, epoch in known]
        lines += [
            {"id": entry.parent_id, "epoch": None}
            for entry in entries
            if isinstance(entry.end, Close) and entry.parent_id
        ]
        if not lines:
            return Guarded()
        mine = {"rows": json.dumps(lines), "worker": self.owner}
        rows = database.rows(queries.GUARD, mine)
        found = {run_id: (intent, seq) for run_id, intent, seq, epoch in rows if epoch is not None}
        parents = {run_id for run_id, _, _, epoch in rows if epoch is None}
        missing = any(run_id not in found for run_id, _ in known)
        locked = {run_id for (run_id,) in database.rows(queries.STILL_MINE, mine)} - found.keys() if missing else set()
        return Guarded(found, parents, locked)

    # --- when it goes wrong ---

    def _after_loss(self, entries: list[Entry], batch: Batch | None, error: Exception) -> list[Entry]:
        """No connection: what is still to be recorded. A COMMIT whose answer was lost may
        have counted, so the database is asked; neither is assumed."""
        logger.warning("The journal could not write and tries again: %s", error)
        former = self._database
        self._disconnect()
        counted: list[tuple[Entry, Verdict]] = []
        while batch is not None and not self._giving_up.is_set():
            self._pause()
            try:
                counted = self._counted(batch, former)
                break
            except LOST:
                self._disconnect()
        else:
            self._pause()
        if batch is not None and counted:
            self._deliver(counted, batch)
        done = {id(entry) for entry, _ in counted}
        return [entry for entry in entries if id(entry) not in done]

    def _counted(self, batch: Batch, former: Database | None) -> list[tuple[Entry, Verdict]]:
        ids = json.dumps(sorted(batch.runs))
        database = self._connected()
        if former is not None:
            database.make_end_of(former)
        rows = database.rows(queries.WHERE_IS, {"ids": ids})
        at = {run_id: (epoch, seq) for run_id, epoch, seq in rows}
        missing = self._not_written(batch)
        counted = []
        for entry, verdict in zip(batch.entries, batch.verdicts, strict=True):
            epoch, seq = at.get(entry.run_id, (None, 0))
            is_there = epoch == entry.epoch and entry.run_id not in missing
            if entry.run_id in batch.runs and is_there and seq >= batch.runs[entry.run_id].seq:
                counted.append((entry, verdict))
            elif entry.arrival is not None and epoch is not None:
                # It was taken, and is in other hands by now; the guard refuses what else is said for it.
                self._in_loop(partial(entry.arrival.told, Admission.TAKEN))
                entry.arrival = None
        return counted

    def _not_written(self, batch: Batch) -> set[str]:
        """Runs of which an attempt is not as the batch would have left it: others count their sequence on, too."""
        left = {row["id"]: row for row in (*batch.logs, *batch.settled)}
        found = set(self._connected().rows(queries.LOGS_ARE, {"ids": json.dumps(sorted(left))}))
        return {row["run_id"] for log_id, row in left.items() if (log_id, row["status"]) not in found}

    def _wait_for_lock(self, entries: list[Entry], error: Exception) -> None:
        """A row beside the runs, a child's perhaps, is locked for too long: each run for itself, that one later."""
        runs = list(dict.fromkeys(entry.run_id for entry in entries))
        if len(runs) > 1:
            for run_id in runs:
                self._write([entry for entry in entries if entry.run_id == run_id])
        else:
            logger.warning("Run %s waits for a lock: %s", runs[0], error)
            self._set_aside += entries

    def _wait_for_room(self, entries: list[Entry], error: Exception) -> None:
        """Who asks to be taken in is turned away at once. What has happened is kept until it can be recorded."""
        logger.warning("The journal has no room to write and tries again: %s", error)
        self._refuse([entry for entry in entries if entry.arrival is not None], Admission.FULL)
        self._set_aside += [entry for entry in entries if entry.arrival is None]
        self._pause()

    def _one_by_one(self, entries: list[Entry], error: Exception) -> None:
        """The database would not take something: every run for itself, so that one run's data stops no other."""
        runs = list(dict.fromkeys(entry.run_id for entry in entries))
        if len(runs) > 1:
            for run_id in runs:
                self._write([entry for entry in entries if entry.run_id == run_id])
            return
        logger.error("Run %s has something that cannot be stored: %s", runs[0], error)
        self._close_unstorable(entries, error)

    def _close_unstorable(self, entries: list[Entry], error: Exception) -> None:
        """The attempts keep their places without their values; the run ends and says why."""
        said = str(error).partition("\n")[0].encode("utf-8", "replace").decode()
        reason = {"code": "not_storable", "message": f"The database refused a value: {said}"}
        lines = [_emptied(line, json.dumps(reason)) for entry in entries for line in entry.attempts]
        for attempts in (lines, []):
            close = Close("failed", error=json.dumps({**reason, "node_id": None}))
            first = entries[0]
            plain = replace(first, attempts=attempts, waits=[], met=[], children=[], response=None, end=close)
            try:
                with self._connected().transaction():
                    batch = self._fill(self._connected(), [plain])
            except Exception:  # then without the attempts
                logger.exception("Run %s could not be closed", first.run_id)
                continue
            if batch.locked:
                self._set_aside += entries
                return
            recorded = batch.verdicts[0] is not Verdict.REFUSED
            verdict = Verdict.UNSTORABLE if recorded else Verdict.REFUSED
            self._deliver([(entry, verdict) for entry in entries], batch)
            return
        self._refuse(entries)

    def _pause(self) -> None:
        self._giving_up.wait(RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)])
        self._failures += 1

    # --- afterwards ---

    def _deliver(self, told: Sequence[tuple[Entry, Verdict]], batch: Batch) -> None:
        for entry, _ in told:
            run = batch.runs.get(entry.run_id)
            entry.known.seq = run.seq if run is not None and run.goes_on else None

        def deliver() -> None:
            for entry, verdict in told:
                if entry.arrival is not None:
                    entry.arrival.told(batch.admissions.get(entry.run_id, Admission.REFUSED))
                entry.then(entry, verdict)

        self._in_loop(deliver)
        notices.publish(batch.runs)
        if batch.makes_ready:
            wake()

    def _refuse(self, entries: Sequence[Entry], admission: Admission = Admission.REFUSED) -> None:
        def refuse() -> None:
            for entry in entries:
                if entry.arrival is not None:
                    entry.arrival.told(admission)
                entry.then(entry, Verdict.REFUSED)

        self._in_loop(refuse)

    def _answer(self, call: _Call) -> None:
        answer = call.answer
        try:
            result = call.ask(self._connected())
        except Exception as error:  # whatever it is, it belongs to the asker
            if isinstance(error, LOST):
                self._disconnect()
            self._in_loop(partial(_settle, answer.set_exception, answer, error))
        else:
            self._in_loop(partial(_settle, answer.set_result, answer, result))

    def _in_loop(self, message: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(message)
        except RuntimeError:
            logger.warning("The engine's loop was closed before the journal could answer.")

    # --- the connection ---

    def _connected(self) -> Database:
        if self._database is None:
            self._database = connect()
        return self._database

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _settle(how: Callable[[Any], None], answer: asyncio.Future[Any], what: Any) -> None:
    if not answer.done():
        how(what)


def _emptied(line: Attempt, error: str) -> Attempt:
    ended_at = line.completed_at or datetime.now(UTC)
    return replace(line, status="failed", handle=None, output=None, messages=None, error=error, completed_at=ended_at)

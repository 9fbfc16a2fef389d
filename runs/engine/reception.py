"""Where a process takes runs in. It runs one itself while it has a free slot, under the same lease, epoch and
journal as every other run; else it hands it over to whoever claims it next."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from runs.engine.arrivals import Admission, Arrival, Door, Key
from runs.engine.claimed import Adoption, ClaimedRun, Past
from runs.engine.compiled import Compiled, Versions
from runs.engine.database import LOST, Statement
from runs.engine.executor import Executor
from runs.engine.journal import Journal
from runs.engine.lines import Close, Entry, Verdict
from runs.engine.new_run import deadline_of, run_row
from runs.engine.plan import BrokenPlan
from runs.engine.rush import Rush
from runs.engine.wake import wake
from runs.patience import LOOK_EVERY_SECONDS, Patience
from wire.ids import new_id
from wire.problems import StorageFull, Unavailable

# How long somebody waits for the disk, through a restart of the database too.
TAKE_SECONDS = 10.0
KEPT_VERSIONS = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run that somebody asks for; `door`, `key` and `beside` as in an Arrival."""

    project_id: str
    workflow_id: str
    version_id: str
    trigger_type: str
    trigger_node: str
    payload: Any
    correlation_id: str | None = None
    priority: int = 0
    deadline_seconds: float | None = None
    door: Door | None = None
    key: Key | None = None
    beside: list[tuple[Statement, dict[str, Any]]] = field(default_factory=list)
    run_id: str = field(default_factory=partial(new_id, "fl_run"))
    at: datetime | None = None
    """When it was accepted, by the database's time; else now."""


class Sight:
    """What this process itself knows of a run that it works on, for somebody who waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.response: dict[str, Any] | None = None
        self.status: str | None = None
        """Of an ended run."""
        self._output: str | None = None
        self._news: asyncio.Future[None] = loop.create_future()

    def told(self, response: str | None, end: Close | None) -> None:
        if response is not None and self.response is None:
            self.response = json.loads(response)
        if end is not None:
            self.status, self._output = end.status, end.output
        self.left_alone()

    @property
    def output(self) -> Any:
        """Of an ended run. Read when somebody asks: most callers get the answer of a respond node."""
        return None if self._output is None else json.loads(self._output)

    def left_alone(self) -> None:
        if not self._news.done():
            self._news.set_result(None)

    async def first_news(self, seconds: float) -> bool:
        """Waits for the run's answer or its end. False: ask the database, the run went elsewhere or takes long."""
        patience = Patience(seconds, first_pause=LOOK_EVERY_SECONDS)
        while not self._news.done() and patience.seconds:  # most often it came with the commit that took the run
            await asyncio.wait({self._news}, timeout=patience.next_pause())
        return self.response is not None or self.status is not None


@dataclass(frozen=True, slots=True)
class Taken:
    admission: Admission
    run_id: str
    is_gone: bool = False
    """Known by its key, but purged by now."""
    sight: Sight | None = None


class Reception:
    """Lives in its worker's event loop, like all that it hands its runs to."""

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        journal: Journal,
        executor: Executor,
        versions: Versions,
        has_room: Callable[[str], bool],
        keeps_all: bool,
    ) -> None:
        """`keeps_all`: also runs for which nobody waits are begun here, but for those of a rush."""
        self.loop = loop
        self.rush = Rush()
        """Of runs for which nobody waits."""
        self._journal = journal
        self._executor = executor
        self._versions = versions
        self._has_room = has_room
        self._keeps_all = keeps_all
        self._compiled: dict[str, Compiled | BrokenPlan] = {}

    def now(self) -> datetime:
        """The database's time."""
        return self._executor.now()

    async def take(self, wanted: Wanted, *, waits: bool) -> Taken:
        """Comes back when the run is on disk, or nothing of it is. Raises Unavailable or StorageFull."""
        if waits:
            return await self._take(wanted, waits=True, here=True)
        here = self._keeps_all and not self.rush.is_on
        with self.rush.one_more():
            return await self._take(wanted, waits=False, here=here)

    async def _take(self, wanted: Wanted, *, waits: bool, here: bool) -> Taken:
        """`here`: begins it in this process, if there is room."""
        if here and self._has_room(wanted.workflow_id):
            taken = await self._take_in_hand(wanted, waits=waits)
            if taken.admission is not Admission.REFUSED:
                return taken
        taken = await self._hand_over(wanted)
        if taken.admission is Admission.REFUSED:
            raise Unavailable("The database did not take this request; try again.", code="database_unavailable")
        return taken

    async def _hand_over(self, wanted: Wanted) -> Taken:
        row = row_of(wanted, wanted.at or self.now())
        taken = await self._admitted(wanted, row, self._submit)
        if taken.admission is Admission.TAKEN:
            wake()
        return taken

    def _submit(self, arrival: Arrival) -> None:
        self._journal.submit(Entry(arrival.row["id"], arrival.row["epoch"], _nothing_follows, arrival=arrival))

    async def _take_in_hand(self, wanted: Wanted, *, waits: bool) -> Taken:
        row = row_of(wanted, wanted.at or self.now())
        row |= {"owner": self._journal.owner, "epoch": 1, "seq": 1, "status": "running", "ready_at": None}
        row["started_at"] = row["created_at"]
        compiled = await self._version(wanted.version_id)
        if isinstance(compiled, Compiled) and compiled.is_beyond:
            return await self._hand_over(wanted)
        run, sight = _claimed(row, wanted.payload), Sight(self.loop) if waits else None

        def adopt(arrival: Arrival) -> None:
            self._executor.adopt([Adoption(run, compiled, Past(), arrival, sight)])

        return await self._admitted(wanted, row, adopt, sight)

    async def _admitted(
        self, wanted: Wanted, row: dict[str, Any], send: Callable[[Arrival], None], sight: Sight | None = None
    ) -> Taken:
        admission: asyncio.Future[Admission | None] = self.loop.create_future()
        arrival = Arrival(row, partial(_settle, admission), self.now, wanted.door, wanted.key, list(wanted.beside))
        send(arrival)
        end_of_patience = self.loop.call_later(TAKE_SECONDS, _settle, admission, None)
        said = await admission
        end_of_patience.cancel()
        if said is None:
            arrival.is_withdrawn = True
            raise _cannot_be_reached()
        if said is Admission.FULL:
            raise StorageFull
        if said is Admission.KNOWN:
            return Taken(said, arrival.known_run_id, arrival.known_is_gone)
        return Taken(said, row["id"], sight=sight)

    async def _version(self, version_id: str) -> Compiled | BrokenPlan:
        known = self._compiled.get(version_id)
        if known is None:
            try:
                async with asyncio.timeout(TAKE_SECONDS):
                    found = await self._journal.call(lambda database: self._versions.get(database, [version_id]))
            except (TimeoutError, *LOST):
                raise _cannot_be_reached() from None
            if len(self._compiled) >= KEPT_VERSIONS:
                self._compiled.clear()
            known = self._compiled[version_id] = found[version_id]
        return known


def _cannot_be_reached() -> Unavailable:
    return Unavailable("The database cannot be reached.", code="database_unavailable", retry_after=5)


def row_of(wanted: Wanted, at: datetime) -> dict[str, Any]:
    """The run's row, accepted at that moment."""
    return run_row(
        run_id=wanted.run_id,
        project_id=wanted.project_id,
        workflow_id=wanted.workflow_id,
        version_id=wanted.version_id,
        trigger_type=wanted.trigger_type,
        trigger_node=wanted.trigger_node,
        payload=wanted.payload,
        correlation_id=wanted.correlation_id,
        priority=wanted.priority,
        at=at,
        deadline_at=deadline_of(at, wanted.deadline_seconds),
    )


def _nothing_follows(entry: Entry, verdict: Verdict) -> None:
    """Whoever claims the run goes on with it."""


def _settle(admission: asyncio.Future[Admission | None], said: Admission | None) -> None:
    """None: nobody has said anything, and the time is over."""
    if not admission.done():
        admission.set_result(said)


def _claimed(row: dict[str, Any], payload: Any) -> ClaimedRun:
    """As if the row had been written and claimed."""
    return ClaimedRun(
        id=row["id"],
        epoch=row["epoch"],
        version_id=row["version_id"],
        project_id=row["project_id"],
        workflow_id=row["workflow_id"],
        trigger_type=row["trigger_type"],
        trigger_node=row["trigger_node"],
        trigger_payload=payload,
        intent=row["intent"],
        seq=row["seq"],
        crashes=row["crashes"],
        depth=row["depth"],
        priority=row["priority"],
        parent_id=row["parent_id"],
        correlation_id=row["correlation_id"],
        metadata=json.loads(row["metadata"]),
        is_draft=row["is_draft"],
        events=row["events"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        deadline_at=row["deadline_at"],
    )


# --- the one of this process ---

_open: list[Reception] = []


def open_here(reception: Reception) -> None:
    if reception not in _open:
        _open.append(reception)


def close_here(reception: Reception) -> None:
    if reception in _open:
        _open.remove(reception)


def is_open() -> bool:
    return bool(_open)


def here() -> Reception:
    """Raises Unavailable while the process starts or stops."""
    if not _open:
        raise Unavailable("The server is starting or stopping; try again.", code="not_ready", retry_after=1)
    return _open[-1]

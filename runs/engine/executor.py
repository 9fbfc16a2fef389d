"""All runs that this process holds, in one event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from runs.engine import children, notices, worker_tasks
from runs.engine.children import ChildRun
from runs.engine.claimed import Adoption, ChildEnd, ClaimedRun
from runs.engine.context import NodeContext
from runs.engine.database import LOST, Database
from runs.engine.held import ENGINE_FAILED, HeldRun
from runs.engine.journal import Journal
from runs.engine.lease import EngineClock, Lease
from runs.engine.lines import Close, Entry, Verdict
from runs.engine.plan import BrokenPlan
from runs.engine.worker_tasks import Offer
from wire.outbound import OutboundClient
from wire.strict_json import dumps
from workflows.nodes.base import NodeError, Output, RaiseEvent, Result, Secret, StartChild, WorkerTask

logger = logging.getLogger(__name__)

T = TypeVar("T")

ASK_AGAIN_SECONDS = 0.5
LOOK_AT_LEASE_SECONDS = 0.05

OpenSecret = Callable[[str, str], Awaitable[Secret]]
Tell = Callable[[str, RaiseEvent, str], Awaitable[list[str]]]
"""For a project, under an event id: the runs that were told."""


class Executor:
    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        journal: Journal,
        lease: Lease,
        clock: EngineClock,
        http: OutboundClient,
        open_secret: OpenSecret,
        tell: Tell,
        let_go: Callable[[], None],
    ) -> None:
        self.loop = loop
        self.journal = journal
        self.http = http
        self.open_secret = open_secret
        self._tell = tell
        self.held: dict[str, HeldRun] = {}
        self._let_go = let_go
        self._lease = lease
        self._clock = clock
        self._parents: dict[str, HeldRun] = {}
        self._unsubscribe: dict[str, Callable[[], None]] = {}
        self.child_heard = asyncio.Event()

    def now(self) -> datetime:
        return self._clock.now()

    async def until_leased(self) -> None:
        """An effect begins only while the lease is fresh: others may take over a while after it was last renewed. If
        it is lost instead, the run is dropped, and with it whoever waits here."""
        while not self._lease.is_fresh:
            await asyncio.sleep(LOOK_AT_LEASE_SECONDS)

    # --- runs in hand ---

    def adopt(self, adoptions: Sequence[Adoption]) -> None:
        for adoption in adoptions:
            try:
                self._adopt(adoption)
            except BrokenPlan as broken:
                self._refuse(adoption, "graph_broken", str(broken))
            except Exception:  # whatever it is, it is this run's; the others go on
                logger.exception("Run %s cannot be taken up", adoption.run.id)
                self.held.pop(adoption.run.id, None)
                self._refuse(adoption, "engine_failed", ENGINE_FAILED)

    def _adopt(self, adoption: Adoption) -> None:
        if isinstance(adoption.compiled, BrokenPlan):
            raise adoption.compiled
        held = HeldRun(adoption, adoption.compiled, self)
        self.held[held.run.id] = held
        held.begin()

    def _refuse(self, adoption: Adoption, code: str, reason: str) -> None:
        run = adoption.run
        status = "terminated" if run.intent == "terminate" else "failed"
        error = dumps({"code": code, "message": reason, "node_id": None})
        close = Close(status, error=error if status == "failed" else None)
        witness = adoption.witness

        def then(entry: Entry, verdict: Verdict) -> None:
            if witness is not None:
                witness.left_alone()

        entry = Entry(run.id, run.epoch, then, end=close, parent_id=run.parent_id, arrival=adoption.arrival)
        self.journal.submit(entry)

    def forget(self, held: HeldRun) -> None:
        if self.held.get(held.run.id) is held:
            del self.held[held.run.id]
        for child_id in [child_id for child_id, parent in self._parents.items() if parent is held]:
            self._unfollow(child_id)
        self._let_go()

    def steer(self, mine: Mapping[str, tuple[int, str, int]], before: Mapping[str, HeldRun]) -> list[tuple[str, int]]:
        """What the database says of this worker's runs: `mine` is run → (epoch, intent, events). Runs that went
        into other hands are dropped. Comes back with runs that are this worker's but that nobody here holds."""
        for run_id, held in before.items():
            if self.held.get(run_id) is not held:
                continue
            epoch, intent, events = mine.get(run_id, (0, "", 0))
            if epoch != held.run.epoch:
                held.drop()
            elif intent == "terminate":
                held.terminate()
            elif intent == "suspend":
                held.suspend()
            else:
                held.hear_events(events)
        return [(run_id, epoch) for run_id, (epoch, *_) in mine.items() if run_id not in self.held]

    def interrupt(self, *, spare_once: bool) -> None:
        for held in list(self.held.values()):
            held.interrupt(spare_once=spare_once)

    def drop_all(self) -> None:
        for held in list(self.held.values()):
            held.drop()

    async def ask(self, question: Callable[[Database], T]) -> T:
        """As often as it takes, while the database is away."""
        while True:
            try:
                return await self.journal.call(question)
            except LOST:
                await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def fulfil(
        self, run: ClaimedRun, result: Result | NodeError, context: NodeContext
    ) -> Result | ChildRun | Offer | NodeError:
        """What a node asks for beside its own work: another run, to tell some, or a worker outside."""
        if isinstance(result, WorkerTask):
            return await self.ask(partial(worker_tasks.prepare, run=run, wanted=result))
        if isinstance(result, StartChild):
            return await self._prepare_child(run, result)
        return await self._told(run, result, context.token) if isinstance(result, RaiseEvent) else result

    async def _told(self, run: ClaimedRun, wanted: RaiseEvent, event_id: str) -> Output | NodeError:
        try:
            return Output({"runs": await self._tell(run.project_id, wanted, event_id)})
        except NodeError as error:
            return error

    # --- children ---

    async def _prepare_child(self, parent: ClaimedRun, wanted: StartChild) -> ChildRun | NodeError:
        try:
            return await self.journal.call(lambda database: children.prepare(database, parent, wanted, self.now()))
        except NodeError as error:
            return error

    def follow_child(self, child_id: str, parent: HeldRun) -> None:
        """As long as the parent is held, it hears of its child's end by notice or by the next look."""
        self._parents[child_id] = parent
        self._unsubscribe[child_id] = notices.subscribe(child_id, self._hear)

    def _hear(self, child_id: str) -> None:
        self.loop.call_soon_threadsafe(self.child_heard.set)

    @property
    def followed(self) -> list[str]:
        return list(self._parents)

    def children_ended(self, ends: Mapping[str, ChildEnd]) -> None:
        heard: dict[HeldRun, dict[str, ChildEnd]] = {}
        for child_id, end in ends.items():
            parent = self._parents.get(child_id)
            if parent is not None:
                self._unfollow(child_id)
                heard.setdefault(parent, {})[child_id] = end
        for parent, its in heard.items():
            parent.children_ended(its)

    def _unfollow(self, child_id: str) -> None:
        self._parents.pop(child_id, None)
        unsubscribe = self._unsubscribe.pop(child_id, None)
        if unsubscribe is not None:
            unsubscribe()

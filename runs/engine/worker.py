"""One worker: looks for runs, listens to what is asked of them, sweeps up after workers that died."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence, Set
from datetime import datetime
from functools import partial
from typing import TypeVar

from runs.engine import queries, wake
from runs.engine.abilities import Abilities
from runs.engine.admission import END_START_WAITS
from runs.engine.claimed import Adoption, child_end
from runs.engine.claiming import Claiming
from runs.engine.compiled import Kinds, Versions
from runs.engine.database import Database, Row, connect
from runs.engine.executor import Executor, OpenSecret, Tell
from runs.engine.journal import Journal
from runs.engine.lease import EngineClock, Lease, Ticks, register, renew
from runs.engine.lines import Entry, Release
from runs.engine.reception import Reception, close_here, open_here
from runs.engine.rush import CALM_SECONDS
from runs.engine.sweeping import sweep_up
from wire.ids import new_id
from wire.outbound import OutboundClient

T = TypeVar("T")

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
STEER_EVERY = 0.5
SWEEP_EVERY = 5.0
BEAT_SECONDS = 5.0
"""A heartbeat that was not answered for so long is tried again on a new connection."""
CLAIM_AT_ONCE = 50
BEGIN_AT_ONCE = 20


class Worker:
    """Lives in one event loop, with a thread for the journal and one for the heartbeat."""

    def __init__(
        self,
        *,
        slots: int,
        lease: float,
        kinds: Kinds,
        http: OutboundClient,
        open_secret: OpenSecret,
        tell: Tell,
        alone: bool,
        claims: bool,
    ) -> None:
        """`alone`: no other worker can be alive, so all that are on record are dead. `claims`: looks for runs;
        else it runs only those that this process takes in and somebody waits for."""
        self.registered = threading.Event()
        self._slots = slots
        self._alone = alone
        self._claims = claims
        self._lease = Lease(lease)
        self._clock = EngineClock()
        self._ticks = Ticks()
        self._versions = Versions(kinds)
        self._abilities = Abilities(kinds)
        self._claiming = Claiming(self._versions, self._abilities)
        self._http = http
        self._open_secret = open_secret
        self._tell = tell
        self._stopping = False
        self._poller: asyncio.Task[None] | None = None
        self._beating = threading.Event()
        self._ended = threading.Event()
        self._next_timer: datetime | None = None
        self._timers_seen = float("-inf")
        self._strangers: set[tuple[str, int]] = set()

    # --- life ---

    async def live(self) -> None:
        """Works until `stop`. The parts look after themselves; if one of them dies all end, and loudly."""
        self._loop = asyncio.get_running_loop()
        self._look, self._quiet = asyncio.Event(), asyncio.Event()
        self._journal = Journal(new_id("wrk"), self._loop)
        self._executor = Executor(
            loop=self._loop,
            journal=self._journal,
            lease=self._lease,
            clock=self._clock,
            http=self._http,
            open_secret=self._open_secret,
            tell=self._tell,
            let_go=self._let_go,
        )
        self._reception = Reception(
            loop=self._loop,
            journal=self._journal,
            executor=self._executor,
            versions=self._versions,
            has_room=self._has_room,
            keeps_all=self._claims,
        )
        self._journal.start()
        unlisten = wake.listen(self.ring) if self._claims else _nothing
        heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        try:
            await self._register()
            if self._stopping:
                return
            heart.start()
            await self._work()
        finally:
            close_here(self._reception)
            unlisten()
            self._ended.set()
            if heart.is_alive():
                await asyncio.to_thread(heart.join)
            await self._journal.stop(self._lease.seconds)
            await self._http.aclose()

    async def _work(self) -> None:
        self._poller = asyncio.create_task(self._poll())
        parts = [self._steer(), self._hear_children(), self._sweep(), self._tick(), self._watch_lease()]
        tasks: set[asyncio.Task[None]] = {self._poller, *map(asyncio.create_task, parts)}
        quiet = asyncio.create_task(self._until_quiet())
        try:
            while not quiet.done():
                done, tasks = await asyncio.wait({*tasks, quiet}, return_when="FIRST_COMPLETED")
                for task in done:
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_quiet(self) -> None:
        await self._quiet.wait()

    def ring(self) -> None:
        """From any thread: there is work."""
        if not self._look.is_set():
            self._loop.call_soon_threadsafe(self._look.set)

    async def stop(self, grace: float, hard: float) -> None:
        """Claims nothing more and lets runs finish for `grace` seconds; then gives them back, except for nodes
        that may not be repeated, which may go on until `hard`."""
        self._stopping = True
        if self._poller is None:
            return  # not signed on yet, and it will not any more
        self._look.set()
        await asyncio.wait({self._poller})
        began = time.monotonic()
        await self._until_empty(began + grace)
        self._executor.interrupt(spare_once=True)
        await self._until_empty(began + max(hard, grace))
        self._executor.interrupt(spare_once=False)
        await self._until_empty(time.monotonic() + 5)
        self._beating.clear()
        try:
            await asyncio.wait_for(self._ask(lambda db: db.change(queries.RETIRE, self._me)), 5)
        except Exception as error:  # nothing depends on it: the lease runs out by itself
            logger.warning("The worker could not sign off: %s", error)
        self._quiet.set()

    def _has_room(self, workflow_id: str) -> bool:
        """Whether a run of this workflow may begin here at once, without the queue."""
        is_free = not (self._stopping or self._claiming.is_alone or self._claiming.is_limited(workflow_id))
        return is_free and self._lease.is_fresh and len(self._executor.held) < self._slots

    async def _until_empty(self, end: float) -> None:
        while self._executor.held and time.monotonic() < end:
            await asyncio.sleep(0.01)

    # --- work ---

    async def _poll(self) -> None:
        """Looks at every wake-up, when a timer is due, and once a second in any case. Where more wait than it takes
        at once, it looks for the next ones while those that it found begin."""
        found: list[Adoption] = []
        while not self._stopping:
            self._look.clear()
            if self._reception.rush.holds:
                await self._take_up(found)  # nobody else can
                found = []
                await self._let_in_first()
            taken = {each.run.id for each in found}
            wanted = min(self._room(taken), CLAIM_AT_ONCE) if self._claims and self._lease.is_fresh else 0
            # What is due is not to wait for what comes in: those callers have their answers a moment later.
            question = partial(self._find, wanted, taken)
            asked = asyncio.ensure_future(self._quietly(question, goes_first=True)) if wanted > 0 else None
            await self._take_up(found)
            was_full, found = bool(found) and not wanted, (await asked or []) if asked else []
            if not was_full and len(found) < max(wanted, 1):
                await self._take_up(found)
                found = []
                if self._claiming.is_draining:
                    await self._drain()
                await self._pause(self._look, self._until_next_timer())
        await self._take_up(found)

    async def _let_in_first(self) -> None:
        while self._reception.rush.holds and not self._stopping:
            await asyncio.sleep(CALM_SECONDS)

    def _room(self, taken: Set[str]) -> int:
        return self._claiming.room(self._executor.held, taken, self._slots)

    async def _take_up(self, found: Sequence[Adoption]) -> None:
        """A few in one turn of the loop: others have their turns between them, and the journal something to do."""
        for first in range(0, len(found), BEGIN_AT_ONCE):
            some = found[first : first + BEGIN_AT_ONCE]
            self._executor.adopt([each for each in some if self._claiming.accepts(each, self._journal)])
            await asyncio.sleep(0)

    async def _drain(self) -> None:
        """A suspect waits until everything else is done or given back."""
        if self._claiming.is_overdue:
            self._executor.interrupt(spare_once=True)
        await self._quietly(self._claiming.look)

    def _find(self, wanted: int, taken: Set[str], database: Database) -> list[Adoption]:
        """Beside those that are taken and about to begin."""
        now = self._clock.now()
        if time.monotonic() - self._timers_seen >= LOOK_EVERY or (self._next_timer and self._next_timer <= now):
            if database.change(queries.WAKE_DUE):
                database.change(END_START_WAITS)
            self._claiming.learn(database)
            self._claiming.look(database)
            if self._claiming.is_draining:
                wanted = self._room(taken)
            [(first,)] = database.rows(queries.NEXT_TIMER)
            self._next_timer, self._timers_seen = database.moment(first), time.monotonic()
        claimed = self._claiming.find(database, self._journal.owner, wanted) if wanted > 0 else []
        for adoption in claimed:
            self._clock.at_least(adoption.run.started_at)
        return claimed

    def _until_next_timer(self) -> float:
        if self._next_timer is None:
            return LOOK_EVERY
        return min(max((self._next_timer - self._clock.now()).total_seconds(), 0.001), LOOK_EVERY)

    def _let_go(self) -> None:
        was_full = len(self._executor.held) == self._slots - 1
        if was_full or self._claiming.is_alone or self._claiming.has_limits:
            self._look.set()

    async def _steer(self) -> None:
        while True:
            await asyncio.sleep(STEER_EVERY)
            before = {run_id: held for run_id, held in self._executor.held.items() if held.is_born}
            rows = await self._quietly(lambda db: db.rows(queries.OWN_RUNS, self._me))
            if rows is None or not self._lease.is_fresh:
                continue
            await self._quietly(self._claiming.learn_limits)
            for run_id, *_, crashes in rows:
                self._claiming.hear(run_id, crashes)
            mine = {run_id: (epoch, intent, events) for run_id, epoch, intent, events, _ in rows}
            strangers = set(self._executor.steer(mine, before))
            # Seen twice: nobody is just being claimed. Such a run would otherwise lie here for ever.
            for run_id, epoch in strangers & self._strangers:
                logger.error("Run %s is this worker's, but nobody works on it; it is given back.", run_id)
                self._journal.submit(Entry(run_id, epoch, lambda entry, verdict: None, end=Release(at_once=True)))
            self._strangers = strangers

    async def _hear_children(self) -> None:
        heard = self._executor.child_heard
        while True:
            await self._pause(heard, STEER_EVERY)
            heard.clear()
            if followed := self._executor.followed:
                ids = json.dumps(followed)
                rows = await self._quietly(partial(_ended, ids))
                ends = {run_id: child_end(*end) for run_id, *end in rows or ()}
                self._executor.children_ended({run_id: end for run_id, end in ends.items() if end is not None})

    async def _sweep(self) -> None:
        while True:
            if await self._quietly(sweep_up):
                wake.wake()
            await asyncio.sleep(min(SWEEP_EVERY, self._lease.seconds))

    async def _tick(self) -> None:
        while True:
            self._ticks.tick()
            await asyncio.sleep(self._lease.loop_may_stall / 5)

    # --- the lease ---

    async def _register(self) -> None:
        """Under a new id, as often as it takes."""
        while not self._stopping:
            try:
                self._clock.set(await self._ask(self._sign_on))
                await self._ask(self._claiming.learn_limits)
                self._beating.set()
                open_here(self._reception)
                self.registered.set()
                return
            except Exception as error:  # the database is away; there is nothing to do until it is back
                logger.warning("The worker could not sign on and tries again: %s", error)
                await asyncio.sleep(min(LOOK_EVERY, self._lease.seconds))

    def _sign_on(self, database: Database) -> datetime:
        if self._alone:
            database.change(queries.DECLARE_ALL_DEAD)
        about = {**self._abilities.on_record(), "claims": self._claims, "slots": self._slots}
        return register(database, self._journal.owner, self._lease, about)

    def _beat(self) -> None:
        """The heartbeat's thread, with a connection of its own: a busy journal must not look like a dead worker."""
        database: Database | None = None
        last = time.monotonic()
        while not self._ended.wait(self._lease.beat_every / 5):
            if not self._beating.is_set():
                continue
            if time.monotonic() - last >= self._lease.beat_every and self._ticks.age() < self._lease.loop_may_stall:
                last = time.monotonic()
                try:
                    database = database or connect(BEAT_SECONDS)
                    self._renew(database)
                except Exception as error:  # the lease runs on meanwhile; what matters is whether it is fresh
                    logger.warning("The worker's lease could not be renewed: %s", error)
                    _close(database)
                    database, last = None, time.monotonic() - self._lease.beat_every * 0.8
        _close(database)

    def _renew(self, database: Database) -> None:
        worker = self._journal.owner
        now = renew(database, worker, self._lease)
        if now is not None:
            self._clock.set(now)
        elif worker == self._journal.owner:  # declared dead, and not begun anew meanwhile
            self._lease.lose()

    async def _watch_lease(self) -> None:
        """Not the heartbeat's own business: it may hang in its question to a database that is frozen."""
        while True:
            await asyncio.sleep(self._lease.beat_every / 5)
            if self._beating.is_set() and not self._lease.is_fresh:
                await self._start_over()

    async def _start_over(self) -> None:
        """Declared dead, or as good as: everything stops, nothing is written, and a new life begins."""
        logger.error("The worker lost its lease; it drops its runs and signs on anew.")
        self._beating.clear()
        former, self._journal.owner = self._journal.owner, new_id("wrk")
        self._executor.drop_all()
        self._alone = False
        await self._quietly(lambda db: db.change(queries.GIVE_UP_LEASE, {"worker": former}))
        await self._register()
        self._look.set()

    # --- asking ---

    @property
    def _me(self) -> dict[str, str]:
        return {"worker": self._journal.owner}

    def _ask(self, question: Callable[[Database], T]) -> Awaitable[T]:
        return self._journal.call(question)

    async def _quietly(self, question: Callable[[Database], T], *, goes_first: bool = False) -> T | None:
        """None when the database did not answer: the next round asks again."""
        try:
            return await self._journal.call(question, goes_first=goes_first)
        except Exception as error:  # the database is away, or something is wrong with one statement
            logger.warning("The worker could not ask the database: %s", error)
            await asyncio.sleep(0.2)
            return None

    async def _pause(self, event: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return


def _nothing() -> None:
    return


def _ended(ids: str, database: Database) -> list[Row]:
    return database.rows(queries.ENDED_CHILDREN, {"ids": ids})


def _close(database: Database | None) -> None:
    if database is not None:
        database.close()

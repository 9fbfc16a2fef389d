"""Tells coroutines that something was committed about a run.

A notice inside this process comes at once. What another process committed is found by one poll for all runs
that anybody watches here, so that a thousand open pages cost one small query.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseFault

from runs import probes
from runs.engine import notices
from runs.front import in_database
from runs.models import Run

POLL_SECONDS = 0.1
log = logging.getLogger(__name__)


class _Poll:
    """What is watched in one event loop, and the task that looks at the database for it."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._seen: dict[str, tuple[int, str]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, run_id: str, event: asyncio.Event) -> None:
        self._watchers.setdefault(run_id, set()).add(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def remove(self, run_id: str, event: asyncio.Event) -> None:
        self._watchers[run_id].discard(event)
        if not self._watchers[run_id]:
            del self._watchers[run_id]
            self._seen.pop(run_id, None)

    async def _run(self) -> None:
        while self._watchers:
            await asyncio.sleep(POLL_SECONDS)
            if probes.stopping.is_set():
                self._tell_all()
            try:
                marks = await in_database(_marks, list(self._watchers))
            except DatabaseFault as fault:
                log.warning("cannot see what became of %d watched runs: %s", len(self._watchers), fault)
                continue
            for run_id, now in marks.items():
                if self._seen.get(run_id) != now:
                    self._seen[run_id] = now
                    for event in self._watchers.get(run_id, ()):
                        event.set()

    def _tell_all(self) -> None:
        """The process stops: nobody watches on."""
        for events in self._watchers.values():
            for event in events:
                event.set()


def _marks(run_ids: list[str]) -> dict[str, tuple[int, str]]:
    """What changes with every commit about a run."""
    rows = Run.objects.filter(pk__in=run_ids).values_list("pk", "seq", "status")
    return {run_id: (seq, status) for run_id, seq, status in rows}


_polls: MutableMapping[asyncio.AbstractEventLoop, _Poll] = WeakKeyDictionary()


@asynccontextmanager
async def changes_of(run_id: str) -> AsyncIterator[asyncio.Event]:
    """An event that is set whenever the run may have changed; the reader clears it before looking."""
    loop = asyncio.get_running_loop()
    poll = _polls.setdefault(loop, _Poll())
    event = asyncio.Event()

    def tell(_: str) -> None:
        loop.call_soon_threadsafe(event.set)

    unsubscribe = notices.subscribe(run_id, tell)
    poll.add(run_id, event)
    try:
        yield event
    finally:
        unsubscribe()
        poll.remove(run_id, event)

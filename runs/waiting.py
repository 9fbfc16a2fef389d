"""Waiting for a run's end, or for the answer that a respond node gives before it.

The journal of this process tells at once; another process may do the work, so the database is asked now and
then as well.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db import connection

from runs.engine import notices
from runs.front import in_database
from runs.models import Run
from runs.patience import Patience
from wire.problems import NotFound

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """A run as a waiting caller sees it. `response` is what a respond node said: status, headers, body."""

    status: str
    response: dict[str, Any] | None
    output: Any
    """Of an ended run."""

    @property
    def has_ended(self) -> bool:
        return self.status in Run.TERMINAL


def look(run_id: str) -> Standing:
    """Raises NotFound when it was purged."""
    found = Run.objects.filter(id=run_id).values_list("status", "response", "output").first()
    if found is None:
        raise NotFound("There is no such run any more.")
    status, response, output = found
    return Standing(status, cast("dict[str, Any] | None", response), output)


def may_wait() -> bool:
    """Not inside a transaction: it could not see what others commit, and they may wait for it."""
    return not connection.in_atomic_block


def free_connection() -> bool:
    """Who waits holds none of the pool's connections. False where it `may_wait` not, and the connection stays."""
    if may_wait():
        connection.close()
        return True
    return False


def wait_for_end(run_id: str, seconds: float) -> Standing:
    """Blocks a thread until the run is terminal or the time is over (or the process's); how it stands then."""
    return _wait(run_id, seconds, or_answer=False)


def wait_for_answer(run_id: str, seconds: float) -> Standing:
    """The same, but a respond node's answer is enough."""
    return _wait(run_id, seconds, or_answer=True)


async def await_end(run_id: str, seconds: float) -> Standing:
    return await _await(run_id, seconds, or_answer=False)


async def await_answer(run_id: str, seconds: float) -> Standing:
    return await _await(run_id, seconds, or_answer=True)


def _wait(run_id: str, seconds: float, *, or_answer: bool) -> Standing:
    return look_until(run_id, seconds, lambda: look(run_id), lambda standing: _is_enough(standing, or_answer))


def look_until(run_id: str, seconds: float, look: Callable[[], T], is_enough: Callable[[T], bool]) -> T:
    """Blocks a thread, and looks again whenever something happened to the run; what was seen last.

    Inside a transaction it looks once.
    """
    if not may_wait():
        return look()
    told = threading.Event()
    unsubscribe = notices.subscribe(run_id, lambda _: told.set())
    patience = Patience(seconds)
    try:
        while not is_enough(seen := look()) and patience.seconds:
            free_connection()
            told.wait(patience.next_pause())
            told.clear()
    finally:
        unsubscribe()
    return seen


async def _await(run_id: str, seconds: float, *, or_answer: bool) -> Standing:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    unsubscribe = notices.subscribe(run_id, lambda _: _set_soon(loop, told))
    patience = Patience(seconds)
    try:
        while not _is_enough(standing := await in_database(look, run_id), or_answer) and patience.seconds:
            try:
                await asyncio.wait_for(told.wait(), patience.next_pause())
            except TimeoutError:
                continue
            told.clear()
    finally:
        unsubscribe()
    return standing


def _set_soon(loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(told.set)


def _is_enough(standing: Standing, or_answer: bool) -> bool:
    return standing.has_ended or (or_answer and standing.response is not None)

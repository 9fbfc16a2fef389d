"""What a held run waits for: timers while it is held, events, and the ends of child runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from runs.engine.lines import OpenWait
from runs.engine.plan import Place

# A wait that ends so soon is sat out; a longer one gives the run back and costs nothing meanwhile.
SIT_OUT = timedelta(seconds=1)


class Waits:
    def __init__(self, loop: asyncio.AbstractEventLoop, due: Callable[[OpenWait], None]) -> None:
        self._loop = loop
        self._due = due
        self._open: dict[Place, OpenWait] = {}
        self._timers: dict[Place, asyncio.TimerHandle] = {}

    def __contains__(self, place: object) -> bool:
        return place in self._open

    def at(self, place: Place) -> OpenWait | None:
        return self._open.get(place)

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, wait: OpenWait, now: datetime) -> None:
        self._open[wait.place] = wait
        if wait.wake_at is not None:
            seconds = max((wait.wake_at - now).total_seconds(), 0)
            self._timers[wait.place] = self._loop.call_later(seconds, self._due, wait)

    def remove(self, wait: OpenWait) -> None:
        del self._open[wait.place]
        timer = self._timers.pop(wait.place, None)
        if timer is not None:
            timer.cancel()

    def for_child(self, child_id: str) -> OpenWait | None:
        return next((wait for wait in self._open.values() if wait.child_id == child_id), None)

    def has(self, wait: OpenWait) -> bool:
        return self._open.get(wait.place) is wait

    def that_hear(self) -> list[OpenWait]:
        """Those to which events may come."""
        return [wait for wait in self._open.values() if wait.kind in ("event", "timer", "task")]

    def child_ids(self) -> list[str]:
        return [wait.child_id for wait in self._open.values() if wait.child_id is not None]

    def is_soon(self, now: datetime) -> bool:
        return any(wait.wake_at is not None and wait.wake_at <= now + SIT_OUT for wait in self._open.values())

    def stop_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

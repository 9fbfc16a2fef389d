"""The nodes of one run that are under way: started, watched and told to stop together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from runs.engine.context import NodeContext
from runs.engine.plan import Place


class NodeTasks:
    def __init__(self, loop: asyncio.AbstractEventLoop, done: Callable[[Place, BaseException | None], None]) -> None:
        """`done` is told of every node that has stopped, and of an error that only the engine can have made."""
        self._loop = loop
        self._done = done
        self.left_behind = False
        """Some that would not stop may still be running."""
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._contexts: dict[Place, NodeContext] = {}

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def __contains__(self, place: object) -> bool:
        return place in self._tasks

    def __iter__(self) -> Iterator[Place]:
        return iter(self._tasks)

    def spawn(self, place: Place, work: Coroutine[Any, Any, None], context: NodeContext | None = None) -> None:
        task = self._tasks[place] = self._loop.create_task(work)
        if context is not None:
            self._contexts[place] = context
        task.add_done_callback(partial(self._stopped, place))

    def cancel(self, *, spare_once: bool = False) -> None:
        """Asks all to stop, but not the one that asks. Spared are those that may not be repeated."""
        asking = asyncio.current_task(self._loop)
        for place, task in list(self._tasks.items()):
            context = self._contexts.get(place)
            is_spared = spare_once and context is not None and context.repeat == "once"
            if task is not asking and not is_spared:
                if context is not None:
                    context.cancel()
                task.cancel()

    def stop(self, place: Place) -> None:
        """Asks one to stop."""
        context = self._contexts.get(place)
        if context is not None:
            context.cancel()
        self._tasks[place].cancel()

    def let_run(self, place: Place) -> bool:
        """One that would not stop; what it still says is nobody's concern. False if it has stopped."""
        self._contexts.pop(place, None)
        task = self._tasks.pop(place, None)
        self.left_behind = self.left_behind or task is not None
        return task is not None

    def forget(self) -> None:
        """Those that would not stop: what they still say is nobody's concern."""
        self.left_behind = True
        self._tasks.clear()
        self._contexts.clear()

    def _stopped(self, place: Place, task: asyncio.Task[None]) -> None:
        if self._tasks.get(place) is task:
            del self._tasks[place]
            self._contexts.pop(place, None)
        self._done(place, None if task.cancelled() else task.exception())

"""That no event stays unread, at whatever moment it is heard of."""

from __future__ import annotations

import asyncio
from typing import Any

from runs.engine.inbox import Inbox
from runs.engine.node_tasks import NodeTasks


class _Waits:
    def that_hear(self) -> list[Any]:
        return []


class _Run:
    id = "fl_run_1"
    events = 0


def test_an_event_that_is_heard_of_as_a_reading_ends_is_read_too() -> None:
    async def reads() -> int:
        loop, asked = asyncio.get_running_loop(), 0

        async def ask(question: Any) -> list[Any]:
            nonlocal asked
            asked += 1
            if asked == 1:
                loop.call_soon(inbox.hear, 2)  # comes after this reading has ended, before its task is taken off
            return []

        tasks = NodeTasks(loop, lambda place, error: None)
        run: Any = _Run()
        waits: Any = _Waits()
        inbox = Inbox(run, waits, tasks, ask, lambda wait, event: None, lambda id_, values: None)
        inbox.hear(1)
        for _ in range(10):
            await asyncio.sleep(0)
        return asked

    assert asyncio.run(reads()) == 2

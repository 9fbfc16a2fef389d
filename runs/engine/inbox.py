"""Events that were told to a held run: who waits for which, and that each is delivered once.

The database keeps them; a held run reads its inbox when a node begins to wait for an event, when the count in the
run's row says that more were raised, and before a wait runs out.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from runs.engine import queries
from runs.engine.claimed import ClaimedRun
from runs.engine.database import Database
from runs.engine.lines import Attempt, OpenWait
from runs.engine.node_tasks import NodeTasks
from runs.engine.plan import Place
from runs.engine.waits import Waits
from runs.engine.worker_tasks import retry_rule
from workflows.nodes.base import TASK_TIMEOUT, NodeError, Output, WaitForEvent

_READING = Place("\0inbox")
"""Under which the run's tasks know that its inbox is being read: no node has such an id."""


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    payload: Any
    error: dict[str, Any] | None = None
    """The failure that it tells of instead: code, message, retryable."""


Found = list[tuple[OpenWait | None, Event]]
"""Events, each with the wait that it is for; without one it sets variables."""


class Asking(Protocol):
    def __call__(self, question: Callable[[Database], Found]) -> Awaitable[Found]: ...


class Inbox:
    def __init__(
        self,
        run: ClaimedRun,
        waits: Waits,
        tasks: NodeTasks,
        ask: Asking,
        came: Callable[[OpenWait, Event | None], None],
        assign: Callable[[int, Mapping[str, Any]], None],
    ) -> None:
        """`came` is told of the event for a wait, or of None when there is none and its time is over; `assign` of an
        event that sets variables."""
        self.seen = run.events
        """How many events had been raised when the inbox was read; more will have to be looked at."""
        self._run = run
        self._waits = waits
        self._tasks = tasks
        self._ask = ask
        self._came = came
        self._assign = assign
        self._taken: set[int] = set()
        self._is_unread = False
        self._is_reading = False

    def wait_for(self, wanted: WaitForEvent, line: Attempt, otherwise: Any) -> OpenWait:
        """`otherwise` is the value with which the node completes when the time is over."""
        outcome = {"value": otherwise, "handle": wanted.otherwise.handle, "exit_by": wanted.exit_by}
        outcome["about"] = dict(wanted.about)
        correlation = wanted.correlation or self._run.correlation_id
        return OpenWait(line.place, line.number, "event", wanted.until, outcome, None, wanted.name, correlation)

    def hear(self, count: int) -> None:
        """So many were raised by now."""
        if count > self.seen:
            self.seen = count
            self._look()

    def read(self) -> None:
        if self.seen and self._waits.that_hear():
            self._look()

    def _look(self) -> None:
        self._is_unread = True
        if not self._is_reading:  # one that has come to its end may still be among the tasks
            self._is_reading = True
            self._tasks.spawn(_READING, self._read())

    def decide(self, wait: OpenWait) -> None:
        """The wait's time is over: an event that came before counts, else none."""
        self._tasks.spawn(wait.place, self._decide(wait))

    async def _read(self) -> None:
        try:
            while self._is_unread:
                self._is_unread = False
                self._deliver(await self._find())
        finally:
            self._is_reading = False

    async def _decide(self, wait: OpenWait) -> None:
        self._deliver(await self._find())
        if self._waits.has(wait):
            self._came(wait, None)

    async def _find(self) -> Found:
        return await self._ask(partial(find, self._run.id, self._waits.that_hear(), frozenset(self._taken)))

    def _deliver(self, found: Found) -> None:
        for wait, event in found:
            if event.id in self._taken or not (wait is None or self._waits.has(wait)):
                continue
            self._taken.add(event.id)
            if wait is None:
                self._assign(event.id, event.payload)
            else:
                self._came(wait, event)


def outcome_of(wait: OpenWait, event: Event | None = None) -> Output | NodeError:
    """What comes of the node: the event's payload or failure, or what was said when it began to wait."""
    if event is None and wait.kind == "task":
        return _with_rule(NodeError(TASK_TIMEOUT, f"No worker did the task {wait.name!r} in time."), wait)
    if event is None:
        if seconds := wait.outcome.get("timeout"):
            return NodeError("timeout", f"What it waits for did not come within {seconds:g} s.", field="timeout")
        return Output(wait.outcome["value"], wait.outcome["handle"])
    if event.error is not None:
        error = NodeError(event.error["code"], event.error["message"], retryable=event.error["retryable"])
        return _with_rule(error, wait)
    exit_by = wait.outcome.get("exit_by")
    return Output(event.payload, event.payload[exit_by]) if exit_by else Output(event.payload)


def _with_rule(error: NodeError, wait: OpenWait) -> NodeError:
    error.retry = retry_rule(wait.outcome)
    return error


def find(run_id: str, waits: Sequence[OpenWait], taken: Collection[int], database: Database) -> Found:
    """The oldest events for these waits, one for each, and all that set variables. The run's row is locked first: what
    is raised later than this is raised later than now."""
    with database.transaction():
        database.rows(queries.LOCK_RUN, {"id": run_id})
        rows = database.rows(queries.INBOX, {"id": run_id})
        matched = match(waits, [row for row in rows if row[0] not in taken])
        ids = json.dumps([event_id for _, event_id in matched])
        texts = database.rows(queries.EVENT_PAYLOADS, {"ids": ids})
    events = {id_: Event(id_, _read(payload), _read(error)) for id_, payload, error in texts}
    return [(wait, events[event_id]) for wait, event_id in matched]


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def match(waits: Sequence[OpenWait], events: Sequence[Sequence[Any]]) -> list[tuple[OpenWait | None, int]]:
    """`events` are (id, name, correlation, node_id, iteration, attempt), oldest first. One without a name sets
    variables."""
    free = list(waits)
    matched: list[tuple[OpenWait | None, int]] = []
    for event_id, name, *meant in events:
        if not name:
            matched.append((None, event_id))
            continue
        wait = next((wait for wait in free if _is_for(wait, name, *meant)), None)
        if wait is not None:
            free.remove(wait)
            matched.append((wait, event_id))
    return matched


def _is_for(
    wait: OpenWait, name: str, correlation: str | None, node_id: str | None, iteration: str, attempt: int | None
) -> bool:
    """One that names no node is for any wait of its name, and of its correlation if it has one."""
    if node_id is not None:
        return wait.place == Place(node_id, iteration) and attempt in (None, wait.attempt)
    return wait.kind == "event" and wait.name == name and correlation in (None, wait.correlation)

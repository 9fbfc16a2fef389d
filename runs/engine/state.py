"""Where one run stands: a pure function of its plan and of the outcomes so far.

Owner, sweeper, stream and tests ask the same object what is ready, skipped or finished. Outcomes may be
applied in any order, and again: the answer is the same, which is what makes replay after a crash safe.

A node starts when every incoming edge is settled and at least one of them is taken; when all of them are
skipped it is skipped, and says so on. The triggers that did not fire are skipped from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from runs.engine.plan import OUT, Part, Place, Plan


class NodeStatus(StrEnum):
    PENDING = "pending"
    READY = "ready"
    OPEN = "open"  # begun, and not yet settled: running, or waiting for something
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


SETTLED = (NodeStatus.COMPLETED, NodeStatus.FAILED, NodeStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a node ended. `handle` is the exit that it took; None is a failure that nothing handles."""

    place: Place
    value: Any = None
    handle: str | None = OUT
    failed: bool = False


class State:
    __slots__ = ("_missing", "_ready", "_status", "_taken", "failed_node", "open", "payload", "plan", "values")

    def __init__(
        self,
        plan: Plan,
        payload: Any,
        trigger: str = "",
        outcomes: Iterable[Outcome] = (),
        part: Part | None = None,
    ) -> None:
        """With a `part`, what it takes for given is settled by its outcomes alone, whatever leads there."""
        entry = plan.entry(trigger)
        self.plan = plan
        self.payload = payload
        self.values: dict[str, Any] = {}
        self.failed_node: str | None = None
        self.open: set[Place] = set()
        self._ready: set[int] = set()
        self._status = [NodeStatus.PENDING] * len(plan.ids)
        self._missing = [len(edges) for edges in plan.incoming]
        self._taken: list[list[int]] = [[] for _ in plan.ids]
        for node_id in part.given if part else ():
            self._status[plan.number[node_id]] = NodeStatus.OPEN
        self._skip(plan.left_out(entry, part))
        for node in entry:
            if self._status[node] is NodeStatus.PENDING:
                self._reach(node)
        for outcome in outcomes:
            self.apply(outcome)

    # --- questions ---

    def ready(self) -> list[Place]:
        """Where something can start now, in the order of the document. Asking changes nothing."""
        return [self.plan.places[node] for node in sorted(self._ready)]

    def status(self, place: Place) -> NodeStatus:
        return self._status[self.plan.number[place.node_id]]

    @property
    def is_finished(self) -> bool:
        """Nothing is to be started and nothing is under way, or a failure that nothing handles ended it."""
        return self.failed_node is not None or not (self._ready or self.open)

    def inputs(self, place: Place) -> dict[str, Any]:
        """What came in, by source, over the edges that were taken and in their order."""
        sources = (self.plan.sources[edge] for edge in sorted(self._taken[self.plan.number[place.node_id]]))
        return {self.plan.ids[source]: self.values[self.plan.ids[source]] for source in sources}

    def input(self, place: Place) -> Any:
        """The same merged: the payload where the run begins; the value of the only source; of several sources
        one object with all their keys (later edges win), or a list when they are not all objects."""
        return self.merged(self.inputs(place))

    def merged(self, inputs: Mapping[str, Any]) -> Any:
        values = list(inputs.values())
        if not values:
            return self.payload
        if len(values) == 1:
            return values[0]
        if all(isinstance(value, dict) for value in values):
            return {key: member for value in values for key, member in value.items()}
        return values

    def output(self) -> Any:
        """The run's result: the value of the node at which it came to an end; of several, each under its id."""
        left = {self.plan.sources[edge] for edges in self._taken for edge in edges}
        ends = [node_id for node, node_id in enumerate(self.plan.ids) if node_id in self.values and node not in left]
        if len(ends) == 1:
            return self.values[ends[0]]
        return {node_id: self.values[node_id] for node_id in ends}

    # --- changes ---

    def begin(self, place: Place) -> None:
        """The node is under way: it is no longer ready, and the run is not finished before it settles."""
        node = self.plan.number[place.node_id]
        if self._status[node] not in SETTLED:
            self._ready.discard(node)
            self._status[node] = NodeStatus.OPEN
            self.open.add(place)

    def apply(self, outcome: Outcome) -> None:
        """Settles a node and its edges. The first outcome of a node counts; a second one changes nothing."""
        node = self.plan.number[outcome.place.node_id]
        if self._status[node] in SETTLED:
            return
        if outcome.handle is None:
            self.failed_node = self.failed_node or outcome.place.node_id
        self._settle(node, outcome.value, outcome.handle, failed=outcome.failed)

    def _settle(self, node: int, value: Any, handle: str | None, *, failed: bool = False) -> None:
        self._ready.discard(node)
        self.open.discard(self.plan.places[node])
        self._status[node] = NodeStatus.FAILED if failed else NodeStatus.COMPLETED
        if handle is not None:
            self.values[self.plan.ids[node]] = value
            self._leave(node, handle)

    def _leave(self, node: int, handle: str) -> None:
        """Settles the edges behind a node, and what they lead to as far as nothing has to run for it."""
        work = [(node, handle)]
        while work:
            at, exit_taken = work.pop()
            for edge in self.plan.outgoing[at]:
                target = self.plan.targets[edge]
                self._missing[target] -= 1
                if self.plan.handles[edge] == exit_taken:
                    self._taken[target].append(edge)
                if self._missing[target] or self._status[target] is not NodeStatus.PENDING:
                    continue
                if not self._taken[target]:
                    self._status[target] = NodeStatus.SKIPPED
                    work.append((target, _NO_EXIT))
                elif self._pass_through(target):
                    work.append((target, self.plan.way_through(target)))

    def _pass_through(self, node: int) -> bool:
        """A node that was reached: ready, or settled at once when it is disabled."""
        if node not in self.plan.disabled:
            self._status[node] = NodeStatus.READY
            self._ready.add(node)
            return False
        self._status[node] = NodeStatus.COMPLETED
        self.values[self.plan.ids[node]] = self.input(self.plan.places[node])
        return True

    def _reach(self, node: int) -> None:
        if self._pass_through(node):
            self._leave(node, self.plan.way_through(node))

    def _skip(self, nodes: list[int]) -> None:
        for node in nodes:
            self._status[node] = NodeStatus.SKIPPED
        for node in nodes:
            self._leave(node, _NO_EXIT)


# The exit of a skipped node: no handle has this name, so that all edges behind it are skipped.
_NO_EXIT = "\0"

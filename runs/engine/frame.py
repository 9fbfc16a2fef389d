"""One pass through one level of a plan: which of its nodes are ready, open, settled, and what they gave.

A node starts when every incoming edge is settled and at least one of them is taken; when all of them are
skipped it is skipped, and says so on. A join starts as soon as enough are taken, and is skipped as soon as
there cannot be enough any more. The triggers that did not fire are skipped from the start.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from runs.engine.plan import Fixed, Part, Place, Plan


class NodeStatus(StrEnum):
    PENDING = "pending"
    READY = "ready"
    OPEN = "open"  # begun, and not yet settled: running, or waiting for something
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    TERMINATED = "terminated"  # begun, and stopped before it was done


SETTLED = frozenset((NodeStatus.COMPLETED, NodeStatus.FAILED, NodeStatus.SKIPPED, NodeStatus.TERMINATED))

# The exit of a skipped node: no handle has this name, so that all edges behind it are skipped.
_NO_EXIT = "\0"


class Frame:
    __slots__ = (
        "_fixed",
        "_left_by",
        "_missing",
        "_taken",
        "around",
        "container",
        "cut",
        "index",
        "is_over",
        "iteration",
        "open",
        "payload",
        "places",
        "plan",
        "ready",
        "status",
        "values",
    )

    def __init__(self, plan: Plan, payload: Any, trigger: str = "", part: Part | None = None) -> None:
        """The pass through the outermost level. Raises BrokenPlan when there is no such trigger."""
        entry = plan.entry(trigger)
        self.plan = plan
        self.iteration = ""
        self.places = plan.places
        self.payload = payload
        self.container: Place | None = None
        self.around: Frame | None = None
        self.index = 0
        self._blank()
        self._start(entry, part)

    @classmethod
    def inside(cls, around: Frame, container: Place, index: int, payload: Any, part: Part | None = None) -> Frame:
        """The pass number `index` of a container that lies in `around`; it begins with `payload`."""
        frame = cls.__new__(cls)
        frame.plan = around.plan.inside[around.plan.number[container.node_id]]
        frame.iteration = f"{container.iteration}.{index}" if container.iteration else str(index)
        frame.places = tuple(Place(node_id, frame.iteration) for node_id in frame.plan.ids)
        frame.payload = payload
        frame.container = container
        frame.around = around
        frame.index = index
        frame._blank()
        if part is None:
            frame._begin_at(frame.plan.entry())
        else:
            frame._start(frame.plan.entry(), part)
        return frame

    def _start(self, entry: tuple[int, ...], part: Part | None) -> None:
        number, given = self.plan.number, part.given if part else frozenset()
        for node_id in given & number.keys():
            self.status[number[node_id]] = NodeStatus.OPEN
        self._skip(self.plan.left_out(entry, part))
        self._begin_at(entry)
        for node_id, fixed in part.fixed.items() if part else ():
            if node_id in number:
                self.fix(number[node_id], fixed)

    def _blank(self) -> None:
        plan = self.plan
        self.values: dict[str, Any] = {}
        self.ready: set[int] = set()
        self.open: set[int] = set()
        self.cut: list[int] = []
        """Nodes that a join wants stopped."""
        self.is_over = False
        """A pass that has its result, or is not to have one."""
        self.status = [NodeStatus.PENDING] * len(plan.ids)
        self._missing = [len(edges) for edges in plan.incoming]
        self._taken: list[list[int]] = [[] for _ in plan.ids]
        self._left_by: list[int] = []
        self._fixed: dict[int, Fixed] = {}

    # --- questions ---

    @property
    def is_quiet(self) -> bool:
        """Nothing is to be started and nothing is under way."""
        return not (self.ready or self.open)

    def inputs(self, node: int) -> dict[str, Any]:
        """What came in, by source, over the edges that were taken and in their order."""
        undone = self.plan.undoes.get(node)
        if undone is not None:
            return {self.plan.ids[undone]: self.values.get(self.plan.ids[undone])}
        sources = (self.plan.sources[edge] for edge in sorted(self._taken[node]))
        return {self.plan.ids[source]: self.values[self.plan.ids[source]] for source in sources}

    def merged(self, inputs: Mapping[str, Any]) -> Any:
        """The payload where the pass begins; the value of the only source; of several sources one object with all
        their keys (later edges win), or a list when they are not all objects."""
        values = list(inputs.values())
        if not values:
            return self.payload
        if len(values) == 1:
            return values[0]
        if all(isinstance(value, dict) for value in values):
            return {key: member for value in values for key, member in value.items()}
        return values

    def output(self) -> Any:
        """The result: the value of the node at which the pass came to an end; of several, each under its id."""
        plan = self.plan
        if not plan.ids:
            return self.payload
        led_on = {
            plan.sources[edge]
            for edge in self._left_by
            if self.status[plan.targets[edge]] is not NodeStatus.SKIPPED  # as a join is for which too few came
        }
        ends = [id_ for node, id_ in enumerate(plan.ids) if id_ in self.values and node not in led_on]
        return self.values[ends[0]] if len(ends) == 1 else {id_: self.values[id_] for id_ in ends}

    @property
    def known(self) -> Mapping[str, Any]:
        """Outputs by node id: of this pass, and of what lies around its container."""
        return self.values if self.around is None else ChainMap(self.values, self.around.known)  # type: ignore[arg-type]

    @property
    def loop(self) -> dict[str, Any]:
        """`item` and `index`, as far as there are any: of the innermost container that has them."""
        roots = {} if self.around is None else self.around.loop
        for name, value in (("item", self.payload), ("index", self.index)):
            if name in self.plan.around.loop_roots:
                roots[name] = value
        return roots

    # --- changes ---

    def begin(self, node: int) -> None:
        self.ready.discard(node)
        self.open.add(node)
        self.status[node] = NodeStatus.OPEN

    def settle(self, node: int, value: Any, handle: str | None, *, failed: bool) -> None:
        """Without a handle nothing behind the node is settled by it."""
        self.ready.discard(node)
        self.open.discard(node)
        self.status[node] = NodeStatus.FAILED if failed else NodeStatus.COMPLETED
        if handle is not None:
            self.values[self.plan.ids[node]] = value
            self._leave(node, handle)

    def fix(self, node: int, fixed: Fixed) -> None:
        """A node that is given comes to this once all that leads to it is settled: behind it that may be read."""
        if self._missing[node]:
            self._fixed[node] = fixed
        else:
            self.settle(node, *fixed, failed=False)

    def stop(self, nodes: Iterable[int]) -> list[int]:
        """Nothing of these goes on: what was to start is skipped. Comes back with those that are under way."""
        under_way = []
        for node in nodes:
            status = self.status[node]
            if status is NodeStatus.OPEN:
                under_way.append(node)
                self.status[node] = NodeStatus.TERMINATED
            elif status in (NodeStatus.PENDING, NodeStatus.READY):
                self.status[node] = NodeStatus.SKIPPED
            self.ready.discard(node)
            self.open.discard(node)
        return under_way

    def undo(self, step: int) -> None:
        """The undo step is to run."""
        self.status[step] = NodeStatus.READY
        self.ready.add(step)

    # --- along the edges ---

    def _begin_at(self, entry: tuple[int, ...]) -> None:
        for node in entry:
            if self.status[node] is NodeStatus.PENDING and self._pass_through(node):
                self._leave(node, self.plan.way_through(node))

    def _skip(self, nodes: list[int]) -> None:
        for node in nodes:
            self.status[node] = NodeStatus.SKIPPED
        for node in nodes:
            self._leave(node, _NO_EXIT)

    def _leave(self, node: int, handle: str) -> None:
        """Settles the edges behind a node, and what they lead to as far as nothing has to run for it."""
        plan = self.plan
        work = [(node, handle)]
        while work:
            at, exit_taken = work.pop()
            for edge in plan.outgoing[at]:
                target = plan.targets[edge]
                self._missing[target] -= 1
                if plan.handles[edge] == exit_taken:
                    self._left_by.append(edge)
                    if not 0 < plan.needed[target] <= len(self._taken[target]):
                        self._taken[target].append(edge)  # what comes after a join has started is not waited for
                if target in self._fixed and not self._missing[target]:
                    fixed = self._fixed.pop(target)
                    self.status[target], self.values[plan.ids[target]] = NodeStatus.COMPLETED, fixed.value
                    work.append((target, fixed.handle))
                if self.status[target] is not NodeStatus.PENDING or self._may_change(target):
                    continue
                if len(self._taken[target]) < max(plan.needed[target], 1):
                    self.status[target] = NodeStatus.SKIPPED
                    work.append((target, _NO_EXIT))
                elif self._pass_through(target):
                    work.append((target, plan.way_through(target)))

    def _may_change(self, node: int) -> bool:
        """Whether it is still open if the node starts: not everything is settled that counts for it."""
        needed, missing = self.plan.needed[node], self._missing[node]
        if not needed or not missing:
            return missing > 0
        came = len(self._taken[node])
        return came < needed <= came + missing

    def _pass_through(self, node: int) -> bool:
        """A node that was reached: ready, or settled at once when it is disabled."""
        if node in self.plan.feeders:
            self.cut += self.stop(self.plan.feeders[node])
        if node not in self.plan.disabled:
            self.status[node] = NodeStatus.READY
            self.ready.add(node)
            return False
        self.status[node] = NodeStatus.COMPLETED
        self.values[self.plan.ids[node]] = self.merged(self.inputs(node))
        return True

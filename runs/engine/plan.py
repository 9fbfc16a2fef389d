"""A version's graph, compiled once for running: who follows whom, by which handle, and where a run begins.

Pure: no Django, no clock, no I/O. Nodes and edges are numbered in the order of the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

OUT = "out"
ERROR = "error"
TRUE = "true"
MANUAL = "manual_trigger"


class Place(NamedTuple):
    """A node in one iteration: what has attempts, waits and an outcome. `iteration` is empty outside containers;
    inside, it is a path of passes, outermost first, such as "3" or "3.0"."""

    node_id: str
    iteration: str = ""


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """What the plan needs to know of a node. A disabled one hands its input on."""

    id: str
    kind: str = ""
    is_trigger: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class EdgeSpec:
    """An arrow from a handle of `source` to `target`; no handle means the plain exit."""

    source: str
    target: str
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What of a graph one run is about: the nodes in `targets`, on the outcomes of those in `given`. All others are
    left out, as if no way led to them."""

    targets: frozenset[str]
    given: frozenset[str]


class BrokenPlan(Exception):  # noqa: N818 - named for what it says
    """The graph cannot be run: an edge to nowhere, an id twice, or a cycle. Checked at save; this is the last guard."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The graph by numbers. `incoming` and `outgoing` hold edge numbers in edge order."""

    ids: tuple[str, ...]
    places: tuple[Place, ...]
    number: dict[str, int]
    kinds: tuple[str, ...]
    triggers: frozenset[int]
    disabled: frozenset[int]
    sources: tuple[int, ...]
    targets: tuple[int, ...]
    handles: tuple[str, ...]
    incoming: tuple[tuple[int, ...], ...]
    outgoing: tuple[tuple[int, ...], ...]

    def entry(self, trigger: str = "") -> tuple[int, ...]:
        """Where a run begins: at `trigger`; else at the manual or first trigger; without triggers at every source."""
        if trigger:
            if trigger not in self.number:
                raise BrokenPlan(f"There is no node {trigger!r} to start at.")
            return (self.number[trigger],)
        enabled = sorted(self.triggers - self.disabled) or sorted(self.triggers)
        if enabled:
            manual = [node for node in enabled if self.kinds[node] == MANUAL]
            return ((manual or enabled)[0],)
        return tuple(node for node in range(len(self.ids)) if not self.incoming[node])

    def way_through(self, node: int) -> str:
        """The exit by which a disabled node hands its input on: the plain one where it is connected, else `true`,
        else the first that is no error exit."""
        connected = [self.handles[edge] for edge in self.outgoing[node]]
        wanted = [handle for handle in (OUT, TRUE, *connected) if handle in connected and handle != ERROR]
        return wanted[0] if wanted else OUT

    def left_out(self, entry: tuple[int, ...], part: Part | None = None) -> list[int]:
        """What this run never reaches by itself: other triggers, other nodes that nothing leads to, and what lies
        outside the part of the graph that it is about."""
        return [
            node
            for node, node_id in enumerate(self.ids)
            if (
                node not in entry
                and (node in self.triggers or not self.incoming[node])
                and not _is_given(node_id, part)
            )
            or (part is not None and node_id not in part.targets | part.given)
        ]


def _is_given(node_id: str, part: Part | None) -> bool:
    return part is not None and node_id in part.given


def compile_plan(nodes: Sequence[NodeSpec], edges: Sequence[EdgeSpec]) -> Plan:
    """Raises BrokenPlan for a graph that has no order to run in."""
    number = {node.id: place for place, node in enumerate(nodes)}
    if len(number) != len(nodes):
        raise BrokenPlan("Two nodes have the same id.")
    incoming: list[list[int]] = [[] for _ in nodes]
    outgoing: list[list[int]] = [[] for _ in nodes]
    for place, edge in enumerate(edges):
        if edge.source not in number or edge.target not in number:
            raise BrokenPlan(f"The edge from {edge.source!r} to {edge.target!r} leads to nowhere.")
        incoming[number[edge.target]].append(place)
        outgoing[number[edge.source]].append(place)
    plan = Plan(
        ids=tuple(node.id for node in nodes),
        places=tuple(Place(node.id) for node in nodes),
        number=number,
        kinds=tuple(node.kind for node in nodes),
        triggers=frozenset(place for place, node in enumerate(nodes) if node.is_trigger),
        disabled=frozenset(place for place, node in enumerate(nodes) if node.disabled),
        sources=tuple(number[edge.source] for edge in edges),
        targets=tuple(number[edge.target] for edge in edges),
        handles=tuple(edge.handle or OUT for edge in edges),
        incoming=tuple(map(tuple, incoming)),
        outgoing=tuple(map(tuple, outgoing)),
    )
    _refuse_cycles(plan)
    return plan


def _refuse_cycles(plan: Plan) -> None:
    missing = Counter({node: len(edges) for node, edges in enumerate(plan.incoming)})
    free = [node for node, count in missing.items() if not count]
    for node in free:
        for edge in plan.outgoing[node]:
            missing[plan.targets[edge]] -= 1
            if not missing[plan.targets[edge]]:
                free.append(plan.targets[edge])  # the list grows while it is walked
    if len(free) < len(plan.ids):
        stuck = sorted(set(range(len(plan.ids))) - set(free))
        raise BrokenPlan(f"The nodes {', '.join(plan.ids[node] for node in stuck)} wait for one another.")

"""A version's graph, compiled once for running: who follows whom, by which handle, and where a run begins.

Pure: no Django, no clock, no I/O. What lies in a container is a plan of its own, a level; nodes and edges of a
level are numbered in the order of the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

OUT = "out"
ERROR = "error"
TRUE = "true"
COMPENSATE = "compensate"
"""The exit that leads to the step that undoes a node. Nobody leaves by it while all goes well."""
MANUAL = "manual_trigger"


class Place(NamedTuple):
    """A node in one iteration: what has attempts, waits and an outcome. `iteration` is empty outside containers;
    inside, it is a path of passes, outermost first, such as "3" or "3.0"."""

    node_id: str
    iteration: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """Starts when `count` of its edges are taken. With `cancel_rest` what only leads here is stopped then."""

    count: int
    cancel_rest: bool = False


@dataclass(frozen=True, slots=True)
class Inside:
    """What a container is to what lies in it."""

    repeats: bool = False
    """Asked after every pass whether there is another one; else all passes are known when it opens."""
    loop_roots: frozenset[str] = frozenset()
    """Of `item` and `index`, those that expressions inside may read."""
    body: NodeSpec | None = None
    """A container that is drawn as one node holds this one, under its own id."""


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """What the plan needs to know of a node. A disabled one hands its input on."""

    id: str
    kind: str = ""
    is_trigger: bool = False
    disabled: bool = False
    parent: str | None = None
    inside: Inside | None = None
    join: Join | None = None
    assigns: bool = False
    """What it gives becomes variables of the run."""


@dataclass(frozen=True, slots=True)
class EdgeSpec:
    """An arrow from a handle of `source` to `target`; no handle means the plain exit."""

    source: str
    target: str
    handle: str | None = None


class Fixed(NamedTuple):
    """An outcome that is set beforehand."""

    value: Any
    handle: str = OUT


@dataclass(frozen=True, slots=True)
class Part:
    """What of a graph one run is about: the nodes in `targets`, on the outcomes of those in `given`. All others are
    left out, as if no way led to them; in containers too, but for those in which none is named."""

    targets: frozenset[str]
    given: frozenset[str]
    fixed: Mapping[str, Fixed] = field(default_factory=dict)
    """What those of the given that lie in containers come to, in every pass."""
    passes: Mapping[str, int] = field(default_factory=dict)
    """Container → its only pass."""

    def restricts(self, plan: Plan) -> bool:
        return not plan.number.keys().isdisjoint(self.targets | self.given)


class BrokenPlan(Exception):  # noqa: N818 - named for what it says
    """The graph cannot be run: an edge to nowhere, an id twice, or a cycle. Checked at save; this is the last guard."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One level by numbers. `incoming` and `outgoing` hold edge numbers in edge order, without those to undo steps."""

    ids: tuple[str, ...]
    places: tuple[Place, ...]
    """For the level outside all containers."""
    number: dict[str, int]
    kinds: tuple[str, ...]
    triggers: frozenset[int]
    disabled: frozenset[int]
    assigns: frozenset[int]
    sources: tuple[int, ...]
    targets: tuple[int, ...]
    handles: tuple[str, ...]
    incoming: tuple[tuple[int, ...], ...]
    outgoing: tuple[tuple[int, ...], ...]
    needed: tuple[int, ...]
    """How many taken edges start a node; 0: it waits for all, and starts when any is taken."""
    feeders: Mapping[int, tuple[int, ...]]
    """What a join stops when it starts: nodes from which every way leads to it."""
    undo: Mapping[int, int]
    """Node → the step that undoes it."""
    undoes: Mapping[int, int]
    """The other way round."""
    inside: Mapping[int, Plan]
    """Container → the level in it."""
    around: Inside
    """The container around this level."""
    chains: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Of the whole graph: node → the containers around it, outermost first. Those around none are left out."""
    has_undo: bool = False
    """Here or deeper."""
    beginnings: tuple[int, ...] = ()
    """Nodes to which nothing leads."""

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
        return self.beginnings

    def way_through(self, node: int) -> str:
        """The exit by which a disabled node hands its input on: the plain one where it is connected, else `true`,
        else the first that is no error exit."""
        connected = [self.handles[edge] for edge in self.outgoing[node]]
        wanted = [handle for handle in (OUT, TRUE, *connected) if handle in connected and handle != ERROR]
        return wanted[0] if wanted else OUT

    def left_out(self, entry: tuple[int, ...], part: Part | None = None) -> list[int]:
        """What this run never reaches by itself: other triggers, other nodes that nothing leads to, and what lies
        outside the part of the graph that it is about."""
        never = {*self.triggers, *self.beginnings}.difference(entry)
        if part is None or not part.restricts(self):
            return sorted(never)
        given = {self.number[node_id] for node_id in part.given if node_id in self.number}
        outside = {node for node, node_id in enumerate(self.ids) if node_id not in part.targets | part.given}
        return sorted((never - given) | outside)


def compile_plan(nodes: Sequence[NodeSpec], edges: Sequence[EdgeSpec]) -> Plan:
    """Raises BrokenPlan for a graph that has no order to run in."""
    by_id = {node.id: node for node in nodes}
    if len(by_id) != len(nodes):
        raise BrokenPlan("Two nodes have the same id.")
    for edge in edges:
        if edge.source not in by_id or edge.target not in by_id:
            raise BrokenPlan(f"The edge from {edge.source!r} to {edge.target!r} leads to nowhere.")
        if by_id[edge.source].parent != by_id[edge.target].parent:
            raise BrokenPlan(f"The edge from {edge.source!r} to {edge.target!r} crosses a container's border.")
    chains = {node.id: chain for node in nodes if (chain := _chain(node, by_id))}
    return _Levels(nodes, edges, chains).level(None, Inside())


def _chain(node: NodeSpec, by_id: Mapping[str, NodeSpec]) -> tuple[str, ...]:
    chain: list[str] = []
    while node.parent is not None:
        parent = by_id.get(node.parent)
        if parent is None or parent.inside is None or parent.id in chain:
            raise BrokenPlan(f"The node {node.id!r} does not lie in a container.")
        chain.insert(0, parent.id)
        node = parent
    return tuple(chain)


class _Levels:
    """Compiles level by level, from the outermost inwards."""

    def __init__(
        self, nodes: Sequence[NodeSpec], edges: Sequence[EdgeSpec], chains: dict[str, tuple[str, ...]]
    ) -> None:
        self._chains = chains
        self._nodes: dict[str | None, list[NodeSpec]] = {}
        self._edges: dict[str | None, list[EdgeSpec]] = {}
        parent = {}
        for node in nodes:
            self._nodes.setdefault(node.parent, []).append(node)
            parent[node.id] = node.parent
        for edge in edges:
            self._edges.setdefault(parent[edge.source], []).append(edge)

    def level(self, container: str | None, around: Inside) -> Plan:
        nodes = [around.body] if around.body else self._nodes.get(container, [])
        edges = self._edges.get(container, [])
        inside = {
            place: self.level(node.id, node.inside) for place, node in enumerate(nodes) if node.inside is not None
        }
        plan = _level(nodes, edges, inside, around, self._chains)
        _refuse_cycles(plan)
        return plan


def _level(
    nodes: Sequence[NodeSpec],
    edges: Sequence[EdgeSpec],
    inside: Mapping[int, Plan],
    around: Inside,
    chains: Mapping[str, tuple[str, ...]],
) -> Plan:
    number = {node.id: place for place, node in enumerate(nodes)}
    incoming: list[list[int]] = [[] for _ in nodes]
    outgoing: list[list[int]] = [[] for _ in nodes]
    undo: dict[int, int] = {}
    for place, edge in enumerate(edges):
        if edge.handle == COMPENSATE:
            undo[number[edge.source]] = number[edge.target]
        else:
            incoming[number[edge.target]].append(place)
            outgoing[number[edge.source]].append(place)
    targets = tuple(number[edge.target] for edge in edges)
    undoes = {step: node for node, step in undo.items()}
    joins = {place: node.join for place, node in enumerate(nodes) if node.join}
    return Plan(
        ids=tuple(node.id for node in nodes),
        places=tuple(Place(node.id) for node in nodes),
        number=number,
        kinds=tuple(node.kind for node in nodes),
        triggers=frozenset(place for place, node in enumerate(nodes) if node.is_trigger),
        disabled=frozenset(place for place, node in enumerate(nodes) if node.disabled),
        assigns=frozenset(place for place, node in enumerate(nodes) if node.assigns),
        sources=tuple(number[edge.source] for edge in edges),
        targets=targets,
        handles=tuple(edge.handle or OUT for edge in edges),
        incoming=tuple(map(tuple, incoming)),
        outgoing=tuple(map(tuple, outgoing)),
        needed=tuple(node.join.count if node.join else 0 for node in nodes),
        feeders={place: _feeders(place, outgoing, targets) for place, join in joins.items() if join.cancel_rest},
        undo=undo,
        undoes=undoes,
        inside=inside,
        around=around,
        chains=chains,
        has_undo=bool(undo) or any(level.has_undo for level in inside.values()),
        beginnings=tuple(node for node, edges_in in enumerate(incoming) if not edges_in and node not in undoes),
    )


def _feeders(join: int, outgoing: Sequence[Sequence[int]], targets: Sequence[int]) -> tuple[int, ...]:
    """The nodes from which every way leads to the join."""
    found = {join}
    grew = True
    while grew:
        more = {
            node
            for node, edges in enumerate(outgoing)
            if node not in found and edges and all(targets[edge] in found for edge in edges)
        }
        found |= more
        grew = bool(more)
    return tuple(sorted(found - {join}))


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

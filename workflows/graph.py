"""The rules of the graph: everything that is wrong with a document {nodes, edges}, without any database.

read      shapes and types; what cannot be read is reported and left out of the rest (graph_reading.py)
connect   kinds, ids, containers (nesting.py), edges, handles, cycles
settings  options, settings and expressions of each node (settings_check.py)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from workflows.compensation import check_undo_steps
from workflows.faults import Fault, at
from workflows.graph_reading import GraphEdge, GraphNode, read_edges, read_nodes
from workflows.nesting import check_borders, check_parents, containers_around, loop_roots
from workflows.node_settings import common_options, node_settings
from workflows.nodes.base import COMPENSATE, ERROR, OUT, Node
from workflows.nodes.registry import REGISTRY, Registry
from workflows.nodes.webhook_trigger import WebhookTrigger
from workflows.settings_check import check_settings

MAX_NODES = 1_000
MAX_EDGES = 5_000
MAX_CYCLES_NAMED = 10


def check_document(
    document: Mapping[str, Any], *, own_schedule: bool = False, registry: Registry = REGISTRY
) -> list[Fault]:
    """All faults of a document. With `own_schedule` the workflow itself has one, so its schedule triggers need none."""
    too_large = _check_size(document)
    if too_large:
        return too_large
    faults: list[Fault] = []
    nodes = read_nodes(document, faults)
    edges = read_edges(document, faults)
    kinds = {node.kind: registry.get(node.kind) for node in nodes}
    faults += _check_kinds(nodes, kinds)
    faults += _check_ids(nodes, edges)
    faults += check_parents(nodes, kinds)
    by_id = {node.id: node for node in nodes}
    connected, edge_faults = _connect(by_id, edges)
    faults += edge_faults
    faults += check_borders(by_id, connected)
    faults += _check_ends(by_id, connected, kinds)
    faults += check_undo_steps(connected)
    cycles = list(_cycles(by_id, connected))
    faults += cycles
    upstream = None if cycles else Upstream(by_id, connected, kinds)
    known = frozenset(by_id)
    for node in nodes:
        kind = kinds.get(node.kind)
        if kind:
            roots = loop_roots(node, by_id, kinds)
            faults += check_settings(node, kind, known, upstream, roots, own_schedule=own_schedule)
    return faults + _check_hooks(nodes, kinds) + _check_joins(nodes, connected, kinds)


def _check_size(document: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for part, limit in (("nodes", MAX_NODES), ("edges", MAX_EDGES)):
        items = document.get(part)
        if isinstance(items, list) and len(items) > limit:
            message = f"A workflow may have {limit:,} {part}; this one has {len(items):,}."
            faults.append(Fault(part, f"too_many_{part}", message))
    return faults


def _check_kinds(nodes: Sequence[GraphNode], kinds: Mapping[str, Node | None]) -> list[Fault]:
    return [
        Fault(
            at("nodes", node.index, "data", "componentId"),
            "unknown_component",
            f'There is no component "{node.kind}".',
            node_id=node.id,
            field="componentId",
        )
        for node in nodes
        if node.kind and not kinds[node.kind]
    ]


def _check_ids(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge]) -> list[Fault]:
    faults = []
    for part, items in (("nodes", nodes), ("edges", edges)):
        seen: dict[str, int] = {}
        for item in items:
            first = seen.setdefault(item.id, item.index)
            if first != item.index:
                message = f'The id "{item.id}" is already that of {part}[{first}].'
                owner: dict[str, Any] = {"node_id" if part == "nodes" else "edge_id": item.id}
                faults.append(Fault(at(part, item.index, "id"), "duplicate_id", message, **owner))
    return faults


def _check_hooks(nodes: Sequence[GraphNode], kinds: Mapping[str, Node | None]) -> list[Fault]:
    """Of two webhook triggers with one method and path only the first would ever fire."""
    faults = []
    taken: dict[tuple[str, str], str] = {}
    for node in nodes:
        kind = kinds[node.kind] if node.kind else None
        if not isinstance(kind, WebhookTrigger) or node.data.get("disabled") is True:
            continue
        others = {taken.setdefault(address, node.id) for address in kind.addresses(node_settings(kind, node.data))}
        for other in sorted(others - {node.id}):
            message = f'The webhook "{other}" already answers to this method and path.'
            path = at("nodes", node.index, "data", "path")
            faults.append(Fault(path, "duplicate_webhook", message, "settings", node_id=node.id, field="path"))
    return faults


def _check_joins(
    nodes: Sequence[GraphNode], edges: Iterable[GraphEdge], kinds: Mapping[str, Node | None]
) -> list[Fault]:
    """A join that wants more branches than lead to it would never start."""
    leading = Counter(edge.target for edge in edges)
    faults = []
    for node in nodes:
        kind = kinds[node.kind] if node.kind else None
        starts = kind.join(node_settings(kind, node.data)) if kind and node.data.get("disabled") is not True else None
        if starts and 0 < leading[node.id] < starts[0]:
            message = f"It waits for {starts[0]} branches, and only {leading[node.id]} lead to it."
            path = at("nodes", node.index, "data", "count")
            faults.append(Fault(path, "too_few_branches", message, "settings", node_id=node.id, field="count"))
    return faults


# --- edges ---


def _connect(nodes: Mapping[str, GraphNode], edges: Iterable[GraphEdge]) -> tuple[list[GraphEdge], list[Fault]]:
    """The edges whose both ends exist, and a fault for each end that does not."""
    connected: list[GraphEdge] = []
    faults: list[Fault] = []
    for edge in edges:
        nowhere = [(end, id_) for end, id_ in (("source", edge.source), ("target", edge.target)) if id_ not in nodes]
        if not nowhere:
            connected.append(edge)
        for end, id_ in nowhere:
            message = f'The edge\'s {end} "{id_}" does not exist.'
            faults.append(Fault(at("edges", edge.index, end), "edge_to_nowhere", message, edge_id=edge.id))
    return connected, faults


def _check_ends(
    nodes: Mapping[str, GraphNode], edges: Iterable[GraphEdge], kinds: Mapping[str, Node | None]
) -> list[Fault]:
    faults: list[Fault] = []
    exits = {node.id: exits_of(kind, node.data) for node in nodes.values() if (kind := kinds.get(node.kind))}
    for edge in edges:
        target = kinds.get(nodes[edge.target].kind)
        if target and target.is_trigger:
            message = f'"{edge.target}" is a trigger: it starts the workflow, so nothing can lead into it.'
            path = at("edges", edge.index, "target")
            faults.append(Fault(path, "edge_into_trigger", message, node_id=edge.target, edge_id=edge.id))
        exits_here = exits.get(edge.source)
        if exits_here is not None and (edge.handle or OUT) not in exits_here:
            faults.append(_unknown_handle(edge, exits_here))
    return faults


def _unknown_handle(edge: GraphEdge, exits: Sequence[str]) -> Fault:
    handle = edge.handle or OUT
    if handle == ERROR:
        advice = 'For that its "on_error" must be "error".'
    elif handle == COMPENSATE:
        advice = 'For that its "compensate" must be true.'
    else:
        advice = f"It has: {', '.join(exits)}." if exits else "It has none."
    message = f'"{edge.source}" has no exit "{handle}". {advice}'
    path = at("edges", edge.index, "sourceHandle")
    return Fault(path, "unknown_handle", message, node_id=edge.source, edge_id=edge.id)


def exits_of(kind: Node, data: Mapping[str, Any]) -> list[str] | None:
    """The handles by which a node can be left; None while its settings do not tell."""
    exits = list(kind.handles)
    if kind.dynamic_handles:
        items = node_settings(kind, data).get(kind.dynamic_handles.setting, [])
        if not isinstance(items, list):
            return None
        names = [item.get(kind.dynamic_handles.key) for item in items if isinstance(item, dict)]
        exits = [name for name in names if isinstance(name, str)] + exits
    if kind.can_fail and common_options(data).get("on_error") == "error":
        exits.append(ERROR)
    if not kind.is_trigger and common_options(data).get("compensate") is True:
        exits.append(COMPENSATE)
    return exits


# --- order ---


def _order(ids: Iterable[str], edges: Iterable[GraphEdge]) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(ids, ()))
    for edge in edges:
        sorter.add(edge.target, edge.source)
    return list(sorter.static_order())


def _cycles(ids: Iterable[str], edges: Sequence[GraphEdge]) -> Iterable[Fault]:
    """Each cycle named once; to find the next one, the edge that closes the last is taken out."""
    for _ in range(MAX_CYCLES_NAMED):
        try:
            _order(ids, edges)
            return
        except CycleError as error:
            circle: list[str] = error.args[1]
        steps = set(pairwise(circle))
        closing = next(edge for edge in reversed(edges) if (edge.source, edge.target) in steps)
        edges = [edge for edge in edges if (edge.source, edge.target) != (closing.source, closing.target)]
        start = circle.index(closing.target)
        names = " → ".join([*circle[start:-1], *circle[:start], closing.target])
        message = f"These nodes go round in a circle: {names}."
        path = at("edges", closing.index)
        yield Fault(path, "cycle", message, node_id=closing.source, edge_id=closing.id)


class Upstream:
    """Which nodes lie before which; one bit per node, for a set per node would be a million entries."""

    def __init__(
        self, nodes: Mapping[str, GraphNode], edges: Sequence[GraphEdge], kinds: Mapping[str, Node | None]
    ) -> None:
        order = _order(nodes, edges)
        self._nodes = nodes
        self._kinds = kinds
        self._bits = {id_: 1 << place for place, id_ in enumerate(order)}
        self._above = dict.fromkeys(order, 0)
        sources: dict[str, list[str]] = {id_: [] for id_ in order}
        for edge in edges:
            sources[edge.target].append(edge.source)
        for id_ in order:
            for source in sources[id_]:
                self._above[id_] |= self._above[source] | self._bits[source]

    def leads(self, before: str, after: str) -> bool:
        """Whether a way along the edges goes from `before` to `after`, or to a container around it; or `after` is
        asked when `before`, which lies in it, has run."""
        node = self._nodes[after]
        places = [node, *containers_around(node, self._nodes)]
        if any(self._above[place.id] & self._bits[before] for place in places):
            return True
        kind = self._kinds.get(node.kind)
        return bool(kind and kind.repeats) and node in containers_around(self._nodes[before], self._nodes)

"""The rules of containers: what may lie in what, and that no edge crosses a container's border.

A container is a node whose kind says so; what lies in it names it as `parentId`. To everything around, the
container is one node: edges end at it, and what lies in it is joined only to what lies there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from workflows.faults import Fault, at
from workflows.graph_reading import GraphEdge, GraphNode
from workflows.nodes.base import Node

MAX_DEPTH = 5

Kinds = Mapping[str, Node | None]


def check_parents(nodes: Sequence[GraphNode], kinds: Kinds) -> list[Fault]:
    faults = []
    by_id = {node.id: node for node in reversed(nodes)}
    depth: dict[str, int] = {}
    for node in nodes:
        if node.parent is None:
            depth.setdefault(node.id, 0)
            continue
        depth.setdefault(node.id, depth.get(node.parent, 0) + 1)
        fault = None
        if node.parent not in by_id:
            fault = "parent_missing", f'The parent "{node.parent}" does not exist.'
        elif node.parent == node.id or node.parent not in depth:
            fault = "parent_after_child", f'The parent "{node.parent}" must come before this node in the list.'
        elif depth[node.id] > MAX_DEPTH:
            fault = "too_deep", f"Containers may lie {MAX_DEPTH} deep in one another, no deeper."
        else:
            fault = _unfit(node, kinds.get(node.kind), kinds.get(by_id[node.parent].kind))
        if fault:
            faults.append(Fault(at("nodes", node.index, "parentId"), *fault, node_id=node.id))
    return faults


def _unfit(node: GraphNode, kind: Node | None, parent_kind: Node | None) -> tuple[str, str] | None:
    if parent_kind and not parent_kind.is_container:
        return "parent_no_container", f'"{node.parent}" is no container, so nothing can lie in it.'
    if kind and kind.is_trigger:
        return "trigger_in_container", "A trigger starts the whole workflow, so it cannot lie in a container."
    return None


def loop_roots(node: GraphNode, nodes: Mapping[str, GraphNode], kinds: Kinds) -> frozenset[str]:
    """Of `item` and `index`, those that the expressions of a node may read. The nodes' parents are in order."""
    kind = kinds.get(node.kind)
    roots = kind.loop_roots if kind and (kind.repeats or kind.expands) else frozenset()
    for container in containers_around(node, nodes):
        around = kinds.get(container.kind)
        roots |= around.loop_roots if around else frozenset()
    return roots


def containers_around(node: GraphNode, nodes: Mapping[str, GraphNode]) -> Iterator[GraphNode]:
    """From the inside out."""
    seen = {node.id}
    while node.parent is not None and node.parent in nodes and node.parent not in seen:
        seen.add(node.parent)
        node = nodes[node.parent]
        yield node


def check_borders(nodes: Mapping[str, GraphNode], edges: Iterable[GraphEdge]) -> list[Fault]:
    faults = []
    for edge in edges:
        source, target = nodes[edge.source], nodes[edge.target]
        if source.parent != target.parent:
            message = (
                f'"{edge.source}" and "{edge.target}" do not lie in the same container. What lies in a container '
                "begins by itself and hands its result to the container, which is joined to the nodes around it."
            )
            faults.append(Fault(at("edges", edge.index), "edge_crosses_border", message, edge_id=edge.id))
    return faults

"""The rules of undo steps: a node's exit `compensate` leads to the one step that undoes it, and nothing else does.

An undo step is no part of the way: it runs when a later step has failed, so nothing can follow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflows.faults import Fault, at
from workflows.graph_reading import GraphEdge
from workflows.nodes.base import COMPENSATE


def check_undo_steps(edges: Sequence[GraphEdge]) -> Iterable[Fault]:
    undo = [edge for edge in edges if edge.handle == COMPENSATE]
    steps = {edge.target for edge in undo}
    seen: set[str] = set()
    for edge in undo:
        if edge.source in seen:
            message = f'"{edge.source}" has an undo step already; put what belongs together into one container.'
            yield _fault(edge, "second_undo_step", message)
        seen.add(edge.source)
    for edge in edges:
        into = edge.target in steps and (edge.handle != COMPENSATE or _first_into(edge, undo) is not edge)
        if into or edge.source in steps:
            step = edge.source if edge.source in steps else edge.target
            message = f'"{step}" undoes another step, so no other edge may lead to it or away from it.'
            yield _fault(edge, "undo_step_not_alone", message)


def _first_into(edge: GraphEdge, undo: Sequence[GraphEdge]) -> GraphEdge:
    return next(other for other in undo if other.target == edge.target)


def _fault(edge: GraphEdge, code: str, message: str) -> Fault:
    return Fault(at("edges", edge.index), code, message, edge_id=edge.id)

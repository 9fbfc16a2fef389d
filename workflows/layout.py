"""Places for nodes that came without one: left to right, each a column behind what leads to it.

Pure and the same for the same document. The measures are those of the canvas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any, TypeAlias

Point: TypeAlias = tuple[float, float]
Cell: TypeAlias = tuple[int, int]

STEP_X = 300
STEP_Y = 100


def places(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> dict[str, Point]:
    """A place for every node without a `position`; the others stay where they are. The document has no faults.

    What lies in a container is laid out by itself: its places count from the container's corner.
    """
    found: dict[str, Point] = {}
    for parent in dict.fromkeys(node.get("parentId") for node in nodes):
        level = [node for node in nodes if node.get("parentId") == parent]
        ids = {node["id"] for node in level}
        found |= _level(level, [edge for edge in edges if {edge["source"], edge["target"]} <= ids])
    return found


def _level(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> dict[str, Point]:
    placed = {node["id"]: _given(node) for node in nodes if node.get("position")}
    taken = {_cell(point) for point in placed.values()}
    # What starts a graph of its own goes below everything that somebody has placed by hand.
    below = max((row + 2 for _, row in taken), default=0)
    new: dict[str, Point] = {}
    sources = _sources(nodes, edges)
    for id_ in TopologicalSorter(sources).static_order():
        if id_ in placed:
            continue
        column, row = _wish([_cell(placed[source]) for source in sources[id_]], below)
        while (column, row) in taken:
            row += 1
        taken.add((column, row))
        placed[id_] = new[id_] = (float(column * STEP_X), float(row * STEP_Y))
    return new


def _given(node: Mapping[str, Any]) -> Point:
    return float(node["position"]["x"]), float(node["position"]["y"])


def _cell(point: Point) -> Cell:
    return round(point[0] / STEP_X), round(point[1] / STEP_Y)


def _sources(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = {node["id"]: [] for node in nodes}
    for edge in edges:
        sources[edge["target"]].append(edge["source"])
    return sources


def _wish(before: Sequence[Cell], below: int) -> Cell:
    """One column behind the last of what leads here, at their middle height."""
    if not before:
        return 0, below
    return max(column for column, _ in before) + 1, sum(row for _, row in before) // len(before)

"""Places for nodes that came without one: left to right, each a column behind what leads to it.

The same for the same document. The measures are those of the canvas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from math import ceil
from typing import Any, TypeAlias

from workflows.nodes.registry import REGISTRY

Point: TypeAlias = tuple[float, float]
Cell: TypeAlias = tuple[int, int]
Nodes: TypeAlias = Sequence[Mapping[str, Any]]

STEP_X = 300
STEP_Y = 100
NODE_WIDTH, NODE_HEIGHT = 220, 60
EXIT_ROW = 20
CORNER = (40.0, 80.0)
"""Where what lies in a container begins, below its head."""
EMPTY = (1, 2)
"""Columns and rows of a container in which nothing lies."""


def places(nodes: Nodes, edges: Nodes) -> dict[str, Point]:
    """A place for every node without a `position`; the others stay where they are. The document has no faults.

    What lies in a container is laid out by itself: its places count from the container's corner. The container takes
    as much room as that needs.
    """
    found: dict[str, Point] = {}
    room = {node["id"]: _room_of(node) for node in nodes}
    for parent in _innermost_first(nodes):
        level = [node for node in nodes if node.get("parentId") == parent]
        ids = {node["id"] for node in level}
        inner = [edge for edge in edges if {edge["source"], edge["target"]} <= ids]
        placed = _level(level, inner, room, CORNER if parent else (0.0, 0.0))
        found |= {id_: point for id_, point in placed.items() if id_ not in _placed(level)}
        if parent is not None:
            room[parent] = _room_around(placed, room)
    return found


def _innermost_first(nodes: Nodes) -> list[str | None]:
    """The containers, each after those that lie in it, and None for what lies in none: parents come before their
    children in the array."""
    parents = dict.fromkeys(node.get("parentId") for node in nodes)
    order = {node["id"]: number for number, node in enumerate(nodes)}
    return sorted(parents, key=lambda parent: -1 if parent is None else order[parent], reverse=True)


def _room_of(node: Mapping[str, Any]) -> Cell:
    """Columns and rows. A node with many exits is taller."""
    kind = REGISTRY.get(node["data"]["componentId"])
    if kind is not None and kind.is_container:
        return EMPTY
    told = node["data"].get(kind.dynamic_handles.setting) if kind and kind.dynamic_handles else None
    exits = len(told) + 1 if isinstance(told, list) else 1
    return 1, ceil(max(NODE_HEIGHT, (exits + 1) * EXIT_ROW) / STEP_Y)


def _room_around(placed: Mapping[str, Point], room: Mapping[str, Cell]) -> Cell:
    """What a container needs for what lies in it, and an edge around it as wide as the corner's."""
    pad, _ = CORNER
    right = max(x + (room[id_][0] - 1) * STEP_X + NODE_WIDTH for id_, (x, _) in placed.items()) + pad
    bottom = max(y + (room[id_][1] - 1) * STEP_Y + NODE_HEIGHT for id_, (_, y) in placed.items()) + pad
    return ceil((right + STEP_X - NODE_WIDTH) / STEP_X), ceil((bottom + STEP_Y - NODE_HEIGHT) / STEP_Y)


def _placed(nodes: Nodes) -> dict[str, Point]:
    return {node["id"]: _given(node) for node in nodes if node.get("position")}


def _level(nodes: Nodes, edges: Nodes, room: Mapping[str, Cell], corner: Point) -> dict[str, Point]:
    """The places of all of them."""
    placed = _placed(nodes)
    cells = {id_: _cell(point, corner) for id_, point in placed.items()}
    taken = {cell for id_, at in cells.items() for cell in _covered(at, room[id_])}
    # What starts a graph of its own goes below everything that somebody has placed by hand.
    below = max((row + 2 for _, row in taken), default=0)
    sources = _sources(nodes, edges)
    for id_ in TopologicalSorter(sources).static_order():
        if id_ in placed:
            continue
        ends = [(cells[source][0] + room[source][0] - 1, cells[source][1]) for source in sources[id_]]
        column, row = _wish(ends, below)
        while not taken.isdisjoint(_covered((column, row), room[id_])):
            row += 1
        cells[id_] = column, row
        taken.update(_covered((column, row), room[id_]))
        placed[id_] = corner[0] + column * STEP_X, corner[1] + row * STEP_Y
    return placed


def _covered(at: Cell, room: Cell) -> list[Cell]:
    return [(at[0] + column, at[1] + row) for column in range(room[0]) for row in range(room[1])]


def _given(node: Mapping[str, Any]) -> Point:
    return float(node["position"]["x"]), float(node["position"]["y"])


def _cell(point: Point, corner: Point) -> Cell:
    return round((point[0] - corner[0]) / STEP_X), round((point[1] - corner[1]) / STEP_Y)


def _sources(nodes: Nodes, edges: Nodes) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = {node["id"]: [] for node in nodes}
    for edge in edges:
        sources[edge["target"]].append(edge["source"])
    return sources


def _wish(before: Sequence[Cell], below: int) -> Cell:
    """One column behind the last of what leads here, at their middle height."""
    if not before:
        return 0, below
    return max(column for column, _ in before) + 1, sum(row for _, row in before) // len(before)

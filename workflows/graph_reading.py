"""From any JSON to nodes and edges that the rules of the graph can be asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.faults import Fault, at

MAX_ID = 200
MAX_NAME = 100
MAX_COORDINATE = 10_000_000


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node whose id can be read; without a readable kind ("") it only serves as the end of edges."""

    index: int
    id: str
    kind: str
    data: Mapping[str, Any]
    parent: str | None


@dataclass(frozen=True, slots=True)
class GraphEdge:
    index: int
    id: str
    source: str
    target: str
    handle: str | None


def read_nodes(document: Mapping[str, Any], faults: list[Fault]) -> list[GraphNode]:
    """The nodes that have an id, with a fault for everything that is not as it should be."""
    items = enumerate(_list(document, "nodes", faults))
    found = [_read_node(_Reader("nodes", index, item, faults)) for index, item in items]
    return [node for node in found if node]


def read_edges(document: Mapping[str, Any], faults: list[Fault]) -> list[GraphEdge]:
    """The edges that name both their ends."""
    edges = []
    for index, item in enumerate(_list(document, "edges", faults)):
        reader = _Reader("edges", index, item, faults)
        id_, source, target = (reader.text(key, required=True) for key in ("id", "source", "target"))
        handle = reader.text("sourceHandle")
        reader.text("targetHandle")
        if id_ and source and target:
            edges.append(GraphEdge(index, id_, source, target, handle))
    return edges


def _list(document: Mapping[str, Any], part: str, faults: list[Fault]) -> list[Any]:
    items = document.get(part)
    if isinstance(items, list):
        return items
    if part not in document:
        faults.append(Fault(part, "missing_field", f'"{part}" is missing.'))
    else:
        faults.append(Fault(part, "wrong_type", f'"{part}" must be a list.'))
    return []


def _read_node(reader: _Reader) -> GraphNode | None:
    id_ = reader.text("id", required=True)
    reader.text("type", limit=MAX_NAME)
    reader.position()
    parent = reader.text("parentId")
    data = reader.item.get("data")
    kind: str | None = None
    if isinstance(data, dict):
        kind = reader.text("componentId", within="data", required=True, limit=MAX_NAME)
        if not isinstance(data.get("parameters"), dict | None):
            reader.fault(["data", "parameters"], "wrong_type", '"parameters" must be an object.')
    else:
        reader.fault(["data"], *_absent_or_wrong(data, "data", "an object"))
        data = {}
    return GraphNode(reader.index, id_, kind or "", data, parent) if id_ else None


def _absent_or_wrong(value: Any, key: str, what: str) -> tuple[str, str]:
    return ("missing_field", f'"{key}" is missing.') if value is None else ("wrong_type", f'"{key}" must be {what}.')


class _Reader:
    """Takes one item of a list apart and notes every fault with its path."""

    def __init__(self, part: str, index: int, item: Any, faults: list[Fault]) -> None:
        self.part, self.index, self.faults = part, index, faults
        self.item: Mapping[str, Any] = item if isinstance(item, dict) else {}
        self._is_object = isinstance(item, dict)
        id_ = self.item.get("id")
        name = "node_id" if part == "nodes" else "edge_id"
        self._owner: dict[str, Any] = {name: id_} if isinstance(id_, str) else {}
        if not self._is_object:
            faults.append(Fault(at(part, index), "wrong_type", "This must be an object."))

    def fault(self, steps: list[str], code: str, message: str) -> None:
        if self._is_object:  # else the whole item is reported already
            self.faults.append(Fault(at(self.part, self.index, steps), code, message, **self._owner))

    def text(self, key: str, *, within: str = "", required: bool = False, limit: int = MAX_ID) -> str | None:
        value = (self.item[within] if within else self.item).get(key)
        steps = [within, key] if within else [key]
        if value is None and not required:
            return None
        if not isinstance(value, str):
            self.fault(steps, *_absent_or_wrong(value, key, "text"))
        elif required and not value:
            self.fault(steps, "missing_field", f'"{key}" is empty.')
        elif len(value) > limit:
            self.fault(steps, "too_long", f'"{key}" may have {limit} characters; it has {len(value):,}.')
        else:
            return value
        return None

    def position(self) -> None:
        position = self.item.get("position")
        if position is None:
            return
        if not isinstance(position, dict):
            self.fault(["position"], "wrong_type", '"position" must be an object {x, y}.')
            return
        for axis in ("x", "y"):
            if not _is_coordinate(position.get(axis)):
                self.fault(["position", axis], "wrong_type", f'"{axis}" must be a number within ±{MAX_COORDINATE:,}.')


def _is_coordinate(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -MAX_COORDINATE <= value <= MAX_COORDINATE  # false for NaN as well

"""Small documents for tests."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from workflows.document import Document
from workflows.faults import Fault
from workflows.graph import check_document
from workflows.nodes.base import Node
from workflows.nodes.registry import KINDS, Registry


class Box(Node):
    """A container."""

    kind = "box"
    title = description = icon = "box"
    category = "flow"
    is_container = True


BOXES = Registry((*KINDS, f"{__name__}.Box"))


def node(id_: str, kind: str = "set", parent: str | None = None, **data: Any) -> dict[str, Any]:
    if kind == "set":
        data.setdefault("mapping", {"a": 1})
    made: dict[str, Any] = {"id": id_, "type": kind, "position": {"x": 0, "y": 0}}
    return {**made, "data": {"componentId": kind, **data}, **({"parentId": parent} if parent else {})}


def edge(source: str, target: str, handle: str | None = None, id_: str = "") -> dict[str, Any]:
    return {"id": id_ or f"{source}-{target}", "source": source, "target": target, "sourceHandle": handle}


def document(nodes: list[dict[str, Any]], edges: list[dict[str, Any]] | None = None) -> Document:
    return {"nodes": nodes, "edges": edges or []}


def chain(*ids: str) -> Document:
    """A manual trigger named by the first id, and set nodes behind it."""
    nodes = [node(ids[0], "manual_trigger"), *(node(id_) for id_ in ids[1:])]
    return document(nodes, [edge(source, target) for source, target in pairwise(ids)])


def told(doc: Any, **more: Any) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in check_document(doc, **more)]


def only(doc: Any, **more: Any) -> Fault:
    faults = check_document(doc, **more)
    assert len(faults) == 1, faults
    return faults[0]

"""A drawing as JSON and as rows. What was sent comes back as it was sent: unknown keys, order, null and absent.

Only `position` is added, to nodes that came without one. Documents are checked before they come here
(workflows/graph.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from django.db import transaction

from workflows.layout import places
from workflows.models import Edge, Node, Version


class Document(TypedDict):
    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]


def write_document(version: Version, document: Mapping[str, Any]) -> None:
    """Makes the rows of a version say what `document` says, and nothing else."""
    laid_out = places(document["nodes"], document["edges"])
    nodes = [
        _node_row(version, ordinal, node, laid_out.get(node["id"])) for ordinal, node in enumerate(document["nodes"])
    ]
    edges = [_edge_row(version, ordinal, edge) for ordinal, edge in enumerate(document["edges"])]
    with transaction.atomic():
        version.nodes.all().delete()
        version.edges.all().delete()
        Node.objects.bulk_create(nodes)
        Edge.objects.bulk_create(edges)


def read_document(version: Version) -> Document:
    return {
        "nodes": [_node_json(row) for row in version.nodes.all()],
        "edges": [_edge_json(row) for row in version.edges.all()],
    }


def copy_document(source: Version, target: Version) -> None:
    """Gives `target`, which has no rows yet, those of `source`."""
    nodes, edges = list(source.nodes.all()), list(source.edges.all())
    for node in nodes:
        node.pk, node.version = None, target
    for edge in edges:
        edge.pk, edge.version = None, target
    Node.objects.bulk_create(nodes)
    Edge.objects.bulk_create(edges)


# Rows hold in columns what queries and the engine ask for. `extra` is the object as it came, with a hole
# where a column holds the value: so the order of the keys, and what is null or absent, survive.


def _node_row(version: Version, ordinal: int, node: Mapping[str, Any], laid_out: tuple[float, float] | None) -> Node:
    position = node.get("position") or {}
    x, y = laid_out or (position["x"], position["y"])
    extra: Any = {**node, "data": None}
    return Node(
        version=version,
        ordinal=ordinal,
        node_id=node["id"],
        kind=node["data"]["componentId"],
        type=node.get("type"),
        parent_id=node.get("parentId"),
        x=x,
        y=y,
        data=node["data"],
        extra=extra,
    )


def _node_json(row: Node) -> dict[str, Any]:
    node = {**row.extra, "data": row.data}
    if not node.get("position"):
        node["position"] = {"x": row.x, "y": row.y}
    return node


def _edge_row(version: Version, ordinal: int, edge: Mapping[str, Any]) -> Edge:
    extra: Any = dict(edge)
    return Edge(
        version=version,
        ordinal=ordinal,
        edge_id=edge["id"],
        source=edge["source"],
        target=edge["target"],
        source_handle=edge.get("sourceHandle"),
        target_handle=edge.get("targetHandle"),
        extra=extra,
    )


def _edge_json(row: Edge) -> dict[str, Any]:
    edge: dict[str, Any] = row.extra
    return edge

"""What differs between two drawings, told apart: what a run would notice, and what only the eye does. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from wire.strict_json import join_path

Json: TypeAlias = Mapping[str, Any]

LAYOUT_KEYS = frozenset(("position", "collapsed", "width", "height", "selected", "dragging", "measured", "zIndex"))
"""Keys of a node that say how it is drawn and nothing about what it does."""


def compare(before: Json, after: Json) -> dict[str, Any]:
    """Both are drawings {nodes, edges, notes, groups}. Nodes are told by id, edges by what they join."""
    nodes = list(_nodes(before["nodes"], after["nodes"]))
    edges = list(_edges(before["edges"], after["edges"]))
    is_same_around = all(before[part] == after[part] for part in ("notes", "groups"))
    return {
        "nodes": nodes,
        "edges": edges,
        "annotations_changed": not is_same_around,
        "is_same": not nodes and not edges and is_same_around,
        "is_layout_only": not edges and all(node["change"] == "moved" for node in nodes),
    }


def _nodes(before: Sequence[Json], after: Sequence[Json]) -> Iterator[dict[str, Any]]:
    old, new = _by_id(before), _by_id(after)
    for id_ in dict.fromkeys([*new, *old]):
        if id_ not in old:
            yield _node("added", new[id_])
        elif id_ not in new:
            yield _node("removed", old[id_])
        else:
            fields = list(fields_between(_logic(old[id_]), _logic(new[id_])))
            if fields:
                yield _node("changed", new[id_], fields)
            elif _place(old[id_]) != _place(new[id_]):
                yield _node("moved", new[id_])


def _by_id(nodes: Sequence[Json]) -> dict[str, Json]:
    return {node["id"]: node for node in nodes}


def _logic(node: Json) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in LAYOUT_KEYS}


def _place(node: Json) -> tuple[Any, Any]:
    return node.get("position"), node.get("collapsed")


def _node(change: str, node: Json, fields: Sequence[Json] = ()) -> dict[str, Any]:
    data = node["data"]
    return {
        "id": node["id"],
        "change": change,
        "component": data["componentId"],
        "label": data.get("label"),
        "fields": list(fields),
    }


def _edges(before: Sequence[Json], after: Sequence[Json]) -> Iterator[dict[str, Any]]:
    old, new = ({_joined(edge): edge for edge in edges} for edges in (before, after))
    for ends in dict.fromkeys([*new, *old]):
        if (ends in old) != (ends in new):
            source, handle, target = ends
            change = "added" if ends in new else "removed"
            edge_id = (new.get(ends) or old[ends])["id"]
            yield {"id": edge_id, "change": change, "source": source, "target": target, "handle": handle}


def _joined(edge: Json) -> tuple[str, str, str]:
    return edge["source"], edge.get("sourceHandle") or "out", edge["target"]


def fields_between(before: Any, after: Any, path: Sequence[str | int] = ()) -> Iterator[dict[str, Any]]:
    """Where two JSON values differ, as deep as both are objects, or lists of one length. A side that lacks the
    field says `null`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from fields_between(before.get(key), after.get(key), [*path, key])
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from fields_between(*pair, [*path, index])
    elif type(before) is not type(after) or before != after:  # true is not 1
        shown = path[1:] if path[:1] == ["data"] else path
        yield {"path": join_path(shown), "before": before, "after": after}

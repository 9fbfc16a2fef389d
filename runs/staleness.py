"""Which outputs no longer follow from a drawing, and why. Pure: two drawings and who ran when."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

from workflows.document import Document

# What a node is called and what is noted about it change nothing of what it gives.
_SAYS_NOTHING = frozenset({"label", "notes"})


def stale_reasons(then: Document, now: Document, moved: Mapping[str, str]) -> dict[str, str]:
    """The nodes of `now` whose outputs in a run of `then` no longer follow, each with the reason.

    `moved` are nodes of `now` whose own output is another one by now, with what happened to it ("was pinned").
    """
    before = {node["id"]: node for node in then["nodes"]}
    labels = {node["id"]: node["data"].get("label") or node["id"] for node in now["nodes"]}
    sources_then, sources_now = _sources(then), _sources(now)
    reasons: dict[str, str] = {}
    for node in _in_order(now, sources_now):
        id_ = node["id"]
        if id_ not in before:
            continue
        reason = _own(before[id_]["data"], node["data"])
        if reason is None and sources_then.get(id_) != sources_now.get(id_):
            reason = "What leads into it was changed."
        for source, _ in sorted(sources_now.get(id_, ())):
            if reason is None and source in moved:
                reason = f"“{labels[source]}” before it {moved[source]} since."
            elif reason is None and source in reasons:
                reason = _after(labels[source], reasons[source])
        if reason is not None:
            reasons[id_] = reason
    return reasons


def _own(then: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    if then["componentId"] != now["componentId"]:
        return "It is another kind of node now."
    changed = [key for key in {**then, **now} if key not in _SAYS_NOTHING and not _same(then, now, key)]
    return f"Its settings were changed: {', '.join(changed)}." if changed else None


def _same(then: Mapping[str, Any], now: Mapping[str, Any], key: str) -> bool:
    """Absent and null say the same; true is not 1."""
    return repr(then.get(key)) == repr(now.get(key))


def _after(label: str, its_reason: str) -> str:
    """The first cause is what helps, however far up it lies."""
    if its_reason.startswith("“"):
        return its_reason.replace(" before it ", " further up ")
    return f"“{label}” before it was changed."


def _sources(document: Document) -> dict[str, set[tuple[str, str | None]]]:
    sources: dict[str, set[tuple[str, str | None]]] = {}
    for edge in document["edges"]:
        sources.setdefault(edge["target"], set()).add((edge["source"], edge.get("sourceHandle") or "out"))
    return sources


def _in_order(document: Document, sources: Mapping[str, set[tuple[str, str | None]]]) -> list[dict[str, Any]]:
    """Each node after those that lead to it. A stored drawing has no cycles."""
    nodes = {node["id"]: node for node in document["nodes"]}
    before = {id_: [source for source, _ in sources.get(id_, ())] for id_ in nodes}
    return [nodes[id_] for id_ in TopologicalSorter(before).static_order()]

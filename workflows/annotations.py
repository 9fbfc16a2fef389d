"""What a drawing says beside its graph: sticky notes and groups. Nothing of it takes part in a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflows.faults import Fault, at
from workflows.models import Version

PARTS = ("notes", "groups")


def faults_in(said: Mapping[str, Any]) -> list[Fault]:
    """A fault for each id that comes twice; shapes are checked where they come in (api/schemas.py)."""
    faults = []
    for part in PARTS:
        seen: set[str] = set()
        for index, item in enumerate(said.get(part, [])):
            if item["id"] in seen:
                faults.append(Fault(at(part, index, "id"), "duplicate_id", f'The id "{item["id"]}" comes twice.'))
            seen.add(item["id"])
    return faults


def annotations_of(version: Version) -> dict[str, Any]:
    return {"notes": version.notes, "groups": version.groups}


def write_annotations(version: Version, said: Mapping[str, Any], node_ids: Iterable[str]) -> bool:
    """Keeps what is given; tells whether that changed anything. A group forgets nodes that are gone, and goes
    with its last one; a node is in one group only."""
    before = annotations_of(version)
    notes = said.get("notes", version.notes)
    groups = _filled(said.get("groups", version.groups), set(node_ids))
    if before == {"notes": notes, "groups": groups}:
        return False
    version.notes, version.groups = notes, groups
    version.save(update_fields=["notes", "groups"])
    return True


def _filled(groups: Sequence[Mapping[str, Any]], free: set[str]) -> list[dict[str, Any]]:
    kept = []
    for group in groups:
        members = [id_ for id_ in dict.fromkeys(group["nodes"]) if id_ in free]
        free = free.difference(members)
        if members:
            kept.append({**group, "nodes": members})
    return kept

"""A workflow as one readable document, to be kept in git or carried elsewhere, and back.

The keys have one order and layout stands apart from logic, so that a diff of two documents shows what changed and
moving a node shows as nothing but that. A document is data: it brings no secret, starts nothing and is not active.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wire.problems import Invalid
from workflows.annotations import annotations_of
from workflows.differences import LAYOUT_KEYS
from workflows.document import read_document
from workflows.models import Credential, Version, Workflow
from workflows.references import CREDENTIAL, Reference, references
from workflows.services import Changes

MARK, FORMAT = "workflow", 1
_FIRST_OF_NODE = ("id", "type", "parentId", "data")
_FIRST_OF_DATA = ("componentId", "label", "notes")
_FIRST_OF_EDGE = ("id", "source", "sourceHandle", "target", "targetHandle")
_OF_RUNS = ("max_concurrent_runs", "deadline_seconds", "run_days", "runs_kept")
"""How runs are held. What is left to the server is not written down."""
_KEPT = ("name", "description", "tags", "schedule_type", "schedule_value", *_OF_RUNS)
_WRITTEN = {"penstock", "format", "credentials", "nodes", "edges", "layout", *_KEPT}


def exported(workflow: Workflow, version: Version) -> dict[str, Any]:
    """The document of one version. Credentials are named, not told."""
    drawing = read_document(version)
    named = [each for each in references(drawing["nodes"]) if each.widget == CREDENTIAL]
    nodes = _unlinked(drawing["nodes"], named)
    said: dict[str, Any] = {
        "penstock": MARK,
        "format": FORMAT,
        "name": workflow.name,
        "description": workflow.description,
        "tags": workflow.tags,
        "schedule_type": workflow.schedule_type,
        "schedule_value": workflow.schedule_value,
        **{name: value for name in _OF_RUNS if (value := getattr(workflow, name)) is not None},
        "credentials": _credentials(workflow, named),
        "nodes": [_node(node) for node in nodes],
        "edges": sorted((_ordered(edge, _FIRST_OF_EDGE) for edge in drawing["edges"]), key=lambda edge: edge["id"]),
    }
    return {**said, "layout": {"nodes": _layout(nodes), **annotations_of(version)}}


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    logic = {key: value for key, value in node.items() if key not in LAYOUT_KEYS}
    return _ordered({**logic, "data": _ordered(node["data"], _FIRST_OF_DATA)}, _FIRST_OF_NODE)


def _layout(nodes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    kept = ("position", "collapsed")
    return {node["id"]: {key: node[key] for key in kept if node.get(key)} for node in nodes}


def _ordered(value: Mapping[str, Any], first: Sequence[str]) -> dict[str, Any]:
    """The keys that a reader looks for first, then all others by name."""
    return {key: value[key] for key in (*first, *sorted(value.keys() - set(first))) if key in value}


def _credentials(workflow: Workflow, named: Iterable[Reference]) -> list[dict[str, Any]]:
    names = dict(Credential.objects.for_project(workflow.project).values_list("pk", "name"))
    return [{"node": each.node_id, "setting": each.field, "name": names.get(each.target, "")} for each in named]


def _unlinked(nodes: Iterable[Mapping[str, Any]], named: Iterable[Reference]) -> list[dict[str, Any]]:
    """The nodes without the credentials that they name, under whatever name a setting goes."""
    gone: dict[str, set[str]] = {}
    for each in named:
        gone.setdefault(each.node_id, set()).add(each.target)
    return [{**node, "data": _without(node["data"], gone.get(node["id"], set()))} for node in nodes]


def _without(data: Mapping[str, Any], targets: set[str]) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if not (isinstance(value, str) and value in targets)}
    if isinstance(kept.get("parameters"), dict):
        kept["parameters"] = _without(kept["parameters"], targets)
    return kept


def changes_of(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[Reference]]:
    """What a document says of a workflow, not yet checked, and the credentials that have to be linked anew.

    Understood: what `exported` writes, and a workflow as the API tells it.
    """
    if document.get("penstock") not in (MARK, None) or document.get("format") not in (FORMAT, None):
        raise Invalid.field("document.format", "This is no workflow of a format that is known here.")
    for part in ("nodes", "edges"):
        if not isinstance(document.get(part), list):
            raise Invalid.field(f"document.{part}", "This must be a list.")
    if "penstock" in document and (unknown := sorted(document.keys() - _WRITTEN)):
        raise Invalid.field(f"document.{unknown[0]}", "No document of this format has this.")
    layout = _object_in(document, "layout", "document")
    places = _object_in(layout, "nodes", "document.layout")
    nodes = [_with_place(node, places) for node in document["nodes"]]
    named = [each for each in references(_readable(nodes)) if each.widget == CREDENTIAL]
    said = {name: document[name] for name in _KEPT if document.get(name) is not None}
    around = {part: layout.get(part, document.get(part, [])) for part in ("notes", "groups")}
    readable = _unlinked(nodes, named) if named else nodes
    return {**said, **around, "nodes": readable, "edges": document["edges"]}, named


def _object_in(around: Mapping[str, Any], name: str, path: str) -> dict[str, Any]:
    value = around.get(name, {})
    if not isinstance(value, dict):
        raise Invalid.field(f"{path}.{name}", "This must be an object.")
    return value


def _with_place(node: Any, places: Mapping[str, Any]) -> Any:
    if not isinstance(node, dict) or not isinstance(node.get("id"), str) or node["id"] not in places:
        return node
    return {**node, **_object_in(places, node["id"], "document.layout.nodes")}


def _readable(nodes: Iterable[Any]) -> list[Any]:
    """Those that are well formed enough to be asked; the checks say what is wrong with the others."""
    return [
        node
        for node in nodes
        if isinstance(node, dict)
        and isinstance(node.get("id"), str)
        and isinstance(node.get("data"), dict)
        and isinstance(node["data"].get("componentId"), str)
        and isinstance(node["data"].get("parameters"), dict | None)
    ]


def as_changes(said: Mapping[str, Any]) -> Changes:
    """Never active: whoever imports looks first."""
    return {**said, "is_active": False}  # type: ignore[typeddict-item]

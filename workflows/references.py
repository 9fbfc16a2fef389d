"""What a drawing names outside itself: credentials and other workflows, by the settings that hold their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q

from accounts.models import Project
from workflows.faults import Fault, at
from workflows.models import Credential, Workflow
from workflows.node_settings import node_settings
from workflows.nodes.base import Node
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schema import settings_schema

CREDENTIAL, WORKFLOW = "credential", "workflow"


@dataclass(frozen=True, slots=True)
class Reference:
    """The setting `field` of a node names `target`, a credential's id or a workflow's id or key."""

    widget: str
    target: str
    node_id: str
    field: str
    path: str


def references(nodes: Sequence[Mapping[str, Any]]) -> Iterator[Reference]:
    """Those that are written out; what an expression will name shows at run time only. `nodes` are well formed."""
    for index, node in enumerate(nodes):
        kind = REGISTRY.get(node["data"]["componentId"])
        if kind is None:
            continue
        settings = node_settings(kind, node["data"])
        for field, widget in _reference_fields(kind):
            target = settings.get(field)
            if isinstance(target, str) and target and "{{" not in target:
                path = at("nodes", index, "data", _as_written(node["data"], field))
                yield Reference(widget, target, node["id"], field, path)


def _as_written(data: Mapping[str, Any], field: str) -> list[str]:
    """Nested or flat; under an alias it may go by another name, then only the node is named."""
    if field in (data.get("parameters") or {}):
        return ["parameters", field]
    return [field] if field in data else []


def calling_kinds() -> list[str]:
    """All names of the kinds that name another workflow."""
    calling = [kind for kind in REGISTRY.all() if WORKFLOW in dict(_reference_fields(kind)).values()]
    return [name for kind in calling for name in (kind.kind, *(alias.kind for alias in kind.aliases))]


def reference_faults(project: Project, nodes: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """A fault for each that the project does not have. What belongs to another project does not exist here."""
    found = list(references(nodes))
    here = _existing(project, found)
    return [
        Fault(
            named.path,
            f"{named.widget}_not_found",
            f'There is no {named.widget} "{named.target}" in this project.',
            "settings",
            node_id=named.node_id,
            field=named.field,
        )
        for named in found
        if (named.widget, named.target) not in here
    ]


def _existing(project: Project, found: Sequence[Reference]) -> set[tuple[str, str]]:
    credentials = {named.target for named in found if named.widget == CREDENTIAL}
    workflows = {named.target for named in found if named.widget == WORKFLOW}
    here: set[tuple[str, str]] = set()
    if credentials:
        ids = Credential.objects.for_project(project).filter(pk__in=credentials).values_list("pk", flat=True)
        here |= {(CREDENTIAL, known) for known in ids}
    if workflows:
        rows = Workflow.objects.for_project(project).filter(Q(pk__in=workflows) | Q(key__in=workflows))
        here |= {(WORKFLOW, name) for pair in rows.values_list("pk", "key") for name in pair}
    return here


@lru_cache(maxsize=256)
def _reference_fields(kind: Node) -> tuple[tuple[str, str], ...]:
    properties = settings_schema(kind.params)["properties"]
    return tuple(
        (name, said["x-widget"]) for name, said in properties.items() if said.get("x-widget") in (CREDENTIAL, WORKFLOW)
    )

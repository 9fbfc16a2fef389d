"""Definitions as other products' clients sent them: kept with the trigger node of the drawing that they became, so that
they come back unchanged, also after somebody has changed the drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.document import Document
from workflows.nodes.registry import REGISTRY

Json = dict[str, Any]


def kept_in(nodes: Iterable[Mapping[str, Any]], name: str) -> Json | None:
    """What a node holds under `name`, of the `data` of nodes; None for what was drawn here."""
    return next((data[name] for data in nodes if isinstance(data.get(name), dict)), None)


def nodes_at_work(document: Document) -> list[Json]:
    """Of what was drawn here, the nodes from which a definition is derived: all but the triggers."""
    kinds = ((node, REGISTRY.get(node["data"]["componentId"])) for node in document["nodes"])
    return [node for node, kind in kinds if not (kind and kind.is_trigger)]

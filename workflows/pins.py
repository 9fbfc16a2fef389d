"""Pinned outputs of a draft's nodes: what the editor's runs take for given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from wire.problems import Detail, Invalid
from wire.strict_json import join_path
from workflows.models import Pin, Workflow
from workflows.nodes.base import OUT
from workflows.services import locked


@dataclass(frozen=True, slots=True)
class Pinned:
    """A node's output, and the exit by which it leaves."""

    value: Any
    handle: str = OUT


@transaction.atomic
def set_pins(workflow: Workflow, changes: Mapping[str, Pinned | None], by: User | None) -> None:
    """Pins the outputs that are given and takes away the pins that are None; the others stay. All or nothing.

    Raises Invalid for a node that the stored draft does not have.
    """
    workflow = locked(workflow)
    here = set(workflow.draft.nodes.values_list("node_id", flat=True))
    missing: list[Detail] = [
        {"path": join_path(["pins", node_id]), "code": "unknown_node", "message": "The draft has no such node."}
        for node_id, pin in changes.items()
        if pin is not None and node_id not in here
    ]
    if missing:
        raise Invalid(errors=missing)
    workflow.pins.filter(node_id__in=[node_id for node_id, pin in changes.items() if pin is None]).delete()
    for node_id, pin in changes.items():
        if pin is not None:
            said = {"value": pin.value, "handle": pin.handle, "updated_by": by}
            Pin.objects.update_or_create(workflow=workflow, node_id=node_id, defaults=said)


def pins_of(workflow: Workflow) -> list[Pin]:
    """Those whose nodes the draft still has: a node that comes back by undo brings its pin along."""
    return list(workflow.pins.filter(node_id__in=workflow.draft.nodes.values("node_id")))

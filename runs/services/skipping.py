"""Leaving out a node that a run has not reached: what it would have put out is said instead."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from runs.models import Run
from runs.services.events import Meant, raise_event
from runs.services.outcomes import OUTCOME
from runs.services.steering import locked, resume_run, suspend_run
from runs.story import drawing_of
from runs.waiting import look_until
from wire.problems import Conflict, NotFound
from workflows.nodes.base import OUT
from workflows.nodes.registry import REGISTRY

HOLD_SECONDS = 5


def skip_node(run: Run, node_id: str, output: Any) -> None:
    """The node will not run; when the run reaches it, it completes with `output`.

    Whoever works on the run has to know before the node begins: so the run is held for a moment, until what is under
    way has finished. Raises NotFound for a node that the run has not; Conflict `not_running`, `already_run`,
    `not_skippable`, and `run_busy` when what is under way takes more than five seconds.
    """
    _check_node(run, node_id)
    if _say(run, node_id, output):
        return
    suspend_run(run, reason=f"“{node_id}” is left out.")
    try:
        look_until(run.id, HOLD_SECONDS, lambda: _is_free(run), bool)
        if not _say(run, node_id, output, held=True):
            text = "The run is at work on a node that takes long. Suspend it, and try again when that is done."
            raise Conflict(text, code="run_busy")
    finally:
        resume_run(run)


def _check_node(run: Run, node_id: str) -> None:
    nodes = {node["id"]: node for node in drawing_of(run.version_id).document["nodes"]}
    node = nodes.get(node_id)
    if node is None:
        raise NotFound(f"The run has no node {node_id!r}.")
    kind = REGISTRY.get(node["data"]["componentId"])
    if node.get("parentId") or (kind is not None and (OUT not in kind.handles or kind.is_trigger)):
        text = f"{node_id!r} cannot be left out: it starts the run, chooses between ways, or lies in a container."
        raise Conflict(text, code="not_skippable")


@transaction.atomic
def _say(run: Run, node_id: str, output: Any, *, held: bool = False) -> bool:
    """False while somebody works on the run."""
    now = locked(run)
    if now.status not in Run.GOING and not (held and now.status == Run.Status.SUSPENDED):
        raise Conflict(f"The run is {now.status}; only of a running one a node can be left out.", code="not_running")
    if run.logs.filter(node_id=node_id).exists():
        raise Conflict(f"The run has reached {node_id!r} already.", code="already_run")
    if now.owner is not None:
        return False
    raise_event(run, OUTCOME, output, event_id=f"skip:{node_id}", meant=Meant(node_id))
    return True


def _is_free(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, owner=None).exists()

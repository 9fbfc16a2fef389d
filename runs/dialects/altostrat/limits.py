"""What a workflow may take that is saved here: the figures of Altostrat's page, unless the operator says others."""

from __future__ import annotations

from typing import Any, get_args

from django.conf import settings

from workflows.faults import Fault, at
from workflows.node_settings import node_settings
from workflows.nodes.delay import Delay
from workflows.nodes.lengths import Unit, length
from workflows.services import Changes

KEPT_DAYS = 90


def within_limits(changes: Changes) -> Changes:
    """The changes, with the bounds for every node."""
    return {**changes, "node_limits": settings.ALTOSTRAT_NODE_LIMITS}


def of_a_new_one(changes: Changes) -> Changes:
    """What a new workflow says of its runs, where the caller does not."""
    return {"deadline_seconds": settings.ALTOSTRAT_RUN_SECONDS, "run_days": KEPT_DAYS, "is_active": True, **changes}


def faults_in(nodes: list[Any]) -> list[Fault]:
    """Delays that are seen to be too long before any run. What is no node at all is told by others."""
    most = settings.ALTOSTRAT_NODE_LIMITS["delay_seconds"]
    found = []
    for place, node in enumerate(nodes):
        if isinstance(node, dict) and _seconds_of_delay(node.get("data")) > most:
            message = f"A delay can be {most:,} seconds at most here."
            path, node_id = at("nodes", place, "data", "duration"), str(node.get("id", ""))
            found.append(Fault(path, "delay_too_long", message, "settings", node_id=node_id, field="duration"))
    return found


def _seconds_of_delay(data: Any) -> float:
    """0 for what is no delay, or is not known yet."""
    if not isinstance(data, dict) or data.get("componentId") != Delay.kind:
        return 0
    written = node_settings(Delay(), data)
    duration, unit = written.get("duration"), written.get("unit", "seconds")
    if not isinstance(duration, int | float) or unit not in get_args(Unit):
        return 0
    return length(duration, unit).total_seconds()

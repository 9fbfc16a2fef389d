"""What a workflow may take that is saved here: the figures of Altostrat's page, unless the operator says others."""

from __future__ import annotations

from typing import Any, get_args

from django.conf import settings

from workflows.faults import Fault, at
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
    """Delays that are seen to be too long before any run."""
    found = []
    for place, node in enumerate(nodes):
        data = node["data"]
        written = {**data, **data["parameters"]} if isinstance(data.get("parameters"), dict) else data
        duration, unit = written.get("duration"), written.get("unit", "seconds")
        if data.get("componentId") != Delay.kind or not isinstance(duration, int | float) or unit not in get_args(Unit):
            continue
        most = settings.ALTOSTRAT_NODE_LIMITS["delay_seconds"]
        if length(duration, unit).total_seconds() > most:
            message = f"A delay can be {most:,} seconds at most here."
            path = at("nodes", place, "data", "duration")
            found.append(Fault(path, "delay_too_long", message, "settings", node_id=node["id"], field="duration"))
    return found

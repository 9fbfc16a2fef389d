"""Tasks that workers outside do: what is offered to them, by the rules of the node and those of the task's type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from runs.engine import queries
from runs.engine.claimed import ClaimedRun
from runs.engine.database import Database
from workflows.nodes.base import Retry, WorkerTask

LEASE_SECONDS = 3600.0
"""Where neither the node nor the task's type says after what time without word another worker gets the task."""


@dataclass(frozen=True, slots=True)
class Offer:
    type: str
    input: Any
    priority: int
    lease: float
    timeout: timedelta | None
    """For the whole task."""
    retry: dict[str, Any] | None
    """The rule for further attempts, where the node says nothing."""


def prepare(database: Database, run: ClaimedRun, wanted: WorkerTask) -> Offer:
    found = database.rows(queries.FIND_TASK_TYPE, {"project": run.project_id, "name": wanted.type})
    lease, timeout, retry = found[0] if found else (None, None, None)
    return Offer(
        type=wanted.type,
        input=wanted.input,
        priority=run.priority,
        lease=wanted.lease or lease or LEASE_SECONDS,
        timeout=wanted.timeout or (timedelta(seconds=timeout) if timeout else None),
        retry=None if retry is None else json.loads(retry),
    )


def retry_rule(outcome: dict[str, Any]) -> Retry | None:
    """Of a wait that was opened for an offer."""
    return None if outcome.get("retry") is None else Retry(**outcome["retry"])

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

TASK_DOMAINS = "taskToDomain"
"""In `Run.extra`: task type, or `*` for all others → domains by commas."""
NO_DOMAIN = "NO_DOMAIN"
"""Among a task's domains: workers that name none may take it too."""
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
    domains: str | None = None
    """Whose workers may take it, each name between commas; None for those that name no domain."""


def prepare(database: Database, run: ClaimedRun, wanted: WorkerTask) -> Offer:
    found = database.rows(queries.FIND_TASK_TYPE, {"run": run.id, "name": wanted.type})
    extra, lease, timeout, retry = found[0] if found else (None, None, None, None)
    return Offer(
        type=wanted.type,
        input=wanted.input,
        priority=run.priority,
        lease=wanted.lease or lease or LEASE_SECONDS,
        timeout=wanted.timeout or (timedelta(seconds=timeout) if timeout else None),
        retry=None if retry is None else json.loads(retry),
        domains=_domains(extra, wanted.type),
    )


def _domains(extra: str | None, task_type: str) -> str | None:
    """What the run's start said of tasks of this type, or of all."""
    told = inherited(extra)[TASK_DOMAINS]
    named = [name.strip() for name in told.get(task_type, told.get("*", "")).split(",") if name.strip()]
    return f",{','.join(named)}," if named else None


def inherited(extra: str | None) -> dict[str, dict[str, str]]:
    """What of a run's `extra` holds for the runs that it starts too."""
    return {TASK_DOMAINS: json.loads(extra).get(TASK_DOMAINS) or {} if extra else {}}


def retry_rule(outcome: dict[str, Any]) -> Retry | None:
    """Of a wait that was opened for an offer."""
    return None if outcome.get("retry") is None else Retry(**outcome["retry"])

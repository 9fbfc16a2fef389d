"""How Conductor writes things: times as epoch milliseconds, payloads as objects, nothing that is null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from runs.models import Run


def workflow_id(run: Run) -> str:
    return run.handle or run.id


def as_object(value: Any) -> dict[str, Any]:
    """Payloads are objects there; anything else of ours is told under `result`."""
    if isinstance(value, dict):
        return value
    return {} if value is None else {"result": value}


def millis(moment: datetime | None) -> int:
    """0 where it is not reached."""
    return round(moment.timestamp() * 1000) if moment else 0


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_null(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}

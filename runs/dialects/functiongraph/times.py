"""FunctionGraph's times: texts in UTC to the second, milliseconds within details, and three forms in filters."""

from __future__ import annotations

from datetime import UTC, datetime

from runs.dialects.functiongraph.errors import invalid


def text_of(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def read_moment(name: str, text: str) -> datetime:
    """`2026-01-22 01:04:38`, ISO 8601 or epoch milliseconds; without a zone it is UTC."""
    try:
        moment = (
            datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdecimal() else datetime.fromisoformat(text.strip())
        )
    except (ValueError, OverflowError, OSError):
        raise invalid(name, "must be a time: yyyy-MM-dd HH:mm:ss, ISO 8601, or epoch milliseconds.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

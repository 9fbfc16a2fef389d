"""Moments as they go over the wire: UTC, microseconds, `2025-10-31T12:00:00.000000Z`."""

from datetime import UTC, datetime

from wire.problems import BadRequest


def to_wire(moment: datetime) -> str:
    """The wire form of an aware datetime; a naive one is a mistake of the caller (ValueError)."""
    if moment.tzinfo is None:
        raise ValueError("a moment on the wire needs a time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_query(name: str, text: str) -> datetime:
    """An ISO 8601 date or moment of a query parameter, in UTC; without a zone it is read as UTC.

    Raises BadRequest (`parameter_invalid`) that names the parameter.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest.parameter(name, "must be a date or time such as 2025-10-31T12:00:00Z.") from None

"""Pages by keyset: each begins where the last one ended.

No count(*) and no OFFSET, so the thousandth page costs what the first one does.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from wire import strict_json
from wire.problems import BadRequest
from wire.strict_json import JsonFault
from wire.times import to_wire

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
NEWEST_FIRST = ("-created_at", "-id")

Row = TypeVar("Row", bound=Model)

_MAX_CURSOR_LENGTH = 400
_LIMIT = re.compile(r"[0-9]{1,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`results` in order; `next` is the `cursor` of the following page, None on the last one."""

    results: list[Row]
    next: str | None


def paginate(rows: QuerySet[Row], query: Mapping[str, str], order: Sequence[str] = NEWEST_FIRST) -> Page[Row]:
    """The page that the query parameters `cursor` and `limit` (1 to 200, default 50) ask for.

    `rows` is filtered already. `order` names one or two fields of one direction, never null, the last one
    unique among `rows`; an index should cover it. Raises BadRequest: `bad_cursor`, `parameter_invalid`.
    """
    limit = _limit(query.get("limit"))
    cursor = query.get("cursor")
    if cursor:
        rows = rows.filter(after(_opened(cursor, rows.model, order), order))
    results = list(rows.order_by(*order)[: limit + 1])  # one more tells whether there is a next page
    following = _cursor(results[limit - 1], order) if len(results) > limit else None
    return Page(results[:limit], following)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not _LIMIT.fullmatch(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise BadRequest.parameter("limit", f"must be a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def after(keys: Sequence[Any], order: Sequence[str]) -> Q:
    """What comes behind the row with these keys."""
    beyond = "lt" if order[0].startswith("-") else "gt"
    names = [name.removeprefix("-") for name in order]
    last = Q((f"{names[-1]}__{beyond}", keys[-1]))
    if len(names) == 1:
        return last
    # The first term is what an index can use; the second sorts out rows that are equal in it.
    first = Q((f"{names[0]}__{beyond}e", keys[0]))
    return first & (Q((f"{names[0]}__{beyond}", keys[0])) | last)


def _cursor(row: Model, order: Sequence[str]) -> str:
    keys = [getattr(row, name.removeprefix("-")) for name in order]
    text = strict_json.dumps([",".join(order), *keys], default=to_wire)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _opened(cursor: str, model: type[Model], order: Sequence[str]) -> list[Any]:
    """The keys in a cursor. It grants nothing, the filter on `rows` does, so it needs checks but no signature."""
    try:
        if len(cursor) > _MAX_CURSOR_LENGTH:
            raise ValueError("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        match strict_json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [said, *keys] if said == ",".join(order) and len(keys) == len(order):
                names = [name.removeprefix("-") for name in order]
                return [_key(model, name, key) for name, key in zip(names, keys, strict=True)]
    except (binascii.Error, JsonFault, ValidationError, ValueError, OverflowError):
        pass
    raise BadRequest.parameter("cursor", "is not one that this list gave out.", code="bad_cursor") from None


def _key(model: type[Model], name: str, key: Any) -> Any:
    if not isinstance(key, str | int) or isinstance(key, bool):
        raise ValueError("keys are text or numbers")
    field: Any = model._meta.get_field(name)
    value = field.to_python(key)
    if isinstance(value, int) and abs(value) >= 1 << 63:
        raise ValueError("beyond the range of any key")
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value

"""Altostrat's lists: numbered pages with links and totals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from wire.problems import BadRequest

MAX_PER_PAGE = 100
MAX_TOTAL = 10_000
PAGE = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1, "default": 1}),
    OpenApiParameter("per_page", {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE, "default": 15}),
]

Row = TypeVar("Row", bound=Model)


def page_of(request: Request, rows: QuerySet[Row], record: Callable[[Row], dict[str, Any]]) -> dict[str, Any]:
    """The page that the query asks for; one beyond the end is empty. The total is exact to MAX_TOTAL."""
    page, per_page = _number(request, "page", 1, 10**6), _number(request, "per_page", 15, MAX_PER_PAGE)
    data = [record(row) for row in rows[(page - 1) * per_page : page * per_page]]
    return {"data": data, **_around(request, page, per_page, rows[:MAX_TOTAL].count(), len(data))}


def _number(request: Request, name: str, default: int, largest: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isdecimal() and len(text) < 10 and 1 <= int(text) <= largest):
        raise BadRequest.parameter(name, f"must be a whole number from 1 to {largest:,}.")
    return int(text)


def _around(request: Request, page: int, per_page: int, total: int, shown: int) -> dict[str, Any]:
    last = max(1, -(-total // per_page))
    path = f"{settings.PUBLIC_URL}{request.path}"
    kept = [(name, value) for name, value in request.query_params.items() if name not in ("page", "per_page")]

    def link(number: int) -> str | None:
        query = urlencode([*kept, ("page", number), ("per_page", per_page)])
        return f"{path}?{query}" if 1 <= number <= last else None

    first_shown = (page - 1) * per_page + 1 if shown else None
    return {
        "links": {"first": link(1), "last": link(last), "prev": link(page - 1), "next": link(page + 1)},
        "meta": {
            "current_page": page,
            "from": first_shown,
            "last_page": last,
            "path": path,
            "per_page": per_page,
            "to": first_shown + shown - 1 if first_shown else None,
            "total": total,
        },
    }

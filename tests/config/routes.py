"""Every route of the API, read from Django's own resolver, so that a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

API = "api/v1/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """`path` below the API's root, with its parameters as Django writes them."""

    path: str
    view: Any

    @property
    def methods(self) -> tuple[str, ...]:
        view_class = getattr(self.view, "view_class", None)
        if view_class is None:
            return ("GET",)
        return tuple(method for method in METHODS if hasattr(view_class, method.lower()))

    @property
    def view_class(self) -> Any:
        return getattr(self.view, "view_class", None)


def api_routes() -> list[Route]:
    return [
        Route(f"/{path.removeprefix(API)}", view) for path, view in _walk(get_resolver(), "") if path.startswith(API)
    ]


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from _walk(entry, path)

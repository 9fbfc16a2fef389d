"""A request that arrived at a hook, and what the workflow gets to see of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from runs.hooks.bodies import read_body, read_fields
from wire import strict_json
from wire.problems import Problem

MAX_HEADERS = 100
MAX_HEADER_BYTES = 32_000

# Whoever may read the run must not learn from it what the sender signed in with.
_SECRET_HEADER = re.compile(r"(proxy-)?authorization|cookie|(.*-)?(api-?key|token|secret|password)")
HIDDEN = "[hidden]"


class HeadersTooLarge(Problem):
    status, code, title = 431, "headers_too_large", "Request headers too large"


@dataclass(frozen=True, slots=True)
class HookRequest:
    """`path` is what follows the hook's address, without slashes at its ends; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    client: str = ""
    """The caller's IP address."""

    def payload(self, params: Mapping[str, str], secret_header: str = "") -> dict[str, Any]:
        """`trigger` as expressions know it: {body, headers, query, params, method, path, client_address}."""
        seen = {
            "body": read_body(self.body, self.headers.get("content-type", "")),
            "headers": hide_secrets(self.headers, secret_header),
            "query": read_fields(self.query),
            "params": dict(params),
            "method": self.method,
            "path": self.path,
            "client_address": self.client,
        }
        strict_json.check_value(seen)  # a NUL may hide in a query or a header too
        return seen


def hide_secrets(headers: Mapping[str, str], secret_header: str = "") -> dict[str, str]:
    """Without what the sender signed in with; `secret_header` is one more that holds it here."""
    return {name: HIDDEN if name == secret_header or _is_secret(name) else text for name, text in headers.items()}


@lru_cache(maxsize=500)
def _is_secret(name: str) -> bool:
    return _SECRET_HEADER.fullmatch(name) is not None


def header_fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; several of one name are joined as HTTP says."""
    fields: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields


def check_headers(raw: Collection[tuple[bytes, bytes]]) -> None:
    """Raises HeadersTooLarge."""
    if len(raw) > MAX_HEADERS:
        raise HeadersTooLarge(f"More than {MAX_HEADERS} headers.")
    if sum(map(len, chain.from_iterable(raw))) > MAX_HEADER_BYTES:
        raise HeadersTooLarge(f"The headers are larger than {MAX_HEADER_BYTES:,} bytes.")

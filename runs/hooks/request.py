"""A request that arrived at a hook, and what the workflow gets to see of it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from wire import strict_json
from wire.problems import BadRequest, UnsupportedMediaType

# Whoever may read the run must not learn from it what the sender signed in with.
_HIDDEN_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_HIDDEN = "[hidden]"
_MAX_FIELDS = 1_000


@dataclass(frozen=True, slots=True)
class HookRequest:
    """`path` is what follows the token, without slashes at its ends; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def payload(self, params: Mapping[str, str]) -> dict[str, Any]:
        """`trigger` as expressions know it: {body, headers, query, params, method, path}."""
        seen = {
            "body": self._read_body(),
            "headers": {name: _HIDDEN if name in _HIDDEN_HEADERS else text for name, text in self.headers.items()},
            "query": _fields(self.query),
            "params": dict(params),
            "method": self.method,
            "path": self.path,
        }
        strict_json.check_value(seen)  # a NUL may hide in a query or a header too
        return seen

    def _read_body(self) -> Any:
        """JSON and forms as values, text as text, anything else as base64. No body is null."""
        if not self.body:
            return None
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type.startswith("multipart/"):
            raise UnsupportedMediaType("Multipart bodies are not taken here; send JSON, a form or text.")
        if media_type == "application/json" or media_type.endswith("+json") or not media_type:
            return strict_json.loads(self.body)
        if media_type == "application/x-www-form-urlencoded":
            return _fields(_text(self.body) or "")
        text = _text(self.body)
        return {"base64": base64.b64encode(self.body).decode()} if text is None else text


def header_fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; several of one name are joined as HTTP says."""
    fields: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        fields[key] = f"{fields[key]}, {text}" if key in fields else text
    return fields


def _text(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _fields(encoded: str) -> dict[str, Any]:
    """Form fields; a name that comes more than once has a list."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("A form or query field is not UTF-8.", code="invalid_encoding") from None
    except ValueError:
        raise BadRequest(f"More than {_MAX_FIELDS:,} fields.", code="too_many_fields") from None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields

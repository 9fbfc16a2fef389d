"""The parts of an HTTP request and of its answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit, urlunsplit

from wire.strict_json import check_value
from workflows.nodes.base import HttpResponse, NodeError, Params, Secret, Text, setting

Headers = list[tuple[str, str]]


class Pair(Params):
    """One line of a form of keys and values."""

    key: Text = setting(title="Name", description="Its name.", min_length=1)
    value: Text = setting("", title="Value", description="Its value, text or an expression.")


# --- the request ---


@dataclass(frozen=True, slots=True)
class Body:
    content: bytes
    content_type: str


def json_body(value: Any) -> Body:
    return Body(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), "application/json")


def form_body(fields: Sequence[Pair]) -> Body:
    return Body(_encoded(fields).encode(), "application/x-www-form-urlencoded")


def with_query(url: str, pairs: Sequence[Pair]) -> str:
    """The URL with these parameters behind its own."""
    if not pairs:
        return url
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NodeError("invalid_url", f"The URL cannot be read: {error}.", field="url", retryable=False) from None
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, _encoded(pairs))))))


def _encoded(pairs: Sequence[Pair]) -> str:
    return urlencode([(pair.key, pair.value) for pair in pairs])


def with_secret(secret: Secret, url: str, headers: Headers) -> tuple[str, Headers]:
    """The request signed in by a credential, which wins over a header of the same name."""
    data = secret.data
    if secret.kind == "query":
        return with_query(url, [Pair(key=data["name"], value=data["value"])]), headers
    if secret.kind == "bearer":
        name, value = "Authorization", f"Bearer {data['token']}"
    elif secret.kind == "basic":
        pair = f"{data['username']}:{data['password']}"
        name, value = "Authorization", "Basic " + base64.b64encode(pair.encode()).decode()
    elif secret.kind == "header":
        name, value = data["name"], data["value"]
    else:
        message = f'A credential of kind "{secret.kind}" cannot be used here.'
        raise NodeError("credential_kind", message, field="auth", retryable=False)
    return url, [*((key, old) for key, old in headers if key.lower() != name.lower()), (name, value)]


# --- the answer ---


def response_value(response: HttpResponse) -> dict[str, Any]:
    """The node's output. A body that is no text at all comes as base64, and says so in `encoding`."""
    value: dict[str, Any] = {"status": response.status, "headers": dict(response.headers)}
    content_type = response.headers.get("content-type", "")
    if _is_json(content_type):
        try:
            return {**value, "body": _parsed(response.body), "url": response.url}
        except (ValueError, RecursionError):
            pass  # it says it is JSON but is none that can be kept: as text it can at least be looked at
    text = _text(response.body, _charset(content_type))
    if text is not None:
        return {**value, "body": text, "url": response.url}
    body = base64.b64encode(response.body).decode()
    return {**value, "body": body, "encoding": "base64", "url": response.url}


def _text(body: bytes, charset: str) -> str | None:
    """None for what is no text: of text with a NUL in it nothing else is known either."""
    try:
        text = body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if "\0" in text else text


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _parsed(body: bytes) -> Any:
    value = _reader.decode(body.decode(json.detect_encoding(body), "surrogatepass")) if body.strip() else None
    check_value(value)
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_reader = json.JSONDecoder(parse_constant=_refuse)


def _charset(content_type: str) -> str:
    _, _, parameters = content_type.lower().partition("charset=")
    return parameters.split(";")[0].strip(' "') or "utf-8"

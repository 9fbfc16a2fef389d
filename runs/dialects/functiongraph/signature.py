"""`SDK-HMAC-SHA256`: the vendor's request signature, checked on what was really sent. Pure.

What is signed is the method, the path, the query, the headers that the signature names, and the hash of the raw body.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote

SCHEME = "SDK-HMAC-SHA256"
TOLERANCE = timedelta(minutes=15)
DATE = "x-sdk-date"
BODY_HASH = "x-sdk-content-sha256"
MUST_BE_SIGNED = {"host", DATE}

_AUTHORIZATION = re.compile(rf"{SCHEME} +Access=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{{64}})")


class BadSignature(Exception):  # noqa: N818 - named for what it says
    """The request is not signed as it must be; the message says which part is wrong."""


@dataclass(frozen=True, slots=True)
class Signature:
    key_id: str
    headers: tuple[str, ...]
    """Names of the signed headers in lower case, in the order in which they were signed."""
    hex: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came: header names in lower case, the path still percent-encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def read(request: Signed, now: datetime) -> Signature:
    """What the request says of its signature. Raises BadSignature when it has none, or one that is too old."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", "").strip())
    if found is None:
        raise BadSignature(f"The request needs a signature: Authorization: {SCHEME} Access=…")
    signature = Signature(found[1], tuple(found[2].lower().split(";")), found[3])
    if missing := MUST_BE_SIGNED - set(signature.headers):
        raise BadSignature(f"The signature must cover {', '.join(sorted(missing))}.")
    if unsent := [name for name in signature.headers if name not in request.headers]:
        raise BadSignature(f"The signature covers {unsent[0]}, which was not sent.")
    _check_date(request.headers[DATE], now)
    return signature


def verify(request: Signed, signature: Signature, secret: str) -> None:
    """Raises BadSignature when it was made with another secret, or for another request."""
    expected = hmac.new(secret.encode(), _text(request, signature).encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature.hex):
        raise BadSignature("The signature does not fit the request.")


def _check_date(text: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise BadSignature("X-Sdk-Date must look like 20260122T010438Z.") from None
    if abs(now - signed_at) > TOLERANCE:
        raise BadSignature("X-Sdk-Date is more than 15 minutes away from the server's time.")


def _text(request: Signed, signature: Signature) -> str:
    canonical = "\n".join(
        (
            request.method,
            _path(request.path),
            _query(request.query),
            "".join(f"{name}:{request.headers[name].strip()}\n" for name in signature.headers),
            ";".join(signature.headers),
            request.headers.get(BODY_HASH) or hashlib.sha256(request.body).hexdigest(),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join((SCHEME, request.headers[DATE], digest))


def _path(path: str) -> str:
    encoded = "/".join(_encoded(unquote(segment)) for segment in path.split("/"))
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _query(query: str) -> str:
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")

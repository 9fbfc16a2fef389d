"""Signatures over the raw bytes of a request. Pure: the keys and the time are given.

Each check computes what the signature should be and compares texts in constant time; what merely decodes to
the same bytes is not the same signature. Signed times must lie within five minutes, before or after.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from runs.hooks.request import HookRequest
from wire.problems import Unauthorized
from workflows.nodes.webhook_trigger import WebhookSettings

TOLERANCE_SECONDS = 300

_SECONDS = re.compile(r"[1-9][0-9]{0,11}", re.ASCII)
_HASHES = {"sha256": hashlib.sha256, "sha512": hashlib.sha512, "sha1": hashlib.sha1}

Check = Callable[[HookRequest, Sequence[str], float], None]
"""Takes the request, the keys of which one must fit, and the time in seconds. Raises Unauthorized."""


class UnusableKeyError(ValueError):
    """The key itself is not of the form that this signature needs."""


def verify(settings: WebhookSettings, request: HookRequest, keys: Sequence[str], now: float) -> None:
    """Raises Unauthorized with `signature_missing`, `_malformed`, `_expired` or `_mismatch`, or UnusableKeyError."""
    if settings.auth == "hmac":
        _generic(settings, request, keys, now)
    else:
        _PRESETS[settings.auth](request, keys, now)


def _standard(request: HookRequest, keys: Sequence[str], now: float) -> None:
    """https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature`."""
    message_id = _header(request, "webhook-id")
    sent_at = _timely(_header(request, "webhook-timestamp"), now)
    given = [part.partition(",") for part in _header(request, "webhook-signature").split(" ")]
    try:
        body = request.body.decode()
    except UnicodeDecodeError:
        raise _refusal("mismatch", "The body is not UTF-8, as Standard Webhooks sign it.") from None
    moment = datetime.fromtimestamp(sent_at, UTC)
    expected = [_standard_key(key).sign(message_id, moment, body).removeprefix("v1,") for key in keys]
    _match((text for version, _, text in given if version == "v1"), expected)


def _standard_key(key: str) -> Webhook:
    try:
        return Webhook(key)
    except (binascii.Error, RuntimeError, ValueError) as wrong:
        raise UnusableKeyError("A key for Standard Webhooks is base64, perhaps behind “whsec_”.") from wrong


def _github(request: HookRequest, keys: Sequence[str], now: float) -> None:
    """`X-Hub-Signature-256: sha256=…`; GitHub signs no time."""
    _match([_header(request, "x-hub-signature-256")], [f"sha256={_hex(key, request.body)}" for key in keys])


def _stripe(request: HookRequest, keys: Sequence[str], now: float) -> None:
    """`Stripe-Signature: t=…,v1=…`, several `v1` while Stripe rolls a secret."""
    pairs = [part.strip().partition("=") for part in _header(request, "stripe-signature").split(",")]
    times = [text for name, _, text in pairs if name == "t"]
    if len(times) != 1:
        raise _refusal("malformed", "Stripe-Signature must hold one t=….")
    _timely(times[0], now)
    expected = [_hex(key, f"{times[0]}.".encode() + request.body) for key in keys]
    _match((text for name, _, text in pairs if name == "v1"), expected)


def _slack(request: HookRequest, keys: Sequence[str], now: float) -> None:
    """`X-Slack-Signature: v0=…` over `v0:timestamp:body`."""
    sent_at = _header(request, "x-slack-request-timestamp")
    _timely(sent_at, now)
    signed = f"v0:{sent_at}:".encode() + request.body
    _match([_header(request, "x-slack-signature")], [f"v0={_hex(key, signed)}" for key in keys])


def _shopify(request: HookRequest, keys: Sequence[str], now: float) -> None:
    """`X-Shopify-Hmac-Sha256`, base64; Shopify signs no time."""
    given = _header(request, "x-shopify-hmac-sha256")
    _match([given], [_encoded("base64", _digest("sha256", key, request.body)) for key in keys])


def _generic(settings: WebhookSettings, request: HookRequest, keys: Sequence[str], now: float) -> None:
    given = _header(request, settings.signature_header.lower())
    signed = request.body
    if settings.timestamp_header:
        sent_at = _header(request, settings.timestamp_header.lower())
        _timely(sent_at, now)
        signed = f"{sent_at}.".encode() + signed
    digests = (_digest(settings.signature_hash, key, signed) for key in keys)
    _match([given], [f"{settings.signature_prefix}{_encoded(settings.signature_encoding, made)}" for made in digests])


_PRESETS: Mapping[str, Check] = {
    "standard": _standard,
    "github": _github,
    "stripe": _stripe,
    "slack": _slack,
    "shopify": _shopify,
}

# --- what they share ---


def _header(request: HookRequest, name: str) -> str:
    text = request.headers.get(name, "")
    if not text:
        raise _refusal("missing", f"The header {name} is missing; this webhook takes signed requests only.")
    return text


def _timely(text: str, now: float) -> int:
    if not _SECONDS.fullmatch(text):
        raise _refusal("malformed", "The signature's time is not in seconds.")
    if abs(int(text) - now) > TOLERANCE_SECONDS:
        raise _refusal("expired", f"The signature's time is more than {TOLERANCE_SECONDS // 60} minutes off.")
    return int(text)


def _match(given: Iterable[str], expected: Sequence[str]) -> None:
    """Compares each with each, so that the time it takes tells nothing about which key came near."""
    found = False
    for text in given:
        for wanted in expected:
            found |= hmac.compare_digest(text.encode(errors="replace"), wanted.encode())
    if not found:
        raise _refusal("mismatch", "The signature does not fit the body. Is it the right key, and the body unchanged?")


def _digest(name: str, key: str, signed: bytes) -> bytes:
    return hmac.new(key.encode(), signed, _HASHES[name]).digest()


def _hex(key: str, signed: bytes) -> str:
    return _digest("sha256", key, signed).hex()


def _encoded(encoding: str, digest: bytes) -> str:
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def _refusal(what: str, message: str) -> Unauthorized:
    return Unauthorized(message, code=f"signature_{what}", challenge="Signature")

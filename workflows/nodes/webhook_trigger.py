"""Webhook trigger: a request to the workflow's own URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from wire.networks import parse_networks
from workflows.expressions import compile_parameters
from workflows.nodes.base import Params, setting
from workflows.nodes.trigger import Trigger

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Auth = Literal[
    "open", "key", "bearer", "basic", "header", "jwt", "standard", "github", "stripe", "slack", "shopify", "hmac"
]

SIGNATURES = ("standard", "github", "stripe", "slack", "shopify", "hmac")
CREDENTIAL_KINDS: Mapping[str, str] = {
    "bearer": "bearer",
    "basic": "basic",
    "header": "header",
    "jwt": "signing",
    **dict.fromkeys(SIGNATURES, "signing"),
}
"""Which kind of credential each way of signing in needs."""
MAX_WAIT_SECONDS = 300

_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+|\{[a-z_][a-z0-9_]*\}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_EVENT_NAME = re.compile(r"[A-Za-z0-9_.:@-]{1,200}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w-]+)*", re.ASCII)
_WITH_CREDENTIAL = list(CREDENTIAL_KINDS)
_HMAC = {"auth": "hmac"}
_EVENT = {"action": "event"}
_FIXED = "Must be fixed, without braces: it is read before there is a run."


class WebhookSettings(Params):
    methods: list[Method] = setting(
        ["POST"], title="Methods", description="The HTTP methods it answers to.", min_length=1
    )
    path: str = setting(
        "",
        title="Path",
        description="What follows the webhook's URL. A part in braces matches anything and is found in `params`.",
        placeholder="orders/{id}",
        max_length=200,
    )
    name: str = setting(
        "",
        title="Name in the URL",
        description="A readable URL beside the one with the token; unique in the project, and easy to guess.",
        placeholder="new-orders",
        max_length=60,
    )
    auth: Auth = setting(
        "open",
        title="Who may call",
        description="A signature proves who sent the request and that nobody changed it.",
        labels={
            "open": "Anyone who knows the URL",
            "key": "API key of this project",
            "bearer": "Bearer token",
            "basic": "User name and password",
            "header": "API key in a header",
            "jwt": "JSON Web Token",
            "standard": "Signature: Standard Webhooks",
            "github": "Signature: GitHub",
            "stripe": "Signature: Stripe",
            "slack": "Signature: Slack",
            "shopify": "Signature: Shopify",
            "hmac": "Signature: any HMAC",
        },
    )
    credential: str = setting(
        "",
        title="Credential",
        description="Holds the secret; signatures and tokens need one of the kind “Signing key”.",
        widget="credential",
        show_if={"auth": _WITH_CREDENTIAL},
    )
    jwt_algorithm: Literal["HS256", "RS256"] = setting(
        "HS256",
        title="Algorithm",
        description="HS256 with a shared secret, RS256 with the issuer's public key (PEM).",
        show_if={"auth": "jwt"},
    )
    jwt_issuer: str = setting(
        "", title="Issuer", description="What `iss` must say; empty: anything.", max_length=200, show_if={"auth": "jwt"}
    )
    jwt_audience: str = setting(
        "",
        title="Audience",
        description="What `aud` must hold; empty: tokens without one.",
        max_length=200,
        show_if={"auth": "jwt"},
    )
    signature_header: str = setting(
        "X-Signature",
        title="Signature header",
        description="The header with the signature of the body.",
        show_if=_HMAC,
    )
    signature_prefix: str = setting(
        "",
        title="Prefix",
        description="What stands before the signature in its header.",
        placeholder="sha256=",
        max_length=50,
        show_if=_HMAC,
    )
    signature_hash: Literal["sha256", "sha512", "sha1"] = setting(
        "sha256", title="Hash", description="The hash function of the HMAC.", show_if=_HMAC
    )
    signature_encoding: Literal["hex", "base64"] = setting(
        "hex", title="Encoding", description="How the signature is written.", show_if=_HMAC
    )
    timestamp_header: str = setting(
        "",
        title="Timestamp header",
        description="Its seconds must lie within five minutes and are signed as `timestamp.body`; empty: body alone.",
        placeholder="X-Timestamp",
        show_if=_HMAC,
    )
    allowed_addresses: str = setting(
        "",
        title="Allowed addresses",
        description="IP addresses and networks that may call, with commas between; empty: all.",
        placeholder="192.0.2.10, 2001:db8::/32",
        max_length=2_000,
    )
    filter: str = setting(
        "",
        title="Only if",
        description="An expression over `trigger`. If it gives nothing, false or 0, no run starts.",
        placeholder='trigger.body.action == "opened"',
        max_length=2_000,
    )
    action: Literal["start", "event"] = setting(
        "start",
        title="What a request does",
        description="An event goes to every live run of the project that waits for it with the same correlation.",
        labels={"start": "Starts a run", "event": "Tells runs that wait"},
    )
    event: str = setting(
        "",
        title="Event",
        description="What the event is called.",
        placeholder="payment.received",
        max_length=200,
        show_if=_EVENT,
    )
    correlation: str = setting(
        "",
        title="Correlation",
        description="An expression over `trigger` whose value tells which runs are meant.",
        placeholder="trigger.body.order_id",
        max_length=2_000,
        show_if=_EVENT,
    )
    delivery_id: str = setting(
        "",
        title="Delivery id",
        description="Header or JSONPath of the body whose value tells a repeated delivery; empty: the usual headers.",
        placeholder="X-Event-Id or $.event.id",
        max_length=200,
    )
    response: Literal["accepted", "wait", "fixed"] = setting(
        "accepted",
        title="Answer",
        description="What the caller gets.",
        labels={
            "accepted": "202 at once",
            "wait": "What a Respond node says, else the run's output at its end",
            "fixed": "Always the same",
        },
    )
    wait_seconds: int = setting(
        30,
        title="Wait at most",
        description="Seconds; a run that takes longer is answered with 202.",
        ge=1,
        le=MAX_WAIT_SECONDS,
        show_if={"response": "wait"},
    )
    answer_status: int = setting(
        200, title="Status", description="The HTTP status of the answer.", ge=200, le=599, show_if={"response": "fixed"}
    )
    answer_type: str = setting(
        "text/plain; charset=utf-8",
        title="Content type",
        description="What the answer's body is.",
        max_length=200,
        show_if={"response": "fixed"},
    )
    answer_body: str = setting(
        "",
        title="Body",
        description="Sent as it stands.",
        widget="multiline",
        max_length=10_000,
        show_if={"response": "fixed"},
    )


class WebhookTrigger(Trigger):
    kind = "webhook_trigger"
    title = "Webhook"
    description = (
        "Starts when a request arrives at the workflow's URL. "
        "Its output holds body, headers, query, params, method, path and client_address."
    )
    icon = "webhook"
    keywords = ("http", "hook", "request", "endpoint", "url", "callback")
    params = WebhookSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        try:
            read = WebhookSettings.model_validate(settings)
        except ValidationError:
            return []  # the schema has told what is wrong
        found = (
            *((name, _FIXED) for name, value in settings.items() if isinstance(value, str) and "{{" in value),
            ("path", _path_fault(read.path)),
            ("name", "" if _is(_NAME, read.name) else "Use small letters, digits and “-”."),
            ("credential", _credential_fault(read)),
            *((name, _header_fault(getattr(read, name))) for name in ("signature_header", "timestamp_header")),
            ("signature_header", "" if read.signature_header else "Name the header that holds the signature."),
            ("allowed_addresses", _addresses_fault(read.allowed_addresses)),
            ("filter", _expression_fault(read.filter)),
            *_event_faults(read),
            ("delivery_id", _delivery_id_fault(read.delivery_id)),
            ("answer_type", "" if _is(_MEDIA_TYPE, read.answer_type) else "Is no media type such as text/plain."),
        )
        return [(field, message) for field, message in found if message]

    @staticmethod
    def addresses(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Each (method, path) that it answers to, with all names in braces alike; none where they cannot be read."""
        path, methods = settings.get("path", ""), settings.get("methods", ["POST"])
        if not isinstance(path, str) or not isinstance(methods, list):
            return []
        parts = ["{}" if part.startswith("{") else part for part in path.split("/") if part]
        return [(method, "/".join(parts)) for method in methods if isinstance(method, str)]


def _is(pattern: re.Pattern[str], text: str) -> bool:
    return not text or bool(pattern.fullmatch(text))


def _path_fault(path: str) -> str:
    segments = path.strip("/").split("/") if path.strip("/") else []
    bad = [segment for segment in segments if not _SEGMENT.fullmatch(segment)]
    names = [segment for segment in segments if segment.startswith("{")]
    if bad:
        return f'"{bad[0]}" cannot be part of the path: use letters, digits, "-", "_", "." or {{name}}.'
    return "A name in braces may occur only once." if len(names) != len(set(names)) else ""


def _credential_fault(read: WebhookSettings) -> str:
    if read.auth not in CREDENTIAL_KINDS:
        return ""
    return "" if read.credential else "Choose the credential that callers must know; without one nobody could call."


def _header_fault(name: str) -> str:
    return "" if _is(_HEADER, name) else f'"{name}" is no name of a header.'


def _addresses_fault(text: str) -> str:
    try:
        parse_networks(text)
    except ValueError as wrong:
        return f"{wrong}."
    return ""


def _event_faults(read: WebhookSettings) -> list[tuple[str, str]]:
    if read.action == "start":
        return []
    named = _EVENT_NAME.fullmatch(read.event)
    return [
        ("event", "" if named else "Name the event: letters, digits, “_”, “.”, “:”, “@” and “-”."),
        ("correlation", _expression_fault(read.correlation) if read.correlation else "Say which runs are meant."),
    ]


def _expression_fault(text: str) -> str:
    if not text:
        return ""
    compiled = compile_parameters({"value": text}, (), expressions=("value",))
    if compiled.errors:
        return compiled.errors[0].message
    others = sorted(compiled.roots - {"trigger"})
    return f"Only “trigger” is there before a run exists, not “{others[0]}”." if others else ""


def delivery_id_query(path: str) -> dict[str, Any]:
    """The JSONPath `$.x` of a body as a query over what expressions know; null where there is nothing."""
    return {"$path": f"$.trigger.body{path.removeprefix('$')}", "default": None}


def _delivery_id_fault(text: str) -> str:
    if not text.startswith("$"):
        return _header_fault(text)
    errors = compile_parameters({"id": delivery_id_query(text)}, ()).errors
    return errors[0].message if errors else ""

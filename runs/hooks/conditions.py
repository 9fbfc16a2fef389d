"""What a webhook asks of a request before any run exists: does it pass the filter, and which delivery is it?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from runs.hooks.request import HookRequest
from runs.idempotency import MAX_KEY_LENGTH
from wire.problems import BadRequest, Invalid
from workflows.expressions import CompiledParameters, ExpressionError, Scope, compile_parameters, resolve, resolve_now
from workflows.nodes.webhook_trigger import WebhookSettings, delivery_id_query

# The sender's own id of the delivery: what it sends twice under one id is one delivery. Never the body's
# hash: two equal pings are two.
DELIVERY_ID_HEADERS = ("webhook-id", "x-github-delivery", "x-shopify-webhook-id", "idempotency-key")
MAX_CORRELATION_LENGTH = 200
_OF_PRESETS = {"stripe": "$.id", "slack": "$.event_id"}


async def passes_filter(settings: WebhookSettings, payload: Mapping[str, Any]) -> bool:
    """Raises Invalid (`filter_failed`) when the expression itself fails. May wait for the sandbox."""
    return not settings.filter or bool(await _computed("filter", settings.filter, payload))


async def correlation_of(settings: WebhookSettings, payload: Mapping[str, Any]) -> str:
    """Which runs an event is for. Raises Invalid (`correlation_failed`), also for what is no text or number."""
    value = _text(await _computed("correlation", settings.correlation, payload))
    if not value or len(value) > MAX_CORRELATION_LENGTH:
        message = f"The webhook's correlation must be text or a number, 1 to {MAX_CORRELATION_LENGTH} characters."
        raise Invalid(message, code="correlation_failed")
    return value


async def _computed(what: str, text: str, payload: Mapping[str, Any]) -> Any:
    try:
        return (await resolve(_compiled(text), Scope({"trigger": payload})))["value"]
    except ExpressionError as error:
        raise Invalid(f"The webhook's {what} failed: {error.message}", code=f"{what}_failed") from None


@lru_cache(maxsize=500)
def _compiled(text: str) -> CompiledParameters:
    return compile_parameters({"value": text}, (), expressions=("value",))


def delivery_id(settings: WebhookSettings, request: HookRequest, payload: Mapping[str, Any]) -> str | None:
    """The sender's id, None without one. Raises BadRequest when it is too long to be kept."""
    asked = settings.delivery_id or _OF_PRESETS.get(settings.auth, "")
    if asked.startswith("$"):
        found = _text(resolve_now(_compiled_query(asked), Scope({"trigger": payload}))["id"])
    else:
        names = (asked.lower(),) if asked else DELIVERY_ID_HEADERS
        found = next((text for name in names if (text := request.headers.get(name, "").strip())), "")
    if len(found) > MAX_KEY_LENGTH:
        raise BadRequest(f"The delivery's id is longer than {MAX_KEY_LENGTH} characters.", code="delivery_id_too_long")
    return found or None


@lru_cache(maxsize=500)
def _compiled_query(path: str) -> CompiledParameters:
    return compile_parameters({"id": delivery_id_query(path)}, ())


def _text(value: Any) -> str:
    """Numbers are ids too; anything else is none."""
    is_id = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip() if is_id else ""

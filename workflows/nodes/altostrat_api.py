"""Altostrat API: calls the workflow API of this server, under the name for which the workflow acts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from workflows.nodes.base import Context, Node, NodeError, Output, Params, Repeat, Text, setting
from workflows.nodes.http_message import response_value

ROOT = "workflows"
NOT_FOR_WORKFLOWS = ("vault", "authorization", "webhooks")
WITH_BODY = ["POST", "PUT", "PATCH"]


class AltostratApiSettings(Params):
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = setting(
        "GET", title="Method", description="The HTTP method."
    )
    endpoint: Text = setting(
        title="Endpoint",
        description="A path of the API with its query: /workflows, or what lies below it.",
        placeholder="/workflows/{{ input.id }}/executions?page=1",
        min_length=1,
        max_length=2000,
    )
    body: Any = setting(
        None, title="Body", description="Sent as JSON; empty for none.", widget="json", show_if={"method": WITH_BODY}
    )


class AltostratApi(Node):
    kind = "altostrat_api"
    title = "Altostrat API"
    category = "action"
    description = "Calls the workflow API of this server, as the member for whom this workflow acts."
    icon = "rocket"
    keywords = ("workflows", "runs", "start", "list", "server", "own")
    params = AltostratApiSettings
    repeat = "once"

    def repeat_of(self, params: AltostratApiSettings) -> Repeat:
        return "once" if params.method in ("POST", "PATCH") else "safe"

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        endpoint = settings.get("endpoint")
        fault = _fault(endpoint) if isinstance(endpoint, str) and "{{" not in endpoint else None
        return [("endpoint", fault)] if fault else []

    async def run(self, params: AltostratApiSettings, ctx: Context) -> Output:
        if fault := _fault(params.endpoint):
            raise NodeError("endpoint_refused", fault, field="endpoint", retryable=False)
        has_body = params.method in WITH_BODY and params.body is not None
        content = json.dumps(params.body).encode() if has_body else None
        response = await ctx.own_api(params.method, params.endpoint, content)
        value = response_value(response)
        if response.status >= 400:
            message = f"The API answered {response.status}."
            raise NodeError("http_status", message, retryable=response.status >= 500, details=value)
        return Output(value)


def _fault(endpoint: str) -> str | None:
    """Why a workflow may not call this. What is kept secret, and who is a member, is no business of workflows."""
    try:
        address = urlsplit(endpoint)
        parts = unquote(address.path).split("/")
    except ValueError:
        return "The endpoint cannot be read."
    if address.scheme or address.netloc or parts[:2] != ["", ROOT]:
        return f"The endpoint must begin with /{ROOT}."
    if any(part in ("", ".", "..") for part in parts[2:]):
        return "The endpoint holds an empty part, “.” or “..”."
    return f"Workflows may not call /{ROOT}/{parts[2]}." if parts[2:3] and parts[2] in NOT_FOR_WORKFLOWS else None

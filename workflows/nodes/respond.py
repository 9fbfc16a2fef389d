"""Respond: answers the request that waits for this run."""

from __future__ import annotations

from typing import Any

from workflows.nodes.base import Context, Node, Params, Respond, Text, setting


class HeaderField(Params):
    key: Text = setting(title="Name", description="The header's name.", placeholder="X-Order")
    value: Text = setting("", title="Value", description="The header's value.")


class RespondSettings(Params):
    status: int = setting(200, title="Status", description="The HTTP status of the answer.", ge=200, le=599)
    headers: tuple[HeaderField, ...] = setting(
        (), title="Headers", description="Headers of the answer.", widget="key_values"
    )
    body: Any = setting(
        None,
        title="Body",
        description="What is sent: text as it stands, anything else as JSON; without it the node's input.",
        widget="json",
    )
    more: bool = setting(
        False,
        title="More follows",
        description="Keeps the answer open: bodies of later Respond nodes are added, up to one where this is off.",
    )


class RespondToWebhook(Node):
    kind = "respond"
    title = "Respond"
    category = "action"
    description = "Answers the caller that waits for this run; the run goes on."
    icon = "reply"
    keywords = ("answer", "reply", "return", "webhook", "response")
    params = RespondSettings
    pure = True

    async def run(self, params: RespondSettings, ctx: Context) -> Respond:
        body = params.body if "body" in params.model_fields_set else ctx.input
        headers = tuple((header.key, header.value) for header in params.headers)
        return Respond(params.status, headers, body, params.more)

"""Webhook trigger: a request to the workflow's own URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from workflows.nodes.base import Params, setting
from workflows.nodes.trigger import Trigger

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+|\{[a-z_][a-z0-9_]*\}")


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
    response: Literal["accepted", "wait"] = setting(
        "accepted",
        title="Answer",
        description="What the caller gets.",
        labels={"accepted": "202 at once", "wait": "What a Respond node says, else the run's output at its end"},
    )


class WebhookTrigger(Trigger):
    kind = "webhook_trigger"
    title = "Webhook"
    description = (
        "Starts when a request arrives at the workflow's URL. "
        "Its output holds body, headers, query, params, method and path."
    )
    icon = "webhook"
    keywords = ("http", "hook", "request", "endpoint", "url", "callback")
    params = WebhookSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        path = settings.get("path") or ""
        segments = path.strip("/").split("/") if isinstance(path, str) and path.strip("/") else []
        bad = [segment for segment in segments if not _SEGMENT.fullmatch(segment)]
        names = [segment for segment in segments if segment.startswith("{")]
        if bad:
            return [("path", f'"{bad[0]}" cannot be part of the path: use letters, digits, "-", "_", "." or {{name}}.')]
        if len(names) != len(set(names)):
            return [("path", "A name in braces may occur only once.")]
        return []

    @staticmethod
    def addresses(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Each (method, path) that it answers to, with all names in braces alike; none where they cannot be read."""
        path, methods = settings.get("path", ""), settings.get("methods", ["POST"])
        if not isinstance(path, str) or not isinstance(methods, list):
            return []
        parts = ["{}" if part.startswith("{") else part for part in path.split("/") if part]
        return [(method, "/".join(parts)) for method in methods if isinstance(method, str)]

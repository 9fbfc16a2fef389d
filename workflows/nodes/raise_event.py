"""Raise event: tells other runs something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.nodes.base import Context, Node, NodeError, Params, RaiseEvent, Text, setting
from workflows.nodes.wait_for_event import NAME

ONE_OF_BOTH = "Say either which run is meant, or a correlation."


class RaiseEventSettings(Params):
    name: str = setting(title="Event", description="What the event is called.", pattern=NAME, placeholder="order.paid")
    run: Text = setting(
        "", title="Run", description="The id of the run that is told; or its own id, as its caller named it."
    )
    correlation: Text = setting(
        "",
        title="Correlation",
        description="Tells every run of the project that waits for this value, or has it as its correlation id.",
        max_length=200,
    )
    payload: Any = setting(
        None, title="Payload", description="What they are told, any JSON; without it this node's input.", widget="json"
    )


class RaiseAnEvent(Node):
    kind = "raise_event"
    title = "Raise event"
    category = "flow"
    description = "Tells other runs something, for which they may wait. Its output names the runs that were told."
    icon = "megaphone"
    keywords = ("signal", "notify", "send", "message", "correlate")
    params = RaiseEventSettings
    repeat = "keyed"

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [] if bool(settings.get("run")) != bool(settings.get("correlation")) else [("run", ONE_OF_BOTH)]

    async def run(self, params: RaiseEventSettings, ctx: Context) -> RaiseEvent:
        if bool(params.run) == bool(params.correlation):
            raise NodeError("whom_to_tell", ONE_OF_BOTH, field="run", retryable=False)
        payload = params.payload if "payload" in params.model_fields_set else ctx.input
        return RaiseEvent(params.name, payload, params.run or None, params.correlation or None)

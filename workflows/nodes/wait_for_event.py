"""Wait for event: sleeps until the run is told something."""

from __future__ import annotations

from workflows.nodes.base import OUT, Context, Node, Output, Params, Text, WaitForEvent, setting
from workflows.nodes.lengths import LONGEST, Unit, length

TIMEOUT = "timeout"
NAME = r"^[A-Za-z0-9_.:@-]{1,200}$"


class WaitForEventSettings(Params):
    name: str = setting(title="Event", description="What the event is called.", pattern=NAME, placeholder="order.paid")
    correlation: Text = setting(
        "",
        title="Correlation",
        description="The value by which events find this run; without it the run's own correlation id.",
        max_length=200,
    )
    at_most: float = setting(
        0, title="At most", description="How long it waits before it leaves by “timeout”; 0 is for ever.", ge=0
    )
    unit: Unit = setting("seconds", title="Unit", description="What the time counts.")


class WaitForAnEvent(Node):
    kind = "wait_for_event"
    title = "Wait for event"
    category = "flow"
    description = "Waits until the run is told an event of this name; its output is the event's payload."
    icon = "ear"
    keywords = ("signal", "callback", "receive", "message", "external")
    handles = (OUT, TIMEOUT)
    params = WaitForEventSettings

    async def run(self, params: WaitForEventSettings, ctx: Context) -> WaitForEvent:
        until = ctx.now() + min(length(params.at_most, params.unit), LONGEST) if params.at_most else None
        return WaitForEvent(params.name, params.correlation or None, until, Output(ctx.input, TIMEOUT))

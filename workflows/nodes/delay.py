"""Delay: sleeps without holding a worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from workflows.nodes.base import Context, Node, NodeError, Output, Params, Wait, setting

Unit = Literal["seconds", "minutes", "hours", "days"]

LONGEST = timedelta(days=366)


class DelaySettings(Params):
    duration: float = setting(title="Duration", description="How long to wait.", ge=0, placeholder="5")
    unit: Unit = setting("seconds", title="Unit", description="What the duration counts.")


class Delay(Node):
    kind = "delay"
    title = "Delay"
    category = "flow"
    description = "Waits for a while, up to 366 days, then passes its input on. No worker is held meanwhile."
    icon = "timer"
    keywords = ("wait", "sleep", "pause", "later")
    params = DelaySettings

    async def run(self, params: DelaySettings, ctx: Context) -> Wait:
        try:
            delay = timedelta(**{params.unit: params.duration})
        except OverflowError:
            delay = timedelta.max
        if delay > LONGEST:
            raise NodeError(
                "delay_too_long", f"A delay can be {LONGEST.days} days at most.", field="duration", retryable=False
            )
        return Wait(delay, then=Output(ctx.input))

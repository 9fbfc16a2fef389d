"""Delay: sleeps without holding a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from workflows.nodes.base import Context, Node, NodeError, Output, Params, Wait, setting
from workflows.nodes.lengths import LONGEST, Unit, length

TOO_LONG = f"A delay can be {LONGEST.days} days at most."


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

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        duration, unit = settings.get("duration"), settings.get("unit", "seconds")
        if not isinstance(duration, int | float) or unit not in get_args(Unit):
            return []  # not known yet, or the schema says so already
        return [("duration", TOO_LONG)] if length(duration, unit) > LONGEST else []

    async def run(self, params: DelaySettings, ctx: Context) -> Wait:
        delay = length(params.duration, params.unit)
        if delay > LONGEST:
            raise NodeError("delay_too_long", TOO_LONG, field="duration", retryable=False)
        return Wait(delay, then=Output(ctx.input))

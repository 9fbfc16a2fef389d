"""What all triggers share: they start a run and pass on what it was started with."""

from __future__ import annotations

from typing import Any

from workflows.nodes.base import Context, Node, Output


class Trigger(Node):
    """Its output is the run's trigger payload, with `trigger_type` and `run_id` where the payload has no such keys."""

    category = "trigger"
    pure = True
    can_fail = False

    async def run(self, params: Any, ctx: Context) -> Output:
        if not isinstance(ctx.trigger, dict):
            return Output(ctx.trigger)
        return Output({"trigger_type": ctx.trigger_type, "run_id": ctx.run_id, **ctx.trigger})

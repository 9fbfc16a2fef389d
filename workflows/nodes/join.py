"""Join: starts when enough of its branches are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from workflows.nodes.base import Context, Node, Output, Params, setting

FIXED = "This must be a fixed value: it is read before there is any data."


class JoinSettings(Params):
    wait_for: Literal["all", "any", "count"] = setting(
        "all",
        title="Wait for",
        description="All branches that are taken, the first that arrives, or so many of them.",
        labels={"all": "All branches", "any": "The first branch", "count": "So many branches"},
    )
    count: int = setting(
        2,
        title="How many",
        description="So many branches have to arrive.",
        ge=1,
        le=1_000,
        show_if={"wait_for": "count"},
    )
    cancel_rest: bool = setting(
        True,
        title="Stop the others",
        description="What only leads here and is not done yet is stopped. Off: it runs on and is not waited for.",
        show_if={"wait_for": ["any", "count"]},
    )


class Join(Node):
    kind = "join"
    title = "Join"
    category = "flow"
    description = "Goes on when all, the first, or so many of its branches have arrived, with what they brought."
    icon = "git-pull-request-arrow"
    keywords = ("wait", "race", "first", "any", "quorum", "discriminator", "branches", "parallel")
    params = JoinSettings
    pure = True
    can_fail = False

    def join(self, settings: Mapping[str, Any]) -> tuple[int, bool] | None:
        wait_for, count = settings.get("wait_for"), settings.get("count", 2)
        if wait_for not in ("any", "count"):
            return None
        wanted = 1 if wait_for == "any" or not isinstance(count, int) else max(count, 1)
        return wanted, settings.get("cancel_rest") is not False

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        fixed = {"wait_for": str, "count": int, "cancel_rest": bool}
        return [
            (name, FIXED)
            for name, kind in fixed.items()
            if isinstance(settings.get(name), str) and (kind is not str or "{{" in settings[name])
        ]

    async def run(self, params: JoinSettings, ctx: Context) -> Output:
        return Output(ctx.input)

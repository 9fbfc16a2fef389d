"""Merge: brings branches together."""

from __future__ import annotations

from typing import Any, Literal

from workflows.nodes.base import Context, Node, NodeError, Output, Params, setting


class MergeSettings(Params):
    mode: Literal["combine", "list", "by_node", "first"] = setting(
        "combine",
        title="Mode",
        description="How the values of the branches become one. Where fields clash, the later branch wins.",
        labels={
            "combine": "One object with the fields of all",
            "list": "A list of the values",
            "by_node": "An object keyed by the nodes they came from",
            "first": "The first that was taken",
        },
    )


class Merge(Node):
    kind = "merge"
    title = "Merge"
    category = "flow"
    description = "Waits for all branches that were taken and brings their values together."
    icon = "git-merge"
    keywords = ("join", "combine", "wait", "branches", "collect")
    params = MergeSettings
    pure = True

    async def run(self, params: MergeSettings, ctx: Context) -> Output:
        if params.mode == "list":
            return Output(list(ctx.inputs.values()))
        if params.mode == "by_node":
            return Output(dict(ctx.inputs))
        if params.mode == "first":
            return Output(next(iter(ctx.inputs.values()), None))
        return Output(_combined(ctx))


def _combined(ctx: Context) -> dict[str, Any]:
    together: dict[str, Any] = {}
    for source, value in ctx.inputs.items():
        if not isinstance(value, dict):
            raise NodeError(
                "not_an_object",
                f'Only objects can be combined, but "{source}" gave {_kind_of(value)}. Choose another mode.',
                field="mode",
                retryable=False,
            )
        together.update(value)
    return together


def _kind_of(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"a {type(value).__name__}"

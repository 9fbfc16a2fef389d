"""For each: runs what lies in it once for every item of a list."""

from __future__ import annotations

from typing import Any, Literal

from workflows.nodes.base import Context, Node, NodeError, Params, Passes, setting

MAX_ITEMS = 10_000
MAX_AT_ONCE = 100


class ForEachSettings(Params):
    items: Any = setting(
        title="Items",
        description="The list to go over; inside, {{ item }} is the one at hand and {{ index }} its number from 0.",
        widget="json",
        placeholder="{{ input.orders }}",
    )
    concurrency: int = setting(
        1, title="At the same time", description="How many passes may run at once.", ge=1, le=MAX_AT_ONCE
    )
    batch_size: int = setting(
        1,
        title="Batch size",
        description="Above 1, every pass gets a list of so many items.",
        ge=1,
        le=MAX_ITEMS,
    )
    on_failure: Literal["stop", "collect"] = setting(
        "stop",
        title="When a pass fails",
        description="Whether the others go on.",
        labels={"stop": "Stop the others and fail", "collect": "Go on, and list what failed with the results"},
    )


class ForEach(Node):
    kind = "for_each"
    title = "For each"
    category = "flow"
    description = "Runs the nodes in it once for every item of a list; its output is the list of their results."
    icon = "repeat-2"
    keywords = ("loop", "iterate", "map", "list", "items", "parallel", "batch")
    params = ForEachSettings
    pure = True
    is_container = True
    loop_roots = frozenset({"item", "index"})

    async def run(self, params: ForEachSettings, ctx: Context) -> Passes:
        return Passes(
            in_batches(items_of(params.items), params.batch_size), params.concurrency, params.on_failure == "collect"
        )


def items_of(value: Any) -> list[Any]:
    """Raises NodeError for what is no list, or too long a one."""
    if not isinstance(value, list):
        what = "nothing" if value is None else type(value).__name__
        raise NodeError("not_a_list", f"Items must be a list, but this is {what}.", field="items", retryable=False)
    if len(value) > MAX_ITEMS:
        message = f"A loop goes over {MAX_ITEMS:,} items at most; these are {len(value):,}. Use several runs."
        raise NodeError("too_many_items", message, field="items", retryable=False)
    return value


def in_batches(items: list[Any], size: int) -> list[Any]:
    return items if size == 1 else [items[start : start + size] for start in range(0, len(items), size)]

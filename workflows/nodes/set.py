"""Set: makes a new object, field by field."""

from __future__ import annotations

from typing import Any

from workflows.nodes.base import Alias, Context, Node, NodeError, Output, Params, setting


class SetSettings(Params):
    mapping: dict[str, Any] = setting(
        title="Fields",
        description="The fields of the new object: a name, and a fixed value or an expression.",
        widget="mapping",
        placeholder="{{ input.name }}",
    )
    keep_input: bool = setting(
        False,
        title="Keep the input's fields",
        description="Adds the fields to the input instead of starting from an empty object.",
    )


class Set(Node):
    kind = "set"
    title = "Set fields"
    category = "data"
    description = "Makes a new object from fixed values and expressions."
    icon = "pencil-line"
    keywords = ("map", "assign", "edit", "fields", "object", "rename")
    aliases = (Alias("data_mapper", "Data mapper"),)
    params = SetSettings
    pure = True

    async def run(self, params: SetSettings, ctx: Context) -> Output:
        kept = ctx.input if params.keep_input and ctx.input is not None else {}
        if not isinstance(kept, dict):
            raise NodeError("not_an_object", "The input is no object, so it has no fields to keep.", field="keep_input")
        return Output({**kept, **params.mapping})

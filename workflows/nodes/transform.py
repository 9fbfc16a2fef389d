"""Transform: one expression, whose value is the output."""

from __future__ import annotations

from workflows.nodes.base import Context, Expression, Node, Output, Params, setting


class TransformSettings(Params):
    expression: Expression = setting(
        title="Expression",
        description="One expression in Python; its value is the node's output.",
        widget="expression",
        placeholder='[item["name"].upper() for item in input.items]',
    )


class Transform(Node):
    kind = "transform"
    title = "Transform"
    category = "data"
    description = "Computes its output by one Python expression: filter, sort, sum, reshape."
    icon = "function-square"
    keywords = ("expression", "python", "compute", "filter", "map", "sum", "convert")
    params = TransformSettings
    pure = True

    async def run(self, params: TransformSettings, ctx: Context) -> Output:
        return Output(params.expression)

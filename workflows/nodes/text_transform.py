"""Text transform: a text made by a Liquid template, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.nodes.base import Context, Node, Output, Params, Source, setting
from workflows.nodes.program import check_program, run_program, time_limit
from workflows.scripts import template_names


class TextTransformSettings(Params):
    template: Source = setting(
        title="Template",
        description="A Liquid template over input, trigger, nodes and vars; a node can be named alone.",
        widget="code",
        placeholder="Dear {{ trigger.name }},\n{% for line in input.lines %}* {{ line.title }}\n{% endfor %}",
        max_length=100_000,
    )
    seconds: float = time_limit()


class TextTransform(Node):
    kind = "text_transform"
    title = "Text transform"
    category = "data"
    description = "Makes a text by a Liquid template, with its filters, conditions and loops; its output is the text."
    icon = "scroll-text"
    keywords = ("liquid", "template", "format", "mail", "message", "render")
    params = TextTransformSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return check_program("liquid", "template", settings)

    async def run(self, params: TextTransformSettings, ctx: Context) -> Output:
        scope = ctx.readable()
        data: dict[str, Any] = {}
        for name in await template_names(params.template):
            if name == "nodes":
                data[name] = dict(scope.nodes)
            elif name in scope.roots:
                data[name] = scope.roots[name]
            elif name in scope.nodes:
                data[name] = scope.nodes[name]
        return Output(await run_program("liquid", "template", params.template, data, params.seconds, ctx))

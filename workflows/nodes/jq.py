"""jq: reshapes JSON by a filter of the jq language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.nodes.base import Context, Node, Output, Params, Source, setting
from workflows.nodes.program import check_program, run_program, time_limit


class JqSettings(Params):
    filter: Source = setting(
        title="Filter",
        description="A filter of the jq language.",
        widget="code",
        language="jq",
        placeholder=".items | map(select(.price > 10)) | length",
        max_length=100_000,
    )
    data: Any = setting(
        None, title="Data", description="What it is applied to, any JSON; without it this node's input.", widget="json"
    )
    seconds: float = time_limit()


class Jq(Node):
    kind = "jq"
    title = "jq filter"
    category = "data"
    description = "Reshapes JSON by a jq filter. Its output holds the first result, and the list of all results."
    icon = "funnel"
    keywords = ("json", "filter", "transform", "query", "map", "select")
    params = JqSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return check_program("jq", "filter", settings)

    async def run(self, params: JqSettings, ctx: Context) -> Output:
        data = params.data if "data" in params.model_fields_set else ctx.input
        results = await run_program("jq", "filter", params.filter, data, params.seconds, ctx)
        return Output({"result": results[0] if results else None, "resultList": results})

"""Set variables: gives the run's variables new values."""

from __future__ import annotations

from typing import Any

from workflows.nodes.base import Context, Node, Output, Params, setting


class SetVariablesSettings(Params):
    variables: dict[str, Any] = setting(
        title="Variables",
        description="Names, and for each a fixed value or an expression. Others keep their values.",
        widget="mapping",
        placeholder="{{ input.status }}",
    )


class SetVariables(Node):
    kind = "set_variables"
    title = "Set variables"
    category = "data"
    description = "Gives variables of the run new values, which every node after it can read as {{ vars.name }}."
    icon = "variable"
    keywords = ("assign", "remember", "state", "global", "counter")
    params = SetVariablesSettings
    pure = True
    assigns = True

    async def run(self, params: SetVariablesSettings, ctx: Context) -> Output:
        return Output(params.variables)

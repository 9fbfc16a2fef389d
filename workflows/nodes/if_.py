"""If: two ways on, by rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.nodes.base import Alias, Context, Node, Output, Params, setting
from workflows.nodes.rules import LOGIC_LABELS, Logic, Rules, as_logic, as_rule, faults, hold

GROUP = "logical_group"
TYPE_OF_ALIAS = {f"{kind}_condition": kind for kind in ("string", "number", "date", "boolean", "array")}


class IfSettings(Params):
    conditions: Rules = setting(
        title="Conditions", description="What must hold for the way “true”.", widget="conditions"
    )
    logic: Logic = setting(
        "and", title="Joined by", description="Whether all rules must hold or any.", labels=LOGIC_LABELS
    )


class If(Node):
    kind = "if"
    title = "If"
    category = "flow"
    description = "Goes on by “true” or “false”, and hands its input on."
    icon = "split"
    keywords = ("condition", "branch", "compare", "filter", "true", "false")
    aliases = (
        *(Alias(name, f"{kind.capitalize()} condition") for name, kind in TYPE_OF_ALIAS.items()),
        Alias(GROUP, "Logical group"),
    )
    params = IfSettings
    pure = True
    handles = ("true", "false")

    def adapt(self, kind: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """`string_condition` and its like are one rule, `logical_group` is one group."""
        if kind in TYPE_OF_ALIAS and "conditions" not in settings:
            return {"conditions": [as_rule(settings, TYPE_OF_ALIAS[kind])]}
        if kind == GROUP and "rules" in settings:
            group = as_rule(settings)
            return {"conditions": group["rules"], "logic": group["logic"]}
        return {**settings, "logic": as_logic(settings.get("logic"))}

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        return faults(settings.get("conditions"), settings.get("logic", "and"), "conditions")

    async def run(self, params: IfSettings, ctx: Context) -> Output:
        holds = await hold(params.conditions, params.logic, "conditions")
        return Output(ctx.input, "true" if holds else "false")

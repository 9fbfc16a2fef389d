"""Switch: as many ways on as there are cases; the first whose rules hold is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.nodes.base import COMPENSATE, ERROR, Context, DynamicHandles, Node, Output, Params, setting
from workflows.nodes.rules import LOGIC_LABELS, Logic, Rules, as_logic, as_rule, faults, hold

DEFAULT = "default"


class Case(Params):
    name: str = setting(
        title="Name", description="The exit of this case.", placeholder="large", min_length=1, max_length=100
    )
    conditions: Rules = setting(title="Conditions", description="When this exit is taken.", widget="conditions")
    logic: Logic = setting(
        "and", title="Joined by", description="Whether all rules must hold or any.", labels=LOGIC_LABELS
    )


class SwitchSettings(Params):
    cases: list[Case] = setting(
        title="Cases",
        description="Asked in this order; the first whose rules hold is taken, and “default” when none does.",
        widget="cases",
        min_length=1,
    )


class Switch(Node):
    kind = "switch"
    title = "Switch"
    category = "flow"
    description = "Goes on by the first case whose rules hold, else by “default”, and hands its input on."
    icon = "list-tree"
    keywords = ("cases", "route", "branch", "choose", "match")
    params = SwitchSettings
    pure = True
    handles = (DEFAULT,)
    dynamic_handles = DynamicHandles("cases", "name", DEFAULT)

    def adapt(self, kind: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """A case may have its one rule beside its name; its left side may be the node's own `operand`."""
        cases = settings.get("cases")
        if not isinstance(cases, list):
            return settings
        return {"cases": [_as_case(case, settings) if isinstance(case, Mapping) else case for case in cases]}

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        cases = settings.get("cases")
        return list(_case_faults(cases)) if isinstance(cases, list) else []

    async def run(self, params: SwitchSettings, ctx: Context) -> Output:
        for index, case in enumerate(params.cases):
            if await hold(case.conditions, case.logic, f"cases[{index}].conditions"):
                return Output(ctx.input, case.name)
        return Output(ctx.input, DEFAULT)


def _as_case(case: Mapping[str, Any], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    if "conditions" in case:
        return {**case, "logic": as_logic(case.get("logic", "and"))}
    if "rules" in case:
        group = as_rule(case)
        return {"name": case.get("name"), "conditions": group["rules"], "logic": group["logic"]}
    rule = as_rule(case)
    if "operand" in settings:
        rule.setdefault("left", settings["operand"])
    is_number = isinstance(rule.get("right"), int | float) and not isinstance(rule.get("right"), bool)
    rule.setdefault("operator", "eq" if is_number else "equals")
    return {"name": case.get("name"), "conditions": [rule]}


def _case_faults(cases: list[Any]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for index, case in enumerate(cases):
        if not isinstance(case, Mapping):
            continue
        name = case.get("name")
        if name in (DEFAULT, ERROR, COMPENSATE):
            yield f"cases[{index}].name", f'"{name}" is an exit of another sort; choose another name.'
        elif isinstance(name, str) and name in seen:
            yield f"cases[{index}].name", f'There is already a case "{name}".'
        seen.add(str(name))
        yield from faults(case.get("conditions"), case.get("logic", "and"), f"cases[{index}].conditions")

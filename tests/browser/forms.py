"""A node's form, filled in as a person does: each value by the control that bears its name.

What control that is follows from the node kind's schema alone, so that a form which shows something else fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page

Schema = dict[str, Any]


class Form:
    def __init__(self, page: Page, schema: Schema) -> None:
        self.panel = page.locator("[data-inspector]")
        self.schema = schema

    def fill(self, name: str, value: Any) -> None:
        """Sets the top-level setting `name`."""
        schema = self.schema["properties"][name]
        self._fill(schema, title_of(name, schema), value)

    def raw_json_fields(self) -> list[str]:
        """Settings of a known type for which the form shows a JSON editor all the same."""
        wrong = []
        for name, schema in self.schema["properties"].items():
            row = self.panel.locator("[data-widget=json]").filter(has=self._named(title_of(name, schema)))
            if row.count() and "type" in self._resolved(schema):
                wrong.append(name)
        return wrong

    def _fill(self, schema: Schema, label: str, value: Any) -> None:
        schema = self._resolved(schema)
        widget = widget_of(schema)
        if widget in COMPOSITE:
            COMPOSITE[widget](self, schema, label, value)
        elif widget == "switch":
            self._named(label).set_checked(value)
        elif widget in ("select", "credential", "workflow"):
            self._named(label).select_option(str(value))
        elif widget == "texts":
            self._type(label, "\n".join(value))
        else:
            self._type(label, json.dumps(value) if widget == "json" else str(value))

    def _named(self, label: str) -> Locator:
        return self.panel.get_by_label(label, exact=True)

    def _type(self, label: str, text: str) -> None:
        control = self._named(label)
        control.click()
        control.fill(text)

    def _add(self, label: str, number: int) -> None:
        """One row more, unless it stands ready to be filled in."""
        row = self.panel.get_by_role("button", name=f"Remove {label} {number}", exact=True)
        if not row.count():
            self.panel.get_by_role("button", name=f"Add to {label.lower()}", exact=True).click()

    def _rows(self, schema: Schema, label: str, rows: list[dict[str, Any]]) -> None:
        for number, row in enumerate(rows, start=1):
            self._add(label, number)
            self._parts(self._resolved(schema["items"]), f"{label} {number}", row)

    def _parts(self, schema: Schema, label: str, values: dict[str, Any]) -> None:
        for name, value in values.items():
            part = schema["properties"][name]
            self._fill(part, f"{label} {title_of(name, part).lower()}", value)

    def _mapping(self, _: Schema, label: str, fields: dict[str, Any]) -> None:
        for number, (name, value) in enumerate(fields.items(), start=1):
            self._add(label, number)
            self._type(f"{label} {number} name", name)
            if not isinstance(value, str):
                self._named(f"{label} {number} type").select_option("json")
            self._type(f"{label} {number} value", value if isinstance(value, str) else json.dumps(value))

    def _rules(self, _: Schema, label: str, rules: list[dict[str, Any]]) -> None:
        group = self.panel.get_by_role("group", name=label, exact=True)
        for number, rule in enumerate(rules, start=1):
            if number > 1:
                group.get_by_role("button", name="Add a rule").last.click()
            one = f"{label} {number}"
            self._type(f"{one} value", rule["left"])
            self._named(f"{one} type").select_option(rule["type"])
            self._named(f"{one} operator").select_option(rule["operator"])
            self._type(f"{one} compare with", rule["right"])

    def _choices(self, schema: Schema, label: str, chosen: list[str]) -> None:
        group = self.panel.get_by_role("group", name=label, exact=True)
        for option in schema["items"]["enum"]:
            group.get_by_role("checkbox", name=option, exact=True).set_checked(option in chosen)

    def _resolved(self, schema: Schema) -> Schema:
        """Without references, and of several forms the first that is not null."""
        if "$ref" in schema:
            named = self.schema["$defs"][schema["$ref"].rsplit("/", 1)[1]]
            return self._resolved({**named, **{key: text for key, text in schema.items() if key != "$ref"}})
        if "anyOf" in schema:
            first = next(choice for choice in schema["anyOf"] if choice.get("type") != "null")
            return self._resolved({**first, **{key: text for key, text in schema.items() if key != "anyOf"}})
        return schema


COMPOSITE: dict[str, Callable[[Form, Schema, str, Any], None]] = {
    "key_values": Form._rows,
    "list": Form._rows,
    "cases": Form._rows,
    "conditions": Form._rules,
    "mapping": Form._mapping,
    "group": Form._parts,
    "choices": Form._choices,
}


def title_of(name: str, schema: Schema) -> str:
    return str(schema.get("title") or name.replace("_", " ").capitalize())


def widget_of(schema: Schema) -> str:
    """The control that the schema asks for."""
    if hint := schema.get("x-widget"):
        return str(hint)
    if "enum" in schema or "oneOf" in schema:
        return "select"
    kind = schema.get("type")
    if kind == "array":
        items = schema["items"]
        return "choices" if "enum" in items else "list" if "$ref" in items or "properties" in items else "texts"
    if kind == "object":
        return "group" if "properties" in schema else "mapping"
    return {"boolean": "switch", "integer": "number", "number": "number", "string": "text"}.get(str(kind), "json")

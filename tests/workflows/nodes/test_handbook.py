"""docs/nodes.md lists exactly the kinds, aliases, settings, exits and operators that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from workflows.expressions.operators import OPERATORS
from workflows.node_settings import NodeOptions
from workflows.nodes.registry import REGISTRY

PAGE = (Path(__file__).parents[3] / "docs" / "nodes.md").read_text()
SECTIONS = dict(re.findall(r"^### [^\n]*: `(\w+)`\n(.*?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE))
BUILT_IN = {entry["kind"]: entry for entry in REGISTRY.catalogue}


def named(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_kind_has_its_section_in_the_order_of_the_picker() -> None:
    assert list(SECTIONS) == list(BUILT_IN)


@pytest.mark.parametrize("kind", BUILT_IN)
def test_a_section_says_what_the_picker_says(kind: str) -> None:
    section, entry = SECTIONS[kind], BUILT_IN[kind]
    assert f"### {entry['title']}: `{kind}`" in PAGE
    assert entry["description"] in section
    known_as = re.search(r"Also known as (.*)", section)
    assert named(known_as.group() if known_as else "") == [alias["kind"] for alias in entry["aliases"]]
    exits = re.search(r"Exits: (.*)", section)
    assert exits
    assert named(exits.group(1)) == entry["handles"]


@pytest.mark.parametrize("kind", BUILT_IN)
def test_a_section_lists_every_setting_with_its_values_and_default(kind: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", SECTIONS[kind], re.MULTILINE)
    schema = BUILT_IN[kind]["schema"]
    required = schema.get("required", [])
    expected = [
        (name, _default(field, name in required), field["description"]) for name, field in schema["properties"].items()
    ]
    assert [(name, default.strip(), text) for name, _, default, text in rows] == expected
    for name, values, _, _ in rows:
        choices = schema["properties"][name].get("enum")
        assert choices is None or named(values) == choices


def _default(field: dict[str, Any], is_required: bool) -> str:
    if is_required:
        return "required"
    return f"`{json.dumps(field['default'])}`" if field.get("default") not in (None, "", []) else ""


def test_the_operators_are_those_that_there_are() -> None:
    section = PAGE.split("## Rules")[1].split("## The kinds")[0]
    rows = re.findall(r"^\| `(string|number|date|boolean|array)` \| (.*) \|$", section, re.MULTILINE)
    assert {kind: named(operators) for kind, operators in rows} == {
        kind: list(operators) for kind, operators in OPERATORS.items()
    }


def test_the_options_of_every_node_are_those_that_there_are() -> None:
    section = PAGE.split("## What every node has")[1].split("## Rules")[0]
    rows = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    assert [name for row in rows for name in named(row)] == list(NodeOptions.model_fields)


def test_every_alias_is_explained() -> None:
    section = PAGE.split("## Other products' names")[1].split("## Adding a kind")[0]
    firsts = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    aliases = [alias["kind"] for entry in BUILT_IN.values() for alias in entry["aliases"]]
    assert sorted(name for first in firsts for name in named(first)) == sorted(aliases)

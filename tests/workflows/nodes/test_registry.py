"""The table of kinds, the catalogue made from it, and plug-ins good and bad."""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from workflows.nodes.base import Alias, Node, Output, Params, setting
from workflows.nodes.registry import KINDS, REGISTRY, Registry


class GreetSettings(Params):
    name: str = setting(title="Name", description="Whom to greet.")


class Greet(Node):
    kind = "greet"
    title = "Greet"
    category = "action"
    description = "Says hello."
    icon = "hand"
    aliases = (Alias("hello", "Hello"),)
    params = GreetSettings

    async def run(self, params: GreetSettings, ctx: Any) -> Output:
        return Output(f"Hello {params.name}")


class Thief(Node):
    kind = "set"
    title = "Thief"
    category = "data"
    description = "Takes a name that is taken."
    icon = "ghost"


class Nameless(Node):
    kind = "nameless"


not_a_class = Greet()


def plugged(*names: str) -> Registry:
    points = [EntryPoint(name, f"{__name__}:{name}", "penstock.nodes") for name in names]
    return Registry(KINDS, points)


def test_every_kind_is_found_by_its_name_and_its_aliases() -> None:
    for node in REGISTRY.all():
        assert REGISTRY.get(node.kind) is node
        for alias in node.aliases:
            assert REGISTRY.get(alias.kind) is node
    assert REGISTRY.get("nonsense") is None


def test_the_catalogue_lists_each_kind_once() -> None:
    kinds = [entry["kind"] for entry in REGISTRY.catalogue]
    assert len(kinds) == len(set(kinds)) == len(KINDS)


@pytest.mark.parametrize("entry", REGISTRY.catalogue, ids=lambda entry: entry["kind"])
def test_the_form_of_every_kind_can_be_made_from_its_schema(entry: dict[str, Any]) -> None:
    schema = entry["schema"]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    for name, field in schema["properties"].items():
        assert field.get("title"), name
        assert field.get("description"), name
    assert set(schema.get("required", [])) <= set(schema["properties"])


@pytest.mark.parametrize("entry", REGISTRY.catalogue, ids=lambda entry: entry["kind"])
def test_every_field_has_a_widget_or_a_type_that_tells_it(entry: dict[str, Any]) -> None:
    definitions = entry["schema"].get("$defs", {})
    shapes = [entry["schema"], *definitions.values()]
    for field in (field for shape in shapes for field in shape.get("properties", {}).values()):
        assert field.get("x-widget") or field.get("enum") or field.get("type") or field.get("items"), field
        assert field.get("x-widget") != "json" or "type" not in field, "json is for what may be any JSON"


def test_a_kind_of_a_third_party_joins_the_catalogue() -> None:
    registry = plugged("Greet")
    assert registry.problems == []
    assert isinstance(registry.get("hello"), Greet)
    entry = registry.catalogue[-1]
    assert (entry["kind"], entry["aliases"]) == ("greet", [{"kind": "hello", "title": "Hello"}])
    assert entry["schema"]["properties"]["name"]["title"] == "Name"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Thief", 'the name "set" is already taken'),
        ("Nameless", "does not say its title, category, description, icon"),
        ("not_a_class", "must be a subclass"),
        ("missing", "AttributeError"),
    ],
)
def test_a_bad_plug_in_is_reported_and_left_out(name: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        registry = plugged(name, "Greet")
        assert len(registry.all()) == len(KINDS) + 1
    assert reason in registry.problems[0]
    assert name in registry.problems[0]
    assert caplog.messages == list(registry.problems)


def test_a_plug_in_that_cannot_be_imported_is_reported() -> None:
    registry = Registry(KINDS, [EntryPoint("x", "no_such_package.nodes:X", "penstock.nodes")])
    assert "ModuleNotFoundError" in registry.problems[0]
    assert len(registry.all()) == len(KINDS)

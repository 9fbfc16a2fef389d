"""JSON Schema 2020-12 of a kind's settings, in the words that the form needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from workflows.expressions import CompiledParameters, compile_parameters

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def settings_schema(params: type[BaseModel]) -> dict[str, Any]:
    """Every setting with title, description and `x-` hints; the class's own name and docstring are left out."""
    schema = params.model_json_schema(schema_generator=_Generator)
    for model in (schema, *schema.get("$defs", {}).values()):
        for name in ("title", "description"):
            model.pop(name, None)
    return {"$schema": DIALECT, "type": "object", "properties": {}, **schema}


def compile_settings(
    params: type[BaseModel], settings: Mapping[str, Any], node_ids: Collection[str]
) -> CompiledParameters:
    """A node's settings, as its kind reads them."""
    expressions, sources = expression_fields(params), source_fields(params)
    return compile_parameters(settings, node_ids, expressions=expressions, verbatim=sources)


@cache
def expression_fields(params: type[BaseModel]) -> frozenset[str]:
    """The settings that are one expression, written without braces."""
    return _with_widget(params, "expression")


@cache
def source_fields(params: type[BaseModel]) -> frozenset[str]:
    """The settings that are a program, in which nobody looks for expressions."""
    return _with_widget(params, "code")


def _with_widget(params: type[BaseModel], widget: str) -> frozenset[str]:
    hints = {name: field.json_schema_extra for name, field in params.model_fields.items()}
    return frozenset(name for name, hint in hints.items() if isinstance(hint, dict) and hint.get("x-widget") == widget)


class _Generator(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        """Titles are written, never made from a name."""
        return False

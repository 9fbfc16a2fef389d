"""The OpenAPI document laid out for the reference page: operations by subject, bodies as short sketches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "delete")
_MAX_DEPTH = 4


@dataclass(frozen=True)
class Operation:
    """One route and method. Bodies are texts such as `{"name": text}`, ready to be shown."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    request: str
    answers: list[tuple[str, str, str]]


def sections(document: dict[str, Any]) -> list[tuple[str, list[Operation]]]:
    """Operations by tag, in the order of their paths."""
    by_tag: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = item[method].get("tags", ["other"])[0]
                by_tag.setdefault(tag, []).append(_operation(path, method, item[method], document))
    return sorted(by_tag.items())


def _operation(path: str, method: str, said: dict[str, Any], document: dict[str, Any]) -> Operation:
    return Operation(
        anchor=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        description=said.get("description", ""),
        parameters=said.get("parameters", []),
        request=_body(said.get("requestBody", {}), document),
        answers=[
            (status, answer.get("description", ""), "" if status >= "400" else _body(answer, document))
            for status, answer in said["responses"].items()
        ],
    )


def _body(part: dict[str, Any], document: dict[str, Any]) -> str:
    for content in part.get("content", {}).values():
        return sketch(content.get("schema", {}), document)
    return ""


def sketch(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> str:
    """A schema in a few readable lines; deep down only its kind is told."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return sketch(document["components"]["schemas"][name], document, depth)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return " | ".join(dict.fromkeys(sketch(option, document, depth) for option in schema[choice]))
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if schema.get("type") == "array":
        return f"[{sketch(schema.get('items', {}), document, depth)}, …]"
    if schema.get("properties"):
        return _object(schema, document, depth)
    words = {"string": "text", "integer": "whole number", "boolean": "true | false", "object": "{…}"}
    return words.get(schema.get("type", ""), str(schema.get("type", "any JSON")))


def _object(schema: dict[str, Any], document: dict[str, Any], depth: int) -> str:
    if depth == _MAX_DEPTH:
        return "{…}"
    inner = "  " * (depth + 1)
    required = schema.get("required", [])
    lines = [
        f'{inner}"{name}"{"" if name in required else "?"}: {sketch(member, document, depth + 1)}'
        for name, member in schema["properties"].items()
    ]
    return "{\n" + ",\n".join(lines) + "\n" + "  " * depth + "}"

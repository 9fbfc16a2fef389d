"""Any JSON value in little: its shape as JSON Schema, and a copy that is short enough to look at. Pure."""

from __future__ import annotations

from typing import Any

from wire.strict_json import dumps

MOST_CHARS = 100_000
"""JSON text up to this is shown whole."""
_ITEMS, _FIELDS, _TEXT, _LEVELS = 50, 200, 2_000, 8
_LOOKED_AT = 100


def shortened(value: Any) -> tuple[Any, bool]:
    """The value, or of a large one what fits: the first items, fields and characters, as deep as one reads."""
    if len(dumps(value)) <= MOST_CHARS:
        return value, False
    for share in (1, 4, 16):
        short = _cut(value, _LEVELS, share)
        if len(dumps(short)) <= MOST_CHARS:
            return short, True
    return _cut(value, 2, 16), True


def _cut(value: Any, levels: int, share: int) -> Any:
    if isinstance(value, str):
        most = _TEXT // share
        return value if len(value) <= most else f"{value[:most]}…"
    if isinstance(value, list):
        return [_cut(item, levels - 1, share) for item in value[: _ITEMS // share]] if levels else []
    if isinstance(value, dict):
        kept = list(value.items())[: _FIELDS // share] if levels else []
        return {key[:_TEXT]: _cut(member, levels - 1, share) for key, member in kept}
    return value


def shape_of(value: Any) -> dict[str, Any]:
    """Its JSON Schema: the type, the fields of objects, and of a list what its items have in common."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {key: shape_of(member) for key, member in value.items()}}
    if isinstance(value, list):
        items: dict[str, Any] = {}
        for item in value[:_LOOKED_AT]:
            items = _either(items, shape_of(item)) if items else shape_of(item)
        return {"type": "array", "items": items}
    return {"type": _type_of(value)}


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "integer" if isinstance(value, int) else "number"


def _either(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What values of both shapes have: all fields that either knows, and every type."""
    types = sorted({*_types(one), *_types(other)})
    both: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if "properties" in one or "properties" in other:
        mine, theirs = one.get("properties", {}), other.get("properties", {})
        both["properties"] = {
            key: _either(mine[key], theirs[key]) if key in mine and key in theirs else mine.get(key, theirs.get(key))
            for key in {**mine, **theirs}
        }
    if "items" in one or "items" in other:
        mine, theirs = one.get("items") or {}, other.get("items") or {}
        both["items"] = _either(mine, theirs) if mine and theirs else mine or theirs
    return both


def _types(shape: dict[str, Any]) -> list[str]:
    said = shape["type"]
    return said if isinstance(said, list) else [said]

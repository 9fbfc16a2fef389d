"""What compiled settings are made of: each part builds its value when a node starts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workflows.expressions.errors import Fault, Place
from workflows.expressions.paths import MISSING, Path, read
from workflows.expressions.query import Query
from workflows.expressions.scope import Scope


class Building:
    """One resolution: what to read from, the sandbox's results, and how much text may still be made."""

    def __init__(self, scope: Scope, results: Sequence[Any], text_chars: int) -> None:
        self.scope = scope
        self.results = results
        self.text_chars = text_chars


class Part(Protocol):
    def build(self, building: Building) -> Any: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    value: Any

    def build(self, building: Building) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class PathValue:
    path: Path
    place: Place
    default: Fixed | None = None

    def build(self, building: Building) -> Any:
        try:
            return read(self.path, building.scope)
        except Fault as fault:
            if self.default is None:
                raise self.place.error(fault) from None
            return self.default.value


@dataclass(frozen=True, slots=True)
class QueryValue:
    query: Query
    place: Place
    default: Fixed | None

    def build(self, building: Building) -> Any:
        try:
            found = self.query.find(building.scope)
        except Fault as fault:
            if self.default is None or fault.code != MISSING:
                raise self.place.error(fault) from None
            return self.default.value
        is_nothing = self.default is not None and not self.query.is_singular and not found
        return self.default.value if self.default and is_nothing else found


@dataclass(frozen=True, slots=True)
class Computed:
    """The result of the expression with this number in the node's sandbox program."""

    number: int

    def build(self, building: Building) -> Any:
        return building.results[self.number]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text with holes: text goes in as it is, every other value as compact JSON."""

    parts: tuple[str | Part, ...]
    place: Place

    def build(self, building: Building) -> Any:
        texts: list[str] = []
        for part in self.parts:
            text = part if isinstance(part, str) else as_text(part.build(building))
            building.text_chars -= len(text)
            if building.text_chars < 0:
                raise self.place.error(Fault("expression_result_too_large", "The texts of this node become too long."))
            texts.append(text)
        return "".join(texts)


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Part, ...]

    @classmethod
    def of(cls, items: Sequence[Part]) -> Part:
        fixed = [item.value for item in items if isinstance(item, Fixed)]
        return Fixed(fixed) if len(fixed) == len(items) else cls(tuple(items))

    def build(self, building: Building) -> Any:
        return [item.build(building) for item in self.items]


@dataclass(frozen=True, slots=True)
class Members:
    members: tuple[tuple[str, Part], ...]

    @classmethod
    def of(cls, members: Mapping[str, Part]) -> Part:
        fixed = {key: part.value for key, part in members.items() if isinstance(part, Fixed)}
        return Fixed(fixed) if len(fixed) == len(members) else cls(tuple(members.items()))

    def build(self, building: Building) -> Any:
        return {key: member.build(building) for key, member in self.members}


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""Arguments of a state's action, `$.path`, `$.path | fallback` and `$CONST.name`, as expressions of ours. Pure.

A path of names and indexes becomes an expression; any other one is a JSONPath query, which settings can hold and
expressions cannot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runs.dialects.functiongraph.errors import invalid
from workflows.expressions import compile_parameters

_STEP = re.compile(r"""\.([A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")
_CONSTANT = "$CONST."
_PIECE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|.""", re.DOTALL)
"""Quoted text, or one sign."""
_QUERY = "$path"


@dataclass(frozen=True)
class Arguments:
    """`root` is what `$` stands for, the state's input, as a plain path of ours."""

    root: str
    constants: Mapping[str, Any]
    path: str
    """Where the arguments stand in the definition, for messages."""

    def expression(self, value: Any, path: str | None = None) -> str:
        """One Python expression whose value are the arguments, among which is no query. Raises BadRequest with the
        path of the fault."""
        here = self.path if path is None else path
        if isinstance(value, str):
            return self._text(value, here)
        if isinstance(value, dict):
            members = (f"{key!r}: {self.expression(member, f'{here}.{key}')}" for key, member in value.items())
            return f"{{{', '.join(members)}}}"
        if isinstance(value, list):
            return f"[{', '.join(self.expression(item, f'{here}[{n}]') for n, item in enumerate(value))}]"
        return repr(value)

    def setting(self, value: Any, path: str | None = None) -> Any:
        """The same as settings of a node: only the parts that depend on data are expressions, or queries."""
        here = self.path if path is None else path
        if isinstance(value, dict):
            if _QUERY in value:
                raise invalid(here, f"An argument cannot be called {_QUERY} here.")
            return {key: self.setting(member, f"{here}.{key}") for key, member in value.items()}
        if isinstance(value, list):
            return [self.setting(item, f"{here}[{n}]") for n, item in enumerate(value)]
        if isinstance(value, str) and value.startswith(_CONSTANT):
            return self._constant(value, here)
        if not isinstance(value, str) or not _is_path(value):
            return value
        return self._query(value, here) if _is_query(value) else f"{{{{ {self._text(value, here)} }}}}"

    def _text(self, text: str, here: str) -> str:
        if text.startswith(_CONSTANT):
            return repr(self._constant(text, here))
        if not _is_path(text):
            return repr(text)
        query, fallback = _parted(text)
        found = self._read(query)
        return found if fallback is None else f"default({found}, {_literal(fallback)!r})"

    def _query(self, text: str, here: str) -> dict[str, Any]:
        query, fallback = _parted(text)
        otherwise = {} if fallback is None else {"default": _literal(fallback)}
        for error in compile_parameters({"query": {_QUERY: _rooted(query, "$.input")}}, ()).errors:
            raise invalid(here, error.message)
        return {_QUERY: _rooted(query, f"$.{self.root}"), **otherwise}

    def _constant(self, text: str, here: str) -> Any:
        name = text.removeprefix(_CONSTANT)
        if name not in self.constants:
            raise invalid(here, f"There is no constant {name!r}.")
        return self.constants[name]

    def _read(self, query: str) -> str:
        steps = self.root
        for step in _STEP.finditer(query):
            name = next((part for part in (step[1], step[3], step[4]) if part is not None), None)
            steps += f"[{step[2] if name is None else repr(name)}]"
        return steps


def has_queries(value: Any) -> bool:
    """Whether a path in it is more than names and indexes."""
    if isinstance(value, dict):
        return any(map(has_queries, value.values()))
    if isinstance(value, list):
        return any(map(has_queries, value))
    return isinstance(value, str) and _is_path(value) and _is_query(value)


def _is_query(text: str) -> bool:
    query, _ = _parted(text)
    return re.fullmatch(f"\\$(?:{_STEP.pattern})*", query) is None


def _is_path(text: str) -> bool:
    return text == "$" or text.startswith(("$.", "$[", "$ |"))


def _parted(text: str) -> tuple[str, str | None]:
    """The path, and what stands behind its bar; bars within brackets are a filter's."""
    depth = 0
    for piece in _PIECE.finditer(text):
        depth += {"[": 1, "]": -1}.get(piece[0], 0)
        if piece[0] == "|" and depth == 0:
            return text[: piece.start()].strip(), text[piece.end() :].strip()
    return text.strip(), None


def _rooted(query: str, root: str) -> str:
    """The query with another beginning, also of those within its filters."""
    return "".join(root if piece == "$" else piece for piece in _PIECE.findall(query))


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text

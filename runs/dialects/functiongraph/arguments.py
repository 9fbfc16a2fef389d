"""Arguments of a state's action, `$.path`, `$.path | fallback` and `$CONST.name`, as expressions of ours. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runs.dialects.functiongraph.errors import invalid

_STEP = re.compile(r"""\.([A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")
_CONSTANT = "$CONST."


@dataclass(frozen=True)
class Arguments:
    """`root` is the expression of what `$` stands for: the state's input."""

    root: str
    constants: Mapping[str, Any]
    path: str
    """Where the arguments stand in the definition, for messages."""

    def expression(self, value: Any, path: str | None = None) -> str:
        """One Python expression whose value are the arguments. Raises BadRequest with the path of the fault."""
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
        """The same as settings of a node: only the parts that depend on data are expressions."""
        here = self.path if path is None else path
        if isinstance(value, dict):
            return {key: self.setting(member, f"{here}.{key}") for key, member in value.items()}
        if isinstance(value, list):
            return [self.setting(item, f"{here}[{n}]") for n, item in enumerate(value)]
        if isinstance(value, str) and value.startswith(_CONSTANT):
            return self._constant(value, here)
        return f"{{{{ {self._text(value, here)} }}}}" if isinstance(value, str) and _is_path(value) else value

    def _text(self, text: str, here: str) -> str:
        if text.startswith(_CONSTANT):
            return repr(self._constant(text, here))
        if not _is_path(text):
            return repr(text)
        query, bar, fallback = text.partition("|")
        found = self._read(query.strip(), here)
        return f"default({found}, {_literal(fallback.strip())})" if bar else found

    def _constant(self, text: str, here: str) -> Any:
        name = text.removeprefix(_CONSTANT)
        if name not in self.constants:
            raise invalid(here, f"There is no constant {name!r}.")
        return self.constants[name]

    def _read(self, query: str, here: str) -> str:
        steps, at = self.root, 1
        while at < len(query):
            step = _STEP.match(query, at)
            if step is None:
                raise invalid(here, f"{query!r} is more than names and indexes, which is all that is read here.")
            name = next((part for part in (step[1], step[3], step[4]) if part is not None), None)
            steps += f"[{step[2] if name is None else repr(name)}]"
            at = step.end()
        return steps


def _is_path(text: str) -> bool:
    return text == "$" or text.startswith(("$.", "$[", "$ |"))


def _literal(text: str) -> str:
    try:
        return repr(json.loads(text))
    except ValueError:
        return repr(text)

"""Plain paths such as `nodes.fetch.body.items[0].id`: by far the most common expressions, walked in-process."""

import json
from dataclasses import dataclass
from typing import Any

from workflows.expressions.errors import Fault
from workflows.expressions.scope import Scope
from workflows.expressions.vocabulary import LOOP_ROOTS

MISSING = "expression_missing"


@dataclass(frozen=True, slots=True)
class Path:
    """`root` is a root's name, or "nodes" with the node's id in `node`; `keys` lead from there."""

    root: str
    node: str | None
    keys: tuple[str | int, ...]

    def __str__(self) -> str:
        start = self.root if self.node is None else self.root + _step(self.node)
        return start + "".join(map(_step, self.keys))


def read(path: Path, scope: Scope) -> Any:
    """The value at the path. Raises Fault, which says what is missing and where."""
    try:
        value = scope.roots[path.root] if path.node is None else scope.nodes[path.node]
        for key in path.keys:
            value = value[key]
    except (KeyError, IndexError, TypeError):
        raise _missing(path, scope) from None
    return value


def _missing(path: Path, scope: Scope) -> Fault:
    try:
        value = scope.roots[path.root] if path.node is None else scope.nodes[path.node]
    except KeyError:
        return Fault(MISSING, _no_start(path))
    for place, key in enumerate(path.keys):
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            here = Path(path.root, path.node, path.keys[:place])
            return Fault(MISSING, f"{here} {lack(value, key)}")
    raise AssertionError(f"{path} is there")  # pragma: no cover - read() found something missing


def _no_start(path: Path) -> str:
    if path.node is not None:
        return f"The node {json.dumps(path.node, ensure_ascii=False)} has no output here: it has not run before this."
    if path.root in LOOP_ROOTS:
        return f'There is no "{path.root}" here: it exists inside a loop only.'
    return f'There is no "{path.root}" here.'


def lack(value: object, key: str | int) -> str:
    """Why `value[key]` is not there, to be read after the value's name: `has no "items"`."""
    if isinstance(key, int) and isinstance(value, list | str):
        return f"has no item {key}, it has {len(value)}" if isinstance(value, list) else f"has no character {key}"
    wanted = f"has no {json.dumps(key, ensure_ascii=False)}"
    return wanted if isinstance(value, dict) else f"is {kind(value)}, it {wanted}"


def kind(value: object) -> str:
    """What JSON calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"


def _step(key: str | int) -> str:
    if isinstance(key, str) and key.isidentifier() and key.isascii():
        return f".{key}"
    return f"[{json.dumps(key, ensure_ascii=False)}]"

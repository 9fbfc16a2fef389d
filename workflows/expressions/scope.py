"""The data that expressions read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """What there is to read when a node starts; only what an expression names is asked for.

    Both are plain mappings, so whoever builds a scope may let a mapping load or merge a value when it is
    first asked for. Values are plain JSON. Nothing here is ever changed, and what `resolve` returns may
    share parts with it: treat it as read-only too.
    """

    roots: Mapping[str, Any]
    """`trigger`, `input`, `run`, `workflow`, `vars`; inside a loop `item` and `index`."""
    nodes: Mapping[str, Any] = field(default_factory=dict)
    """Outputs by node id, of the nodes that have one."""

"""What is wrong with a document, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from wire.strict_json import Step, join_path

Group = Literal["structure", "settings"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. A broken *structure* is no graph at all and is never stored; with wrong *settings* a draft may
    be saved, for somebody is still writing it, but not published."""

    path: str
    code: str
    message: str
    group: Group = "structure"
    node_id: str | None = None
    edge_id: str | None = None
    field: str | None = None

    def as_detail(self) -> dict[str, Any]:
        """As the API says it."""
        detail = asdict(self)
        del detail["group"]
        return detail


def structural(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.group == "structure"]


def at(*steps: Step | Sequence[Step]) -> str:
    """A path in the document: `at("nodes", 2, ["data", "url"])` → `nodes[2].data.url`."""
    flat: list[Step] = []
    for step in steps:
        if isinstance(step, str | int):
            flat.append(step)
        else:
            flat.extend(step)
    return join_path(flat)

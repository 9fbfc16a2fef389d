"""Tasks that were known only when they ran, of dynamic forks and DYNAMIC tasks: which node's attempt is which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from runs.dialects.conductor.definitions import Json, Task
from runs.dialects.conductor.dynamic_forks import KINDS
from runs.models import Run
from runs.story import drawing_of

TYPES = {kind: name for name, kind in KINDS.items()}
DYNAMIC = ("DYNAMIC", "FORK_JOIN_DYNAMIC")


@lru_cache(maxsize=512)
def containers_of(version_id: str, dynamic: frozenset[str]) -> Mapping[str, str]:
    """The nodes that do such tasks, with the nodes of the dynamic tasks in which they lie. Versions never change."""
    nodes = drawing_of(version_id).document["nodes"]
    lying = {node["id"]: node["parentId"] for node in nodes if node.get("parentId") in dynamic}
    doing = {node["id"] for node in nodes if node["data"]["componentId"] in TYPES}
    iterators = {node["id"] for node in nodes if node["id"] in dynamic and node["data"]["componentId"] == "iterator"}
    return {**{id_: around for id_, around in lying.items() if id_ in doing}, **{id_: id_ for id_ in iterators}}


class Forked:
    """Of one run, of whose definition `tasks` are the tasks by their reference names."""

    def __init__(self, run: Run, tasks: Mapping[str, Task]) -> None:
        dynamic = frozenset(ref for ref, task in tasks.items() if task.type in DYNAMIC)
        self._tasks = tasks
        self._containers = containers_of(run.version_id, dynamic) if dynamic else {}
        opened = run.logs.filter(node_id__in=dynamic, passes__isnull=False) if dynamic else ()
        self._items = {(log.node_id, log.iteration): log.passes["items"] for log in opened}

    def at(self, node_id: str, iteration: str) -> Json | None:
        """What an attempt there is for: `ref`, `name`, `type`, `input` and `task`; None for all other nodes."""
        container = self._containers.get(node_id)
        around, _, number = iteration.rpartition(".")
        items = self._items.get((container, around)) if container else None
        if items is None or not number.isdecimal() or container is None:
            return None
        item: Json = items[int(number)]
        of = self._tasks[container]
        task = {**of.model_dump(by_alias=True, exclude_unset=True), "type": item["type"], "name": item["name"]}
        return {**item, "task": item.get("task") or {**task, "taskReferenceName": item["ref"]}, "around": around}

"""The table of node kinds, and the way in for those of third parties.

To add a kind: write `workflows/nodes/<kind>.py` and its test, add its line to KINDS, and describe it in
docs/nodes.md. A package of a third party names its kinds under the entry-point group `penstock.nodes`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from workflows.nodes.base import Node, Params
from workflows.nodes.schema import settings_schema

KINDS = (
    # Triggers
    "workflows.nodes.manual_trigger.ManualTrigger",
    "workflows.nodes.schedule_trigger.ScheduleTrigger",
    "workflows.nodes.webhook_trigger.WebhookTrigger",
    # Actions
    "workflows.nodes.http_request.HttpRequest",
    "workflows.nodes.respond.RespondToWebhook",
    "workflows.nodes.log.Log",
    "workflows.nodes.worker_task.TaskForAWorker",
    "workflows.nodes.altostrat_api.AltostratApi",
    # Data
    "workflows.nodes.set.Set",
    "workflows.nodes.set_variables.SetVariables",
    "workflows.nodes.transform.Transform",
    "workflows.nodes.code.CodeNode",
    "workflows.nodes.javascript.JavaScript",
    "workflows.nodes.jq.Jq",
    "workflows.nodes.json_parser.JsonParser",
    "workflows.nodes.text_transform.TextTransform",
    "workflows.nodes.date_transform.DateTransform",
    # Flow
    "workflows.nodes.if_.If",
    "workflows.nodes.switch.Switch",
    "workflows.nodes.merge.Merge",
    "workflows.nodes.join.Join",
    "workflows.nodes.for_each.ForEach",
    "workflows.nodes.repeat_until.RepeatUntil",
    "workflows.nodes.try_.Try",
    "workflows.nodes.delay.Delay",
    "workflows.nodes.wait_until.WaitUntil",
    "workflows.nodes.wait_for_event.WaitForAnEvent",
    "workflows.nodes.raise_event.RaiseAnEvent",
    "workflows.nodes.approve.Approve",
    "workflows.nodes.stop.StopRun",
    "workflows.nodes.sub_workflow.SubWorkflow",
    "workflows.nodes.start_workflow.StartWorkflow",
    "workflows.nodes.iterator.Iterator",
)
ENTRY_POINT_GROUP = "penstock.nodes"

logger = logging.getLogger(__name__)


class PluginFault(Exception):  # noqa: N818 - it is reported, not handled
    """Why a plug-in's node kind cannot be used."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    by_name: dict[str, Node]
    problems: list[str]


class Registry:
    """All node kinds by name and by alias; imported when first asked for."""

    def __init__(self, kinds: Sequence[str], plugins: Iterable[EntryPoint] | None = None) -> None:
        self._kinds = kinds
        self._plugins = plugins

    def get(self, name: str) -> Node | None:
        """The kind known by this name or alias."""
        return self._loaded.by_name.get(name)

    def names(self) -> list[str]:
        """Of all kinds, aliases among them."""
        return sorted(self._loaded.by_name)

    def all(self) -> list[Node]:
        """Every kind once, in the order of the picker."""
        return list(dict.fromkeys(self._loaded.by_name.values()))

    @property
    def problems(self) -> Sequence[str]:
        """What is wrong with plug-ins, one line each."""
        return self._loaded.problems

    @cached_property
    def _loaded(self) -> _Loaded:
        loaded = _Loaded({}, [])
        for path in self._kinds:
            _enter(loaded.by_name, _load(path))
        for plugin in entry_points(group=ENTRY_POINT_GROUP) if self._plugins is None else self._plugins:
            try:
                _enter(loaded.by_name, _checked(plugin.load()))
            except Exception as error:  # foreign code may raise anything; the server starts without that kind
                reason = str(error) if isinstance(error, PluginFault) else f"{type(error).__name__}: {error}"
                loaded.problems.append(f"Node kind left out ({plugin.name} = {plugin.value}): {reason}")
                logger.error(loaded.problems[-1])
        return loaded

    @cached_property
    def catalogue(self) -> list[dict[str, Any]]:
        """What the picker and the forms are made from; the API serves it as it stands."""
        return [_entry(node) for node in self.all()]


def _load(path: str) -> Node:
    module, _, name = path.rpartition(".")
    kind: type[Node] = getattr(import_module(module), name)
    return kind()


def _enter(table: dict[str, Node], node: Node) -> None:
    names = [node.kind, *(alias.kind for alias in node.aliases)]
    for name in names:
        if name in table:
            raise PluginFault(f'the name "{name}" is already taken by {type(table[name]).__qualname__}.')
    table.update(dict.fromkeys(names, node))


def _checked(loaded: object) -> Node:
    """Holds foreign code to what the engine and the forms rely on, before anybody can draw with it."""
    if not (isinstance(loaded, type) and issubclass(loaded, Node)):
        raise PluginFault("it must be a subclass of workflows.nodes.base.Node.")
    missing = [name for name in ("kind", "title", "category", "description", "icon") if not hasattr(loaded, name)]
    if missing:
        raise PluginFault(f"{loaded.__qualname__} does not say its {', '.join(missing)}.")
    if not issubclass(loaded.params, Params):
        raise PluginFault(f"{loaded.__qualname__}.params must be a subclass of workflows.nodes.base.Params.")
    node = loaded()
    _entry(node)
    return node


def _entry(node: Node) -> dict[str, Any]:
    dynamic = node.dynamic_handles
    return {
        "kind": node.kind,
        "title": node.title,
        "category": node.category,
        "description": node.description,
        "icon": node.icon,
        "keywords": list(node.keywords),
        "aliases": [asdict(alias) for alias in node.aliases],
        "is_trigger": node.is_trigger,
        "is_container": node.is_container,
        "loop_roots": sorted(node.loop_roots),
        "repeat": node.repeat,
        "handles": list(node.handles),
        "dynamic_handles": {"setting": dynamic.setting, "key": dynamic.key} if dynamic else None,
        "can_fail": node.can_fail,
        "schema": settings_schema(node.params),
    }


REGISTRY = Registry(KINDS)

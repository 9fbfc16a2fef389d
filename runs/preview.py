"""What expressions of one node's settings come to, on what the nodes before it put out last. Nothing runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from runs.engine.attempts import error_record
from runs.engine.compiled import expression_fault
from runs.engine.plan import Place
from runs.engine.state import Outcome, State
from runs.samples import Ground, ground_of
from runs.shapes import shortened
from wire.problems import Invalid, TooManyRequests
from wire.times import to_wire
from workflows.expressions import ExpressionError, Scope, resolve
from workflows.models import Workflow
from workflows.node_settings import node_settings
from workflows.nodes.base import Node, Params
from workflows.nodes.for_each import ForEachSettings, in_batches
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schema import compile_settings
from workflows.nodes.set_variables import SetVariables
from workflows.pins import Pinned

AT_ONCE = 2
"""Previews at work in one process: who types must not take the sandbox from the runs."""
PATIENCE_SECONDS = 2.0
_WHAT_IT_GOES_OVER = ("items", "batch_size")

_free = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Question:
    """Settings of a node as they are being written. `outcomes` stand in for what the nodes before it put out last."""

    node_id: str
    settings: Mapping[str, Any]
    payload: Any = None
    outcomes: Mapping[str, Pinned] | None = None
    iteration: str = ""
    """In which pass of the containers around it; the first without."""


def preview(workflow: Workflow, question: Question) -> dict[str, Any]:
    """For each setting its value, or the error that a run would record. Raises Invalid for a node that is not there."""
    ground = ground_of(workflow, question.node_id, question.iteration)
    nodes = {node["id"]: node for node in ground.document["nodes"]}
    if question.node_id not in nodes:
        raise Invalid.field("node_id", "The draft has no such node.", code="unknown_node")
    kind = REGISTRY.get(nodes[question.node_id]["data"]["componentId"])
    params = kind.params if kind else Params
    if not _free.acquire(timeout=PATIENCE_SECONDS):
        raise TooManyRequests("Other previews are still at work.", retry_after=1)
    try:
        return asyncio.run(_previewed(workflow, ground, question, params))
    finally:
        _free.release()


async def _previewed(workflow: Workflow, ground: Ground, question: Question, params: type[Params]) -> dict[str, Any]:
    scope = await _Sight(workflow, ground, question).scope(question.node_id)
    return await _answers(question.settings, [node["id"] for node in ground.document["nodes"]], params, scope)


async def _answers(
    settings: Mapping[str, Any], node_ids: list[str], params: type[Params], scope: Scope
) -> dict[str, Any]:
    return {name: await _answer(name, value, node_ids, params, scope) for name, value in settings.items()}


async def _answer(name: str, value: Any, node_ids: list[str], params: type[Params], scope: Scope) -> dict[str, Any]:
    """Each setting for itself, so that a mistake in one hides nothing of the others."""
    compiled = compile_settings(params, {name: value}, node_ids)
    try:
        settings = await resolve(compiled, scope)
    except ExpressionError as error:
        return {"value": None, "is_shortened": False, "error": error_record(expression_fault(error))}
    result, is_shortened = shortened(settings[name])
    return {"value": result, "is_shortened": is_shortened, "error": None}


# --- what there is to read ---


class _Sight:
    """What the nodes of a draft could read now: what is given, else what came out last."""

    def __init__(self, workflow: Workflow, ground: Ground, question: Question) -> None:
        self._nodes = {node["id"]: node for node in ground.document["nodes"]}
        self._edges = ground.document["edges"]
        self._plan = ground.plan
        self._ground = ground
        self._payload = ground.payload if question.payload is None else question.payload
        self._outputs = self._known(ground, question.outcomes or {})
        self._roots = {
            "trigger": self._payload,
            "run": _run(ground),
            "workflow": {"id": workflow.id, "key": workflow.key, "name": workflow.name},
            "vars": self._variables(),
        }

    def _known(self, ground: Ground, given: Mapping[str, Pinned]) -> dict[str, Pinned]:
        """A trigger that never fired hands on the payload."""
        plan = self._plan
        triggers = {plan.ids[trigger]: Pinned(self._payload) for trigger in plan.triggers} if plan else {}
        samples = {id_: Pinned(sample.value, sample.handle) for id_, sample in ground.samples.items()}
        return {id_: pin for id_, pin in {**triggers, **samples, **given}.items() if id_ in self._nodes}

    def _variables(self) -> dict[str, Any]:
        """As they were set last, in the order of the drawing."""
        setting = [id_ for id_, node in self._nodes.items() if node["data"]["componentId"] == SetVariables.kind]
        values = [self._outputs[id_].value for id_ in setting if id_ in self._outputs]
        return {name: each for value in values if isinstance(value, dict) for name, each in value.items()}

    async def scope(self, node_id: str) -> Scope:
        container = self._nodes[node_id].get("parentId")
        start, loop = await self._pass(container) if container else (self._payload, {})
        roots = {**self._roots, **loop, "input": self._input(node_id, start, is_inside=container is not None)}
        scope = Scope(roots, {id_: pin.value for id_, pin in self._outputs.items()})
        return await self._in_itself(node_id, scope)

    async def _in_itself(self, node_id: str, scope: Scope) -> Scope:
        """A loop that is drawn as one node reads its own item: the first one."""
        data = self._nodes[node_id]["data"]
        kind = REGISTRY.get(data["componentId"])
        items = await self._items(kind, data, scope) if kind and kind.expands else None
        return Scope({**scope.roots, "item": items[0], "index": 0}, scope.nodes) if items else scope

    async def _pass(self, container: str) -> tuple[Any, dict[str, Any]]:
        """What the pass begins with that the question is about, and `item` and `index` in it: as the container's
        settings are now, else as it was opened last."""
        around = await self.scope(container)
        data = self._nodes[container]["data"]
        kind = REGISTRY.get(data["componentId"])
        index, begun = self._ground.passes.get(container, 0), self._ground.begun.get(container)
        start = begun.value if begun else around.roots["input"]
        roots = kind.loop_roots if kind else frozenset()
        loop = {name: around.roots[name] for name in ("item", "index") if name in around.roots}
        if "item" in roots:
            items = await self._items(kind, data, around) if kind else None
            if items is None:
                items = begun.items if begun else ()
            if index >= len(items):
                return None, loop
            start = loop["item"] = items[index]
        return start, {**loop, "index": index} if "index" in roots else loop

    async def _items(self, kind: Node, data: Mapping[str, Any], around: Scope) -> Sequence[Any] | None:
        """None where its settings come to no list."""
        written = {name: value for name, value in node_settings(kind, data).items() if name in _WHAT_IT_GOES_OVER}
        try:
            resolved = await resolve(compile_settings(kind.params, written, list(self._nodes)), around)
            settings = ForEachSettings.model_validate(resolved)
        except (ExpressionError, ValidationError):
            return None
        return in_batches(settings.items, settings.batch_size) if isinstance(settings.items, list) else None

    def _input(self, node_id: str, start: Any, *, is_inside: bool) -> Any:
        """What would come in. Where the last run took other ways, as if it had come by these."""
        sources = [edge["source"] for edge in self._edges if edge["target"] == node_id]
        if self._plan is None or is_inside:
            return _merged([self._outputs[source].value for source in sources if source in self._outputs], start)
        outcomes = [
            Outcome(Place(id_), pin.value, pin.handle) for id_, pin in self._outputs.items() if id_ in self._plan.number
        ]
        state = State(self._plan, start, "", outcomes)
        if sources and not state.inputs(Place(node_id)):
            return state.root.merged({id_: self._outputs[id_].value for id_ in sources if id_ in self._outputs})
        return state.input(Place(node_id))


def _merged(values: list[Any], start: Any) -> Any:
    """As the engine merges what comes in."""
    if len(values) <= 1:
        return values[0] if values else start
    if all(isinstance(value, dict) for value in values):
        return {key: member for value in values for key, member in value.items()}
    return values


def _run(ground: Ground) -> dict[str, Any]:
    """The root `run`: that of the last run, as the next one's is not known."""
    last = ground.last
    return {
        "id": last.id if last else "",
        "trigger_type": last.trigger_type if last else "manual",
        "correlation_id": last.correlation_id if last else None,
        "metadata": last.metadata if last else {},
        "is_draft": True,
        "created_at": to_wire(last.created_at) if last else None,
        "started_at": to_wire(last.started_at) if last and last.started_at else None,
    }

"""What expressions of one node's settings come to, on what the nodes before it put out last. Nothing runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
from workflows.nodes.base import Params
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schema import compile_settings
from workflows.pins import Pinned

AT_ONCE = 2
"""Previews at work in one process: who types must not take the sandbox from the runs."""
PATIENCE_SECONDS = 2.0

_free = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Question:
    """Settings of a node as they are being written. `outcomes` stand in for what the nodes before it put out last."""

    node_id: str
    settings: Mapping[str, Any]
    payload: Any = None
    outcomes: Mapping[str, Pinned] | None = None


def preview(workflow: Workflow, question: Question) -> dict[str, Any]:
    """For each setting its value, or the error that a run would record. Raises Invalid for a node that is not there."""
    ground = ground_of(workflow)
    nodes = {node["id"]: node for node in ground.document["nodes"]}
    if question.node_id not in nodes:
        raise Invalid.field("node_id", "The draft has no such node.", code="unknown_node")
    kind = REGISTRY.get(nodes[question.node_id]["data"]["componentId"])
    params = kind.params if kind else Params
    scope = _scope(workflow, ground, question)
    if not _free.acquire(timeout=PATIENCE_SECONDS):
        raise TooManyRequests("Other previews are still at work.", retry_after=1)
    try:
        return asyncio.run(_answers(question.settings, list(nodes), params, scope))
    finally:
        _free.release()


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


def _scope(workflow: Workflow, ground: Ground, question: Question) -> Scope:
    payload = ground.payload if question.payload is None else question.payload
    outcomes = _outcomes(ground, payload, question.outcomes or {})
    roots = {
        "trigger": payload,
        "run": _run(ground),
        "workflow": {"id": workflow.id, "key": workflow.key, "name": workflow.name},
        "vars": {},
        "input": _input(ground, question.node_id, payload, outcomes),
    }
    return Scope(roots, {id_: outcome.value for id_, outcome in outcomes.items()})


def _outcomes(ground: Ground, payload: Any, given: Mapping[str, Pinned]) -> dict[str, Outcome]:
    """What is given, else what is known; a trigger that never fired hands on the payload."""
    if ground.plan is None:
        return {}
    triggers = {ground.plan.ids[trigger]: Pinned(payload) for trigger in ground.plan.triggers}
    known = {id_: Pinned(sample.value, sample.handle) for id_, sample in ground.samples.items()}
    every = {**triggers, **known, **given}
    return {id_: Outcome(Place(id_), pin.value, pin.handle) for id_, pin in every.items() if id_ in ground.plan.number}


def _input(ground: Ground, node_id: str, payload: Any, outcomes: Mapping[str, Outcome]) -> Any:
    """What would come in. Where the last run took other ways, as if it had come by these."""
    plan = ground.plan
    if plan is None or node_id not in plan.number:
        return payload
    state = State(plan, payload, "", outcomes.values())
    if plan.incoming[plan.number[node_id]] and not state.inputs(Place(node_id)):
        sources = [plan.ids[plan.sources[edge]] for edge in plan.incoming[plan.number[node_id]]]
        return state.root.merged({id_: outcomes[id_].value for id_ in sources if id_ in outcomes})
    return state.input(Place(node_id))


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

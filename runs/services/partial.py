"""Runs from the editor: the draft on its pinned outputs, or a part of it on what is known of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from runs.engine.plan import Part, Plan
from runs.models import Log, Run
from runs.parts import Asked, Scope, choose
from runs.samples import Ground, ground_of
from runs.services.starting import StartOptions, start_run
from wire.ids import new_id
from wire.problems import Conflict, Invalid
from workflows.document import Document
from workflows.models import Workflow
from workflows.node_settings import node_settings
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schema import compile_settings
from workflows.pins import Pinned


@dataclass(frozen=True, slots=True)
class PartOfDraft:
    scope: Scope = "all"
    node_id: str | None = None
    outcomes: Mapping[str, Pinned] = field(default_factory=dict)
    """Taken for given in this run, before pins and what came out last."""


@transaction.atomic
def start_partial(workflow: Workflow, payload: Any, asked: PartOfDraft, options: StartOptions) -> Run:
    """A run of the draft that starts with given outcomes. They are recorded as its history, so that whoever takes
    it up after a crash finds them.

    Raises Invalid (`unknown_node`) or Conflict (`no_input`: nothing has come out before the node yet) beside what
    `start_run` raises.
    """
    ground = ground_of(workflow)
    plan = ground.plan
    if plan is None or (asked.node_id is not None and asked.node_id not in plan.number):
        raise Invalid.field("partial.node_id", "The draft has no such node.", code="unknown_node")
    known = _known(ground, plan, payload, asked)
    fixed = frozenset({*asked.outcomes, *(id_ for id_, sample in ground.samples.items() if sample.run is None)})
    question = Asked(asked.scope, asked.node_id or "", fixed & known.keys(), frozenset(known))
    part = choose(plan, _reads(ground.document), question)
    _refuse_without_input(plan, part, asked)
    if asked.scope == "all" and not part.given:
        return start_run(workflow, payload, options)
    said: dict[str, Any] = {"scope": asked.scope, "node_id": asked.node_id}
    said |= {"targets": sorted(part.targets), "given": sorted(part.given)}
    run = start_run(workflow, payload, replace(options, partial=said, trigger_node=_trigger(plan, part)))
    _record(run, plan, {id_: known[id_] for id_ in sorted(part.given)}, asked)
    return run


def _known(ground: Ground, plan: Plan, payload: Any, asked: PartOfDraft) -> dict[str, Pinned]:
    """What each node is taken to have put out; a trigger that never fired hands on the payload."""
    triggers = {plan.ids[trigger]: Pinned(payload) for trigger in plan.triggers}
    samples = {id_: Pinned(sample.value, sample.handle) for id_, sample in ground.samples.items()}
    every = {**triggers, **samples, **asked.outcomes}
    return {id_: pin for id_, pin in every.items() if id_ in plan.number}


def _refuse_without_input(plan: Plan, part: Part, asked: PartOfDraft) -> None:
    if asked.scope not in ("only", "from") or asked.node_id not in part.targets:
        return
    sources = {plan.ids[plan.sources[edge]] for edge in plan.incoming[plan.number[asked.node_id]]}
    if sources and not sources & part.given:
        text = f"Nothing has come out before “{asked.node_id}” yet. Run up to it once, or pin a value before it."
        raise Conflict(text, code="no_input")


def _trigger(plan: Plan, part: Part) -> str:
    """Of several triggers one that leads into the part; empty: the one that a start by hand means."""
    usual = [plan.ids[node] for node in plan.entry()]
    leading = [plan.ids[node] for node in sorted(plan.triggers) if plan.ids[node] in part.targets]
    return leading[0] if leading and not set(usual) & part.targets else ""


def _record(run: Run, plan: Plan, given: Mapping[str, Pinned], asked: PartOfDraft) -> None:
    """The given outcomes as the history of an owner before the first one (epoch 1)."""
    if not given:
        return
    leading = _leading_in(plan, given, asked)
    now = timezone.now()
    Log.objects.bulk_create(
        Log(
            id=new_id("fl_log"),
            run=run,
            seq=seq,
            node_id=node_id,
            kind=plan.kinds[plan.number[node_id]],
            attempt=1,
            epoch=1,
            status=Log.Status.COMPLETED,
            handle=leading.get(node_id, pin.handle),
            output=pin.value,
            started_at=now,
            completed_at=now,
        )
        for seq, (node_id, pin) in enumerate(given.items(), start=1)
    )
    Run.objects.filter(id=run.id).update(epoch=1, seq=len(given))
    run.epoch, run.seq = 1, len(given)


def _leading_in(plan: Plan, given: Mapping[str, Pinned], asked: PartOfDraft) -> dict[str, str]:
    """What was asked for runs, also where what came out before it last went another way: then by these exits."""
    if asked.scope not in ("only", "from") or asked.node_id in given:
        return {}
    edges = plan.incoming[plan.number[asked.node_id or ""]]
    ways = [(plan.ids[plan.sources[edge]], plan.handles[edge]) for edge in reversed(edges)]
    is_taken = any(source in given and given[source].handle == handle for source, handle in ways)
    return {} if is_taken else dict(ways)


def _reads(document: Document) -> dict[str, frozenset[str]]:
    """By node, the nodes whose outputs its expressions name."""
    ids = [node["id"] for node in document["nodes"]]
    reads = {}
    for node in document["nodes"]:
        kind = REGISTRY.get(node["data"]["componentId"])
        if kind is not None:
            settings = node_settings(kind, node["data"])
            compiled = compile_settings(kind.params, settings, ids)
            reads[node["id"]] = compiled.node_ids
    return reads

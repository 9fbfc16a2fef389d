"""Runs from the editor: the draft on its pinned outputs, or a part of it on what is known of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from runs.engine.big_values import keep_in_logs
from runs.engine.plan import Plan
from runs.models import Log, Run
from runs.parts import Asked, Chosen, Scope, choose, iteration_of, path_to
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
    iteration: str = ""
    """Of a node in containers: in which of their passes; the first without."""
    outcomes: Mapping[str, Pinned] = field(default_factory=dict)
    """Taken for given in this run, before pins and what came out last."""

    @property
    def begins_inside(self) -> bool:
        """It does not run up to its node, so that the containers around it are opened as they were last."""
        return self.scope in ("only", "from")


@transaction.atomic
def start_partial(workflow: Workflow, payload: Any, asked: PartOfDraft, options: StartOptions) -> Run:
    """A run of the draft that starts with given outcomes. They are recorded as its history, so that whoever takes
    it up after a crash finds them.

    Raises Invalid (`unknown_node`, `no_such_pass`) or Conflict (`no_input`: nothing has come out before the node yet)
    beside what `start_run` raises.
    """
    if asked == PartOfDraft() and not workflow.pins.exists():
        return start_run(workflow, payload, options)
    ground = ground_of(workflow, asked.node_id or "", asked.iteration)
    plan = ground.plan
    node_ids = {node["id"] for node in ground.document["nodes"]}
    if plan is None or (asked.node_id is not None and asked.node_id not in node_ids):
        raise Invalid.field("partial.node_id", "The draft has no such node.", code="unknown_node")
    known = _known(ground, plan, payload, asked)
    fixed = frozenset({*asked.outcomes, *(id_ for id_, sample in ground.samples.items() if sample.run is None)})
    question = Asked(asked.scope, asked.node_id or "", fixed & known.keys(), frozenset(known))
    part = choose(plan, _reads(ground.document), question)
    if asked.scope == "all" and not part.given:
        return start_run(workflow, payload, options)
    start = _Start(ground, plan, part, asked, known)
    run = start_run(workflow, payload, replace(options, partial=start.said(), trigger_node=_trigger(plan, part)))
    start.record(run)
    return run


def _known(ground: Ground, plan: Plan, payload: Any, asked: PartOfDraft) -> dict[str, Pinned]:
    """What each node is taken to have put out; a trigger that never fired hands on the payload."""
    triggers = {plan.ids[trigger]: Pinned(payload) for trigger in plan.triggers}
    samples = {id_: Pinned(sample.value, sample.handle) for id_, sample in ground.samples.items()}
    every = {**triggers, **samples, **asked.outcomes}
    return {node["id"]: every[node["id"]] for node in ground.document["nodes"] if node["id"] in every}


def _trigger(plan: Plan, part: Chosen) -> str:
    """Of several triggers one that leads into the part; empty: the one that a start by hand means."""
    usual = [plan.ids[node] for node in plan.entry()]
    leading = [plan.ids[node] for node in sorted(plan.triggers) if plan.ids[node] in part.targets]
    return leading[0] if leading and not set(usual) & part.targets else ""


class _Start:
    """What a run of a part starts with: outcomes, and the containers that it begins in."""

    def __init__(
        self, ground: Ground, plan: Plan, part: Chosen, asked: PartOfDraft, known: Mapping[str, Pinned]
    ) -> None:
        """Raises Conflict where there is nothing to begin on."""
        self._ground = ground
        self._plan = plan
        self._part = part
        self._asked = asked
        self._known = known
        self._path = path_to(plan, asked.node_id or "")
        self._around = [container for _, container in self._path[:-1]]
        self._refuse_without_input()
        leading = self._leading_in()
        self._given = {id_: Pinned(known[id_].value, leading.get(id_, known[id_].handle)) for id_ in sorted(part.given)}

    def _refuse_without_input(self) -> None:
        if not self._asked.begins_inside:
            return
        for level, node_id in self._path:
            sources = {level.ids[level.sources[edge]] for edge in level.incoming[level.number[node_id]]}
            is_closed = node_id in self._around and node_id not in self._ground.begun
            if is_closed or (node_id in self._part.targets and sources and not sources & self._part.given):
                text = f"Nothing has come out before “{node_id}” yet. Run up to it once, or pin a value before it."
                raise Conflict(text, code="no_input")

    def _leading_in(self) -> dict[str, str]:
        """What was asked for runs, also where what came out before it last went another way: then by these exits."""
        exits: dict[str, str] = {}
        for level, node_id in self._path if self._asked.begins_inside else ():
            edges = level.incoming[level.number[node_id]]
            ways = [(level.ids[level.sources[edge]], level.handles[edge]) for edge in reversed(edges)]
            given = self._part.given
            is_taken = any(id_ in given and self._known[id_].handle == handle for id_, handle in ways)
            if node_id not in given and not is_taken:
                exits |= dict(ways)
        return exits

    def said(self) -> dict[str, Any]:
        """For the run's row."""
        inside = {id_: pin for id_, pin in self._given.items() if id_ not in self._plan.number}
        return {
            "scope": self._asked.scope,
            "node_id": self._asked.node_id,
            "iteration": self._asked.iteration,
            "targets": sorted(self._part.targets),
            "given": sorted(self._part.given),
            "fixed": {id_: {"value": pin.value, "handle": pin.handle} for id_, pin in inside.items()},
            "passes": {container: self._pass_of(container) for container in self._around},
        }

    def _pass_of(self, container: str) -> int:
        """A container that repeats is run up to in its first pass: the later ones follow from it."""
        level = next(level for level, node_id in self._path if node_id == container)
        repeats = level.inside[level.number[container]].around.repeats
        return 0 if repeats and not self._asked.begins_inside else self._ground.passes[container]

    def record(self, run: Run) -> None:
        """As the history of an owner before the first one (epoch 1)."""
        outside = [(id_, pin) for id_, pin in self._given.items() if id_ in self._plan.number]
        logs = [self._log(run, id_, handle=pin.handle, output=pin.value) for id_, pin in outside]
        if self._asked.begins_inside:
            logs += [self._opened(run, container) for container in self._around]
        for seq, log in enumerate(logs, start=1):
            log.seq = seq
        if logs:
            keep_in_logs(run.id, logs)
            Log.objects.bulk_create(logs)
            Run.objects.filter(id=run.id).update(epoch=1, seq=len(logs))
            run.epoch, run.seq = 1, len(logs)

    def _opened(self, run: Run, container: str) -> Log:
        passes = {"items": list(self._ground.begun[container].items), "at_once": 1, "keep_going": False}
        return self._log(run, container, status=Log.Status.STARTED, completed_at=None, passes=passes)

    def _log(self, run: Run, node_id: str, **more: Any) -> Log:
        level, _ = path_to(self._plan, node_id)[-1]
        iteration, now = iteration_of(self._plan, node_id, self._ground.passes), timezone.now()
        said = {"kind": level.kinds[level.number[node_id]], "iteration": iteration, "attempt": 1, "epoch": 1}
        settled = {"status": Log.Status.COMPLETED, "started_at": now, "completed_at": now}
        return Log(id=new_id("fl_log"), run=run, node_id=node_id, **{**said, **settled, **more})


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

"""What the nodes of a draft put out last, for building on: the newest recorded output of each, or its pin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from runs.engine.claimed import error_value
from runs.engine.plan import Place, Plan
from runs.models import Log, Run
from runs.parts import iteration_of, passes_of, path_to
from runs.shapes import shape_of, shortened
from runs.staleness import stale_reasons
from runs.story import drawing_of, place_of, plan_of, state_of
from wire.problems import Invalid
from workflows.document import Document, read_document
from workflows.models import Workflow
from workflows.pins import pins_of

LOOKED_AT = 20
"""So many of the newest runs are asked. What ran last longer ago than that is found when it runs again."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One node's output. `run` is None for a pin."""

    value: Any
    handle: str
    at: datetime
    run: Run | None


@dataclass(frozen=True, slots=True)
class Begun:
    """One pass of a container: what it began with, and of how many passes it was one."""

    number: int
    known: int
    value: Any
    items: Sequence[Any]
    """What the container was opened with; of one that repeats, to begin with this pass."""


@dataclass(frozen=True)
class Ground:
    """All that is known of a draft when nothing runs. Of what lies in containers: in one pass of each."""

    document: Document
    plan: Plan | None
    samples: Mapping[str, Sample]
    last: Run | None
    """The newest run."""
    begun: Mapping[str, Begun]
    """By container, the pass, where it has had that many."""
    passes: Mapping[str, int]
    """By container, which pass is meant; the first where nothing is said."""

    @property
    def payload(self) -> Any:
        return self.last.trigger_payload if self.last else {}


def ground_of(workflow: Workflow, node_id: str = "", iteration: str = "") -> Ground:
    """With a `node_id`, of the containers around that node the passes that `iteration` names.

    Raises Invalid for a path that is longer than there are containers around the node.
    """
    document = read_document(workflow.draft)
    plan = plan_of(document)
    passes = passes_of(plan, node_id, iteration) if plan else {}
    if passes is None:
        raise Invalid.field("iteration", "So many containers do not lie around this node.", code="no_such_pass")
    runs = list(Run.objects.filter(workflow=workflow).defer("output").order_by("-created_at", "-id")[:LOOKED_AT])
    wanted = {node["id"]: iteration_of(plan, node["id"], passes) if plan else "" for node in document["nodes"]}
    settled = Q(status=Log.Status.COMPLETED) | Q(handle__isnull=False)
    samples = {id_: _sample(log, run) for id_, (log, run) in _newest(runs, settled, wanted).items()}
    for pin in pins_of(workflow):
        samples[pin.node_id] = Sample(pin.value, pin.handle, pin.updated_at, None)
    begun = _begun(plan, runs, wanted, passes) if plan and plan.chains else {}
    return Ground(document, plan, samples, runs[0] if runs else None, begun, passes)


def _newest(runs: Sequence[Run], which: Q, wanted: Mapping[str, str]) -> dict[str, tuple[Log, Run]]:
    """By node, its newest log in the iteration that is wanted. The values themselves are read only of the logs that
    were chosen: they may be large."""
    age = {run.id: place for place, run in enumerate(runs)}
    told = ("id", "run_id", "node_id", "seq")
    rows = Log.objects.filter(which, run__in=runs, iteration__in=set(wanted.values())).values_list(*told, "iteration")
    newest: dict[str, tuple[int, int, str]] = {}
    for log_id, run_id, node_id, seq, iteration in rows.order_by("seq"):
        place = (-age[run_id], seq, log_id)
        if wanted.get(node_id) == iteration and place[:2] > newest.get(node_id, (-LOOKED_AT, -1, ""))[:2]:
            newest[node_id] = place
    logs = Log.objects.filter(id__in=[log_id for _, _, log_id in newest.values()])
    return {log.node_id: (log, runs[age[log.run_id]]) for log in logs}


def _begun(plan: Plan, runs: Sequence[Run], wanted: Mapping[str, str], passes: Mapping[str, int]) -> dict[str, Begun]:
    around = {container for chain in plan.chains.values() for container in chain}
    openings = _newest(runs, Q(passes__isnull=False), {container: wanted[container] for container in around})
    begun = {}
    for container, (log, run) in openings.items():
        level, _ = path_to(plan, container)[-1]
        inside, number = level.inside[level.number[container]], passes.get(container, 0)
        items, known = log.passes["items"], len(log.passes["items"])
        if inside.around.repeats:
            items, known = _repeated(run, log, number), _passes_on_record(run, place_of(log), inside)
        here = items[:1] if inside.around.repeats else items[number : number + 1]
        if here:
            begun[container] = Begun(number, known, here[0], items)
    return begun


def _repeated(run: Run, log: Log, number: int) -> list[Any]:
    """What this pass of a container that repeats began with: from the second one on, the result of the one before."""
    if number == 0:
        return list(log.passes["items"])
    state = state_of(run, list(run.logs.all()))
    payloads = state.payloads(place_of(log)) if state else {}
    return [payloads[number]] if number in payloads else []


def _passes_on_record(run: Run, container: Place, inside: Plan) -> int:
    logs = Log.objects.filter(run=run, node_id__in=inside.ids).values_list("iteration", flat=True).distinct()
    around = f"{container.iteration}." if container.iteration else ""
    return sum(1 for iteration in logs if iteration.startswith(around))


def _sample(log: Log, run: Run) -> Sample:
    value = log.output if log.status == Log.Status.COMPLETED else error_value(place_of(log), log.error)
    return Sample(value, log.handle or "out", log.completed_at or log.started_at, run)


# --- what is told of it ---


def samples_record(workflow: Workflow, node_id: str = "", iteration: str = "") -> dict[str, Any]:
    ground = ground_of(workflow, node_id, iteration)
    stale = _stale(ground)
    value, is_shortened = shortened(ground.payload)
    return {
        "draft_revision": workflow.draft.revision,
        "last_run_id": ground.last.id if ground.last else None,
        "payload": value,
        "is_shortened": is_shortened,
        "nodes": {id_: _record(sample, stale.get(id_)) for id_, sample in ground.samples.items()},
        "passes": {id_: _pass_record(begun) for id_, begun in ground.begun.items()},
    }


def _pass_record(begun: Begun) -> dict[str, Any]:
    value, is_shortened = shortened(begun.value)
    return {"number": begun.number, "known": begun.known, "value": value, "is_shortened": is_shortened}


def _record(sample: Sample, stale: str | None) -> dict[str, Any]:
    value, is_shortened = shortened(sample.value)
    return {
        "value": value,
        "is_shortened": is_shortened,
        "schema": shape_of(value),
        "handle": sample.handle,
        "at": sample.at,
        "run_id": sample.run.id if sample.run else None,
        "is_pinned": sample.run is None,
        "stale": stale,
    }


def _stale(ground: Ground) -> dict[str, str]:
    """Each output is judged by the drawing of its own run. A pin is what somebody wants, and never stale."""
    reasons: dict[str, str] = {}
    for run in {sample.run.id: sample.run for sample in ground.samples.values() if sample.run}.values():
        moved = {id_: said for id_, sample in ground.samples.items() if (said := _moved(sample, run))}
        found = stale_reasons(drawing_of(run.version_id).document, ground.document, moved)
        mine = {id_ for id_, sample in ground.samples.items() if sample.run and sample.run.id == run.id}
        reasons |= {id_: reason for id_, reason in found.items() if id_ in mine}
    return reasons


def _moved(sample: Sample, run: Run) -> str | None:
    """What became of a node's output after this run had begun."""
    if sample.run is None:
        return "was pinned" if sample.at > run.created_at else None
    is_newer = (sample.run.created_at, sample.run.id) > (run.created_at, run.id)
    return "has run" if is_newer else None

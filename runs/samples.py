"""What the nodes of a draft put out last, for building on: the newest recorded output of each, or its pin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from runs.engine.claimed import error_value
from runs.engine.plan import Plan
from runs.models import Log, Run
from runs.records import drawing_of, place_of, plan_of
from runs.shapes import shape_of, shortened
from runs.staleness import stale_reasons
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


@dataclass(frozen=True)
class Ground:
    """All that is known of a draft when nothing runs."""

    document: Document
    plan: Plan | None
    samples: Mapping[str, Sample]
    last: Run | None
    """The newest run."""

    @property
    def payload(self) -> Any:
        return self.last.trigger_payload if self.last else {}


def ground_of(workflow: Workflow) -> Ground:
    document = read_document(workflow.draft)
    runs = list(Run.objects.filter(workflow=workflow).defer("output").order_by("-created_at", "-id")[:LOOKED_AT])
    samples = _recorded(runs, {node["id"] for node in document["nodes"]})
    for pin in pins_of(workflow):
        samples[pin.node_id] = Sample(pin.value, pin.handle, pin.updated_at, None)
    return Ground(document, plan_of(document), samples, runs[0] if runs else None)


def _recorded(runs: Sequence[Run], wanted: set[str]) -> dict[str, Sample]:
    """The outputs themselves are read only of the logs that were chosen: they may be large."""
    age = {run.id: place for place, run in enumerate(runs)}
    settled = Q(status=Log.Status.COMPLETED) | Q(handle__isnull=False)
    rows = Log.objects.filter(settled, run__in=runs).values_list("id", "run_id", "node_id", "seq").order_by("seq")
    newest: dict[str, tuple[int, int, str]] = {}
    for log_id, run_id, node_id, seq in rows:
        place = (-age[run_id], seq, log_id)
        if node_id in wanted and place[:2] > newest.get(node_id, (-LOOKED_AT, -1, ""))[:2]:
            newest[node_id] = place
    logs = Log.objects.filter(id__in=[log_id for _, _, log_id in newest.values()])
    return {log.node_id: _sample(log, runs[age[log.run_id]]) for log in logs}


def _sample(log: Log, run: Run) -> Sample:
    value = log.output if log.status == Log.Status.COMPLETED else error_value(place_of(log), log.error)
    return Sample(value, log.handle or "out", log.completed_at or log.started_at, run)


# --- what is told of it ---


def samples_record(workflow: Workflow) -> dict[str, Any]:
    ground = ground_of(workflow)
    stale = _stale(ground)
    value, is_shortened = shortened(ground.payload)
    return {
        "draft_revision": workflow.draft.revision,
        "last_run_id": ground.last.id if ground.last else None,
        "payload": value,
        "is_shortened": is_shortened,
        "nodes": {id_: _record(sample, stale.get(id_)) for id_, sample in ground.samples.items()},
    }


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

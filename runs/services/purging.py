"""Deleting runs that have ended. A line stays that says what was deleted, when and by whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from runs.models import BigValue, BigValueUse, PurgedRun, Run, Wait
from runs.services.steering import terminate_run
from runs.waiting import look, wait_for_end
from wire.problems import Conflict, Unavailable

# How long a forced purge waits for what the run is doing to stop.
PATIENCE_SECONDS = 5

_KEPT = ("id", "project_id", "workflow_id", "handle", "status", "created_at", "completed_at")


@dataclass(frozen=True, slots=True)
class Purged:
    run_id: str
    was: str
    """Its status before; with `force` possibly a live one."""


def purge_run(run: Run, *, by: str, force: bool = False, patience: float = PATIENCE_SECONDS) -> Purged:
    """Deletes a run that has ended, with its logs; `force` terminates it first. `by` names who asked, for the record.
    Keys under which it was started answer as before until they expire.

    Raises Conflict `run_not_ended`, or `parent_waits` while another run has still to take up how this one ended,
    NotFound when somebody else was quicker, and Unavailable when it could not be stopped in time: it is being
    terminated then, and may be purged a little later.
    """
    was = _ended(run, by, patience) if force else run.status
    if not delete_runs([run.id], by=by):
        raise _awaited() if look(run.id).has_ended else _not_ended()
    return Purged(run.id, was)


def _ended(run: Run, by: str, patience: float) -> str:
    """Terminates the run and waits until it is so; its status before."""
    was = terminate_run(run, reason="It was purged.", by=by).was
    if not (run.is_terminal or wait_for_end(run.id, patience).has_ended):
        raise Unavailable("The run is still being stopped; purge it again in a moment.", code="run_not_ended")
    return was


def _not_ended() -> Conflict:
    return Conflict("The run has not ended. Terminate it first, or purge it with `force`.", code="run_not_ended")


def _awaited() -> Conflict:
    return Conflict("Its parent run has not taken up yet how it ended.", code="parent_waits")


@transaction.atomic
def delete_runs(run_ids: Collection[str], *, by: str) -> int:
    """Deletes those that have ended and for which no run waits, without loading payloads; how many they were."""
    awaited = Wait.objects.filter(child__in=run_ids, done_at=None, run__status__in=Run.LIVE).values("child_id")
    ended = Run.objects.filter(id__in=run_ids, status__in=Run.TERMINAL).exclude(id__in=awaited)
    gone = list(ended.select_for_update().order_by("id").only(*_KEPT))
    now = timezone.now()
    PurgedRun.objects.bulk_create(
        [PurgedRun(**{name: getattr(run, name) for name in _KEPT}, purged_at=now, purged_by=by) for run in gone]
    )
    _delete([run.id for run in gone])
    return len(gone)


def _delete(run_ids: Collection[str]) -> None:
    """With the big values that only these runs referred to. The values are locked first: a run that takes one into
    use meanwhile has either done so when we look, or finds it gone and stores it anew."""
    used = BigValueUse.objects.filter(run__in=run_ids).values("value")
    values = BigValue.objects.filter(reference__in=used).select_for_update().order_by("reference")
    references = list(values.values_list("reference", flat=True))
    Run.objects.filter(id__in=run_ids).only("id").delete()
    BigValue.objects.filter(reference__in=references, uses=None).delete()

"""Suspend, resume, terminate: guarded changes of a run's row, which its owner hears of in half a second.

Terminate beats suspend. Both hold in the database from their commit on: the journal takes no start line any more.
Rows are locked without their keys: a commit that checks a reference to one of them must not wait for us, nor we
for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from runs.engine.big_values import kept_values
from runs.engine.new_run import starts_at
from runs.engine.wake import wake
from runs.models import Run, Wait
from wire.problems import NotFound

_PARENT_TERMINATED = "The parent run was terminated."


@dataclass(frozen=True, slots=True)
class Steered:
    """A run as it stands after it was asked something."""

    run: Run
    was: str
    """Its status before."""
    changed: bool
    """False: it was so already, or it has ended."""


def suspend_run(run: Run, *, reason: str = "") -> Steered:
    """No node of the run starts any more; what is in flight finishes and is recorded. Its child runs go on, and how
    they ended is taken up after `resume_run`."""
    with transaction.atomic():
        was = locked(run).status
        going = Run.objects.filter(id=run.id, status__in=Run.GOING, intent=Run.Intent.NONE)
        changed = going.update(status=Run.Status.SUSPENDED, ready_at=None, reason=reason, seq=F("seq") + 1)
        run.refresh_from_db()
    return Steered(run, was, bool(changed))


def resume_run(run: Run) -> Steered:
    """A suspended run goes on with what is ready by now; any other stays as it is."""
    with transaction.atomic():
        was = locked(run).status
        suspended = Run.objects.filter(id=run.id, status=Run.Status.SUSPENDED)
        later = run.waits.filter(kind=Wait.Kind.START, done_at=None).values_list("wake_at", flat=True).first()
        changed = suspended.update(
            status=_STATUS_WITHOUT_SUSPENSION,
            ready_at=_READY_IF_FREE,
            reason="" if later is None else starts_at(later),
            seq=F("seq") + 1,
        )
        if changed:
            transaction.on_commit(wake)
        run.refresh_from_db()
    return Steered(run, was, bool(changed))


# An owner that has not let go yet goes on; else whoever claims the run looks what is due.
_STATUS_WITHOUT_SUSPENSION = Case(
    When(owner__isnull=False, then=Value(Run.Status.RUNNING)),
    When(started_at=None, then=Value(Run.Status.PENDING)),
    default=Value(Run.Status.WAITING),
)
_STARTS_LATER = Exists(Wait.objects.filter(run=OuterRef("pk"), kind=Wait.Kind.START, done_at=None))
_READY_IF_FREE = Case(When(Q(owner=None) & ~Q(_STARTS_LATER), then=Now()), default=None)


def terminate_run(run: Run, *, reason: str = "", output: Any = None, by: str = "") -> Steered:
    """Asks the run to stop, with everything below it; `output` becomes the run's output, `by` is the e-mail address of
    who wants it.

    A run that nobody works on, and that has nothing open, ends at once; else its owner ends it when what it does
    has stopped.
    """
    with transaction.atomic():
        first = locked(run)
        changed = first.status in Run.LIVE and first.intent == Run.Intent.NONE
        if changed and output is not None:
            [kept] = kept_values(run.id, [output])
            Run.objects.filter(id=run.id).update(output=kept)
        level = [first]
        while level:
            for each in level:
                _ask_to_terminate(each, reason if each.id == run.id else _PARENT_TERMINATED, by)
            level = _children(level)
        transaction.on_commit(wake)
        run.refresh_from_db()
    return Steered(run, first.status, changed)


def locked(run: Run) -> Run:
    """The row as it is now, and ours until the commit."""
    found = lock(Run.objects.filter(id=run.id)).first()
    if found is None:
        raise NotFound("There is no such run.")
    return found


def lock(runs: QuerySet[Run]) -> QuerySet[Run]:
    """By their ids, without what they carry."""
    payloads = ("trigger_payload", "metadata", "extra", "partial", "output", "error", "response")
    return runs.defer(*payloads).select_for_update(no_key=True).order_by("id")


def _children(parents: list[Run]) -> list[Run]:
    """The live runs for which these wait, locked. Nothing new comes below a run that was asked to stop."""
    waited_for = Wait.objects.filter(run__in=parents, done_at=None, child__isnull=False).values("child_id")
    return list(lock(Run.objects.filter(id__in=waited_for, status__in=Run.LIVE)))


def _ask_to_terminate(run: Run, reason: str, by: str) -> None:
    live = Run.objects.filter(id=run.id, status__in=Run.LIVE, intent=Run.Intent.NONE)
    if run.owner is None and not run.logs.filter(status="started").exists():
        ended = live.update(
            status=Run.Status.TERMINATED,
            intent=Run.Intent.TERMINATE,
            reason=reason,
            terminated_by=by,
            ready_at=None,
            completed_at=timezone.now(),
            seq=F("seq") + 1,
        )
        if ended:
            run.waits.filter(done_at=None).update(done_at=timezone.now())
            _wake_parent(run)
        return
    live.update(intent=Run.Intent.TERMINATE, reason=reason, terminated_by=by)
    # A worker closes what is open; whoever owns the run already hears of it by itself.
    Run.objects.filter(id=run.id, owner=None, status__in=Run.LIVE).update(ready_at=timezone.now())
    Run.objects.filter(id=run.id, status=Run.Status.SUSPENDED).update(status=_STATUS_WITHOUT_SUSPENSION)


def _wake_parent(run: Run) -> None:
    """Its wait is over. Somebody else who has the parent's row at this moment may want the child's next, so this
    does not wait for it: the sweeper looks again."""
    waiting = Run.objects.filter(id=run.parent_id, owner=None, ready_at=None, status=Run.Status.WAITING)
    free = list(waiting.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True))
    Run.objects.filter(id__in=free).update(ready_at=timezone.now())

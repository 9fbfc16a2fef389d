"""What comes of a node that waits, said from outside: its output or its failure, whatever it waits for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from runs.engine.messages import storable
from runs.models import Event, Log, Run, Wait
from runs.services.events import Meant, Raised, raise_event
from runs.services.steering import locked

OUTCOME = "$outcome"
"""How the event is called: none that the API takes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The node fails with it; one that is `retryable` is tried again as the node's retry rule says."""

    code: str
    message: str
    retryable: bool = True


def pending_waits(run: Run) -> QuerySet[Wait]:
    """Where an outcome may be said and was not yet, the oldest first: what waits for a time, and for an event that
    anybody may raise."""
    told = Event.objects.filter(run=OuterRef("run"), event_id__startswith="outcome:", node_id=OuterRef("node_id"))
    told = told.filter(iteration=OuterRef("iteration"), attempt=OuterRef("attempt"))
    open_waits = Q(kind__in=(Wait.Kind.TIMER, Wait.Kind.TASK)) | Q(kind=Wait.Kind.EVENT) & ~Q(name__startswith="$")
    return Wait.objects.filter(open_waits, ~Exists(told), run=run, done_at=None).order_by("id")


def tell_outcome(wait: Wait, payload: Any = None, failure: Failure | None = None) -> Raised:
    """The node completes with the payload, or fails. The first outcome counts: another one is not new.

    Raises Conflict `run_ended`.
    """
    meant = Meant(wait.node_id, wait.iteration, wait.attempt, _told(failure))
    return raise_event(wait.run, OUTCOME, payload, event_id=f"outcome:{wait.pk}", meant=meant)


def tell_node(run: Run, node_id: str, payload: Any = None, failure: Failure | None = None) -> Raised:
    """The same for a node, in no loop, that does not wait yet: kept until it does. The first one counts.

    Raises Conflict `run_ended`.
    """
    with transaction.atomic():
        now = locked(run)
        over = run.logs.filter(node_id=node_id, iteration="").exclude(status=Log.Status.STARTED).count()
        meant = Meant(node_id, attempt=over + 1, error=_told(failure))
        kept = Event.objects.filter(run=run, name=OUTCOME, node_id=node_id, attempt=meant.attempt).first()
        if kept is not None and not now.is_terminal:
            return Raised(kept, is_new=False)
        return raise_event(run, OUTCOME, payload, meant=meant)


def _told(failure: Failure | None) -> dict[str, Any] | None:
    return None if failure is None else {**asdict(failure), "message": storable(failure.message)}

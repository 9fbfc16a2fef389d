"""Telling runs something from outside. What is told stays in the run's inbox until one of its nodes takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Project
from runs.engine.big_values import kept_values
from runs.engine.wake import wake
from runs.models import Event, Run, Wait
from runs.services.steering import locked
from wire.ids import new_id
from wire.problems import Conflict, Invalid, NotFound, TooManyRequests
from workflows.nodes.base import RaiseEvent

MAX_INBOX = 1_000
MAX_RUNS = 1_000


@dataclass(frozen=True, slots=True)
class Raised:
    event: Event
    is_new: bool
    """False: it was raised under this id before."""


@dataclass(frozen=True)
class Meant:
    """The one node for which an event is, and the failure that it may tell of: code, message, retryable."""

    node_id: str
    iteration: str = ""
    attempt: int | None = None
    error: dict[str, Any] | None = None


def events_of(run: Run) -> QuerySet[Event]:
    """What the run was told under a name, and not what the server itself puts there: decisions, and outcomes."""
    return Event.objects.filter(run=run, node_id=None).exclude(Q(name=Event.VARIABLES) | Q(name__startswith="$"))


def raise_event(
    run: Run,
    name: str,
    payload: Any,
    *,
    event_id: str | None = None,
    correlation: str | None = None,
    meant: Meant | None = None,
) -> Raised:
    """Puts an event into the run's inbox, once per `event_id`. It is delivered at most once, the oldest first, also
    to a node that begins to wait later. With `correlation` only to one that waits for that value, with `meant` only
    to one node.

    Raises Conflict `run_ended`, Invalid `event_id_reused` for another event under the same id, and TooManyRequests
    `inbox_full` when 1,000 wait there.
    """
    event_id = event_id or new_id("evt")
    with transaction.atomic():
        now = locked(run)
        known = Event.objects.filter(run=run, event_id=event_id).first()
        if known is not None:
            return _again(known, name, payload)
        _check(now)
        event = Event.objects.create(
            run=run,
            event_id=event_id,
            name=name,
            correlation=correlation,
            payload=kept_values(run.id, [payload])[0],
            received_at=timezone.now(),
            **({} if meant is None else vars(meant)),
        )
        event.payload = payload
        Run.objects.filter(id=run.id).update(events=F("events") + 1)
        if not name or Wait.objects.filter(_heard_by(event), run=run, done_at=None).exists():
            Run.objects.filter(id=run.id, status=Run.Status.WAITING, owner=None, ready_at=None).update(ready_at=Now())
        transaction.on_commit(wake)
    return Raised(event, is_new=True)


def _heard_by(event: Event) -> Q:
    if event.node_id is not None:
        return Q(node_id=event.node_id, iteration=event.iteration)
    return Q(kind=Wait.Kind.EVENT, name=event.name)


def _again(known: Event, name: str, payload: Any) -> Raised:
    if known.node_id is None and (known.name, known.payload) != (name, payload):
        raise Invalid("The run was told another event under this id.", code="event_id_reused")
    return Raised(known, is_new=False)


def _check(run: Run) -> None:
    if run.is_terminal or run.intent == Run.Intent.TERMINATE:
        raise Conflict("The run has ended; nobody takes events any more.", code="run_ended")
    if run.events >= MAX_INBOX and run.inbox.filter(delivered_at=None).count() >= MAX_INBOX:
        raise TooManyRequests(f"{MAX_INBOX:,} events wait in the run's inbox already.", code="inbox_full")


def tell_runs(project_id: str, wanted: RaiseEvent, event_id: str) -> list[str]:
    """What a node asks for: the ids of the runs that were told. Raises what `raise_event` does, and NotFound."""
    project = Project(id=project_id)
    if wanted.run is None:
        told = raise_by_correlation(project, wanted.name, wanted.correlation or "", wanted.payload, event_id=event_id)
        return [raised.event.run_id for raised in told]
    mine = Run.objects.for_project(project)
    run = mine.filter(id=wanted.run).first() or mine.filter(handle=wanted.run).first()
    if run is None:
        raise NotFound(f"There is no run {wanted.run!r}.", code="run_not_found")
    return [raise_event(run, wanted.name, wanted.payload, event_id=event_id).event.run_id]


def raise_by_correlation(
    project: Project, name: str, correlation: str, payload: Any, *, event_id: str | None = None
) -> list[Raised]:
    """The same for every live run of the project that waits for `name` with this value, or that carries the value as
    its correlation id; those that end meanwhile are left out. Up to 1,000 runs, the oldest first."""
    waiting = Wait.objects.filter(name=name, correlation=correlation, done_at=None).values("run_id")
    meant = Q(correlation_id=correlation) | Q(id__in=waiting)
    runs = Run.objects.for_project(project).filter(meant, status__in=Run.LIVE).only("id", "project_id")
    raised = []
    for run in runs.order_by("created_at", "id")[:MAX_RUNS]:
        try:
            raised.append(raise_event(run, name, payload, event_id=event_id, correlation=correlation))
        except Conflict:
            continue
    return raised

"""Telling runs something from outside. What is told stays in the run's inbox until one of its nodes takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Project
from runs.engine.big_values import kept_by_all
from runs.engine.wake import wake
from runs.models import Event, Run, Wait
from runs.services.steering import lock, locked
from wire.ids import new_id
from wire.problems import Conflict, Invalid, NotFound, TooManyRequests
from workflows.nodes.base import RaiseEvent

MAX_INBOX = 1_000
MAX_RUNS = 10_000
# So many are told by one statement.
BATCH = 500


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
    said = _Said(name, payload, event_id or new_id("evt"), correlation, meant)
    with transaction.atomic():
        [raised] = _raise([locked(run)], said)
    return raised


@dataclass(frozen=True, slots=True)
class _Said:
    name: str
    payload: Any
    event_id: str
    correlation: str | None = None
    meant: Meant | None = None

    def to(self, runs: Sequence[Run]) -> list[Event]:
        """An event for each of them, about to be made."""
        about: dict[str, Any] = dict(vars(self.meant)) if self.meant else {}
        about |= {"event_id": self.event_id, "name": self.name, "correlation": self.correlation}
        about |= {"payload": kept_by_all([run.id for run in runs], self.payload), "received_at": timezone.now()}
        return [Event(run=run, **about) for run in runs]

    @property
    def is_from_anybody(self) -> bool:
        """And not what a node was asked for itself: a full inbox does not keep that out."""
        return self.meant is None and not self.name.startswith("$")

    @property
    def heard_by(self) -> Q:
        """The waits that it may end."""
        if self.meant is not None:
            return Q(node_id=self.meant.node_id, iteration=self.meant.iteration)
        return Q(kind=Wait.Kind.EVENT, name=self.name)


def _raise(runs: Sequence[Run], said: _Said) -> list[Raised]:
    """For runs that are locked: all of them are told, or none."""
    known = {event.run_id: event for event in Event.objects.filter(run__in=runs, event_id=said.event_id)}
    for event in known.values():
        _refuse_another(event, said)
    new = [run for run in runs if run.id not in known]
    for run in new:
        _check(run, said)
    told = known | {event.run_id: event for event in Event.objects.bulk_create(said.to(new))}
    for run in new:
        told[run.id].payload = said.payload
    rows = Run.objects.filter(id__in=[run.id for run in new])
    rows.update(events=F("events") + 1)
    asleep = rows.filter(status=Run.Status.WAITING, owner=None, ready_at=None)
    if said.name:
        asleep = asleep.filter(Exists(Wait.objects.filter(said.heard_by, run=OuterRef("pk"), done_at=None)))
    asleep.update(ready_at=Now())
    transaction.on_commit(wake)
    return [Raised(told[run.id], is_new=run.id not in known) for run in runs]


def _refuse_another(known: Event, said: _Said) -> None:
    if known.node_id is None and (known.name, known.payload) != (said.name, said.payload):
        raise Invalid("The run was told another event under this id.", code="event_id_reused")


def _check(run: Run, said: _Said) -> None:
    if run.is_terminal or run.intent == Run.Intent.TERMINATE:
        raise Conflict("The run has ended; nobody takes events any more.", code="run_ended")
    may_be_full = said.is_from_anybody and run.events >= MAX_INBOX
    if may_be_full and run.inbox.filter(delivered_at=None).count() >= MAX_INBOX:
        text = f"{MAX_INBOX:,} events wait in the inbox of the run {run.id} already."
        raise TooManyRequests(text, code="inbox_full")


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
    its correlation id, the oldest first. All of them are told, or none.

    Raises Invalid `too_many_runs` when they are more than 10,000, and what `raise_event` does of any of them.
    """
    waiting = Wait.objects.filter(name=name, correlation=correlation, done_at=None).values("run_id")
    meant = Q(correlation_id=correlation) | Q(id__in=waiting)
    runs = Run.objects.for_project(project).filter(meant, status__in=Run.LIVE, intent=Run.Intent.NONE)
    said = _Said(name, payload, event_id or new_id("evt"), correlation)
    raised: list[Raised] = []
    with transaction.atomic():
        ids = list(runs.order_by("id").values_list("id", flat=True)[: MAX_RUNS + 1])
        if len(ids) > MAX_RUNS:
            raise Invalid(f"More than {MAX_RUNS:,} runs are meant; nobody was told.", code="too_many_runs")
        for first in range(0, len(ids), BATCH):
            raised += _raise(list(lock(runs.filter(id__in=ids[first : first + BATCH]))), said)
    return raised

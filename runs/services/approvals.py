"""Decisions for which a run waits: approved or rejected, once, by somebody who may."""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from runs.engine.plan import Place
from runs.models import Event, Run, Wait
from runs.services.events import Raised, raise_event
from runs.services.steering import locked
from wire.problems import Conflict, Forbidden, NotFound
from wire.times import to_wire
from workflows.nodes.approve import DECISION

Decision = Literal["approved", "rejected"]


def approval_at(run: Run, place: Place) -> dict[str, Any] | None:
    """What is asked at this place, `message` and `approvers`; None when nothing is, or no longer."""
    wait = _open_waits(run, place).first()
    if wait is None or Event.objects.filter(run=run, event_id=_event_id(wait)).exists():
        return None
    about: dict[str, Any] = wait.outcome["about"]
    return about


@transaction.atomic
def decide(run: Run, place: Place, decision: Decision, *, by: str | None, comment: str = "") -> Raised:
    """Tells the run what was decided. `by` is the e-mail address of a member who is signed in; None is whoever has
    the link. The first decision counts; the same person may say it again.

    Raises NotFound when nothing is asked there, Forbidden, and Conflict `already_decided` or `too_late`.
    """
    locked(run)
    wait = Wait.objects.filter(_at(run, place)).order_by("-attempt").first()
    if wait is None:
        raise NotFound("Nothing is to be decided there.")
    _check_who(wait.outcome["about"]["approvers"], by)
    known = Event.objects.filter(run=run, event_id=_event_id(wait)).first()
    if known is not None:
        if (known.payload[DECISION], known.payload["by"]) != (decision, by):
            raise Conflict(f"It was {known.payload[DECISION]} before.", code="already_decided")
        return Raised(known, is_new=False)
    if not _open_waits(run, place).exists():
        raise Conflict("Nobody waits for this decision any more: its time is over.", code="too_late")
    payload = {DECISION: decision, "by": by, "comment": comment, "decided_at": to_wire(timezone.now())}
    return raise_event(run, wait.name or "", payload, event_id=_event_id(wait))


def _at(run: Run, place: Place) -> Q:
    return Q(run=run, node_id=place.node_id, iteration=place.iteration, kind="event", name__startswith="$approval ")


def _open_waits(run: Run, place: Place) -> Any:
    in_time = Q(wake_at=None) | Q(wake_at__gt=Now())
    return Wait.objects.filter(_at(run, place), in_time, done_at=None, run__status__in=Run.LIVE)


def _event_id(wait: Wait) -> str:
    """One for each time that it is asked."""
    return f"decision:{wait.pk}"


def _check_who(approvers: list[str], by: str | None) -> None:
    if approvers and (by is None or by.lower() not in approvers):
        raise Forbidden("Only the approvers who are named may decide this; sign in as one of them.", code="no_approver")

"""Variables that are set from outside: they take their place in the run's order when its owner hears of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runs.engine.big_values import kept_values
from runs.models import Event, Run
from runs.records import variables_of
from runs.services.events import raise_event
from wire.ids import new_id


def set_variables(run: Run, values: Mapping[str, Any]) -> None:
    """Gives these variables of a live run new values; the others keep theirs. Who reads the run sees them at once, its
    nodes from the next one on that starts after the worker has heard of it (half a second at most).

    Raises Conflict `run_ended`, and TooManyRequests `inbox_full`.
    """
    raise_event(run, Event.VARIABLES, dict(values))


def hand_on_variables(run: Run, again: Run) -> None:
    """To a run that begins in the middle of another, behind all that it takes over: as they stood at the other's
    end."""
    values: Any = variables_of(run, list(run.logs.all()))
    if not values:
        return
    again.seq, again.events = again.seq + 1, 1
    Event.objects.create(
        run=again,
        event_id=new_id("evt"),
        name=Event.VARIABLES,
        payload=kept_values(again.id, [values])[0],
        received_at=again.created_at,
        delivered_at=again.created_at,
        seq=again.seq,
    )
    Run.objects.filter(id=again.id).update(events=again.events, seq=again.seq)

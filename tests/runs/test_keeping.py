"""What a run that begins in the middle of another takes over: properties that hold of any drawing and any place."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from runs.engine.frame import SETTLED
from runs.engine.plan import Place
from runs.engine.state import Outcome, State
from runs.keeping import Kept, kept
from runs.models import Log
from runs.story import outcome_of_log
from tests.runs.engine.graphs import Drawing, drawings, seeds

PAYLOAD = {"p": 1}


def ran(drawing: Drawing, chance: random.Random, steps: int) -> tuple[State, list[Log]]:
    """A run of up to `steps` nodes, as its journal has it."""
    state = State(drawing.plan, PAYLOAD, drawing.trigger)
    logs: list[Log] = []
    while steps and state.ready() and not state.failure:
        outcome = drawing.answers[chance.choice(state.ready()).node_id]
        state.apply(outcome)
        logs.append(logged(outcome, len(logs) + 1))
        steps -= 1
    return state, logs


def logged(outcome: Outcome, seq: int) -> Log:
    return Log(
        seq=seq,
        node_id=outcome.place.node_id,
        attempt=1,
        status=Log.Status.FAILED if outcome.failed else Log.Status.COMPLETED,
        handle=outcome.handle,
        output=outcome.value,
    )


def behind(drawing: Drawing, node_ids: set[str]) -> set[str]:
    """These, and all to which an edge leads from them, near or far."""
    found = set(node_ids)
    for _ in drawing.nodes:
        found |= {edge.target for edge in drawing.edges if edge.source in found}
    return found


def taken_over(drawing: Drawing, logs: list[Log], begin_at: set[str]) -> Kept:
    return kept(drawing.plan, logs, [Place(node_id) for node_id in begin_at], PAYLOAD, drawing.trigger, None)


def begun_in_the_middle(drawing: Drawing, held: Kept) -> State:
    """The new run, as its first owner finds it."""
    history = [outcome for log in held.settled if (outcome := outcome_of_log(log))]
    return State(drawing.plan, PAYLOAD, drawing.trigger, history)


@given(drawings, seeds, st.integers(1, 12), st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_what_begins_again_and_what_follows_is_not_kept_and_all_else_is(
    drawing: Drawing, chance: random.Random, steps: int, places: int
) -> None:
    _, logs = ran(drawing, chance, steps)
    begin_at = {log.node_id for log in chance.sample(logs, min(places, len(logs)))}
    held = taken_over(drawing, logs, begin_at)
    settling = [log.node_id for log in logs if log.handle is not None]
    again = behind(drawing, begin_at)
    assert [log.node_id for log in held.settled] == [node_id for node_id in settling if node_id not in again]


@given(drawings, seeds, st.integers(1, 12), st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_the_new_run_begins_just_there(drawing: Drawing, chance: random.Random, steps: int, places: int) -> None:
    _, logs = ran(drawing, chance, steps)
    begin_at = {log.node_id for log in chance.sample(logs, min(places, len(logs)))}
    state = begun_in_the_middle(drawing, taken_over(drawing, logs, begin_at))
    first = {one for one in begin_at if not any(one in behind(drawing, {other}) for other in begin_at - {one})}
    ready = {place.node_id for place in state.ready()}
    assert first <= ready
    assert not (ready - behind(drawing, begin_at) - unfinished(drawing, logs))


def unfinished(drawing: Drawing, logs: list[Log]) -> set[str]:
    """What the old run had not come to, or what had failed and ended it."""
    return {node.id for node in drawing.nodes} - {log.node_id for log in logs if log.handle is not None}


@given(drawings, seeds)
@settings(max_examples=300, deadline=None)
def test_with_the_same_answers_it_comes_to_the_same_end(drawing: Drawing, chance: random.Random) -> None:
    before, logs = ran(drawing, chance, 1_000)
    if before.failure or not logs:
        return
    state = begun_in_the_middle(drawing, taken_over(drawing, logs, {chance.choice(logs).node_id}))
    while state.ready():
        state.apply(drawing.answers[chance.choice(state.ready()).node_id])
    assert [state.status(place) for place in state.plan.places] == [
        before.status(place) for place in before.plan.places
    ]
    assert state.output() == before.output()


@given(drawings, seeds, st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_from_where_it_failed_everything_that_was_settled_is_kept(
    drawing: Drawing, chance: random.Random, steps: int
) -> None:
    before, logs = ran(drawing, chance, steps)
    state = begun_in_the_middle(drawing, taken_over(drawing, logs, set()))
    settled = {place for place in before.plan.places if before.status(place) in SETTLED}
    failed = {log.node_id for log in logs if log.handle is None}
    assert {place for place in settled if place.node_id not in failed} <= {
        place for place in state.plan.places if state.status(place) in SETTLED
    }

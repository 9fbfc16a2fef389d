"""State against a slow, obvious reference, and a simulation that crashes at every point."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runs.engine.frame import NodeStatus
from runs.engine.state import Outcome, State
from tests.runs.engine.graphs import Drawing, drawings, random_drawing, seeds


def reference(drawing: Drawing, outcomes: dict[str, Outcome]) -> dict[str, str]:
    """Every node's status by asking all of them again until nothing changes. Written for being right."""
    triggers = {node.id for node in drawing.nodes if node.is_trigger}
    has_way_in = {edge.target for edge in drawing.edges}
    entry = {drawing.trigger} if drawing.trigger else {n.id for n in drawing.nodes if n.id not in has_way_in}
    status = {node.id: "pending" for node in drawing.nodes}
    unhandled = {outcome.place.node_id for outcome in outcomes.values() if outcome.handle is None}
    exits: dict[str, str | None] = {}
    for _ in range(len(drawing.nodes) + 1):
        for node in drawing.nodes:
            if status[node.id] != "pending":
                continue
            edges = [edge for edge in drawing.edges if edge.target == node.id]
            taken = [edge for edge in edges if exits.get(edge.source) == (edge.handle or "out")]
            if node.id not in entry:
                if node.id in triggers or not edges:
                    status[node.id], exits[node.id] = "skipped", None
                    continue
                if any(status[e.source] in ("pending", "ready") or e.source in unhandled for e in edges):
                    continue
                if not taken:
                    status[node.id], exits[node.id] = "skipped", None
                    continue
            if node.disabled:
                status[node.id], exits[node.id] = "completed", way_through(drawing, node.id)
            elif outcome := outcomes.get(node.id):
                status[node.id] = "failed" if outcome.failed else "completed"
                exits[node.id] = outcome.handle
            else:
                status[node.id] = "ready"
    return status


def way_through(drawing: Drawing, node_id: str) -> str:
    """`out`, else `true`, else the first exit that is connected and not for errors."""
    connected = [edge.handle or "out" for edge in drawing.edges if edge.source == node_id]
    for handle in ("out", "true"):
        if handle in connected:
            return handle
    return next((handle for handle in connected if handle != "error"), "out")


def statuses(state: State) -> dict[str, str]:
    return {place.node_id: state.status(place).value for place in state.plan.places}


def portrait(state: State) -> dict[str, Any]:
    """All that can be asked of a state."""
    reached = [n for n in state.plan.places if state.status(n) in (NodeStatus.READY, NodeStatus.COMPLETED)]
    return {
        "status": statuses(state),
        "ready": state.ready(),
        "finished": state.is_finished,
        "values": state.root.values,
        "inputs": {place.node_id: state.input(place) for place in reached},
        "output": state.output(),
    }


def run_on(state: State, drawing: Drawing, chance: random.Random, steps: int) -> list[Outcome]:
    """Up to `steps` ready nodes answer, in any order; what they said, in the order in which it was recorded."""
    said = []
    while steps and state.ready() and not state.failure:
        outcome = drawing.answers[chance.choice(state.ready()).node_id]
        state.apply(outcome)
        said.append(outcome)
        steps -= 1
    return said


@given(drawings, seeds, st.integers(0, 12))
@settings(max_examples=300, deadline=None)
def test_state_agrees_with_the_reference(drawing: Drawing, chance: random.Random, steps: int) -> None:
    state = State(drawing.plan, {"p": 1}, drawing.trigger)
    said = run_on(state, drawing, chance, steps)
    expected = reference(drawing, {outcome.place.node_id: outcome for outcome in said})
    assert statuses(state) == expected
    assert state.ready() == [place for place in state.plan.places if expected[place.node_id] == "ready"]


@given(drawings, seeds, st.integers(0, 12))
@settings(max_examples=300, deadline=None)
def test_outcomes_may_be_applied_in_any_order_and_again(drawing: Drawing, chance: random.Random, steps: int) -> None:
    state = State(drawing.plan, {"p": 1}, drawing.trigger)
    said = run_on(state, drawing, chance, steps)
    shuffled = chance.sample(said, len(said))
    assert portrait(State(drawing.plan, {"p": 1}, drawing.trigger, shuffled + said)) == portrait(state)


def test_a_crash_at_any_point_changes_nothing() -> None:
    """Thousands of lives of random runs: cut off after every step, with begun nodes lost, and replayed."""
    seed = 20261122
    chance = random.Random(seed)
    for round_number in range(300):
        drawing = random_drawing(chance, chance.randint(1, 25))
        uncut = State(drawing.plan, {}, drawing.trigger)
        said = run_on(uncut, drawing, random.Random(round_number), 1_000)
        life = State(drawing.plan, {}, drawing.trigger)
        recorded: list[Outcome] = []
        while not life.is_finished:
            for place in life.ready():
                life.begin(place)
            life = State(drawing.plan, {}, drawing.trigger, recorded)  # the crash: all that was begun is gone
            recorded += run_on(life, drawing, chance, 1)
        where = f"seed {seed}, round {round_number}"
        assert len(recorded) == len({outcome.place for outcome in recorded}), where
        if not uncut.failure and not life.failure:
            assert {outcome.place for outcome in said} == {outcome.place for outcome in recorded}, where
            assert portrait(life) == portrait(uncut), where


@given(drawings)
@settings(deadline=None)
def test_every_node_is_settled_when_a_run_ends_without_failure(drawing: Drawing) -> None:
    state = State(drawing.plan, {}, drawing.trigger)
    run_on(state, drawing, random.Random(1), 1_000)
    assert state.is_finished
    if not state.failure:
        assert set(statuses(state).values()) <= {"completed", "failed", "skipped"}

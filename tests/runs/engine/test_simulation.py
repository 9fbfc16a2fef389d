"""Thousands of random runs of the pure state machine, with containers, joins and undo steps: cut off and taken up again
after every step, and held against an interpreter that knows neither frames nor queues.

All follows from the seed alone, which every failure names: SEED=… in the environment takes another one.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from runs.engine.frame import SETTLED, NodeStatus
from runs.engine.plan import COMPENSATE, EdgeSpec, Inside, Join, NodeSpec, Place, Plan, compile_plan
from runs.engine.state import THROWN, Opening, Outcome, State

SEED = int(os.environ.get("SEED", "20261127"))
LOOP = frozenset({"item", "index"})


# --- drawings ---


@dataclass
class Nested:
    """A random graph with containers. What its nodes would answer follows from its number and the place."""

    number: int
    calm: bool
    """Nothing fails, and nothing depends on what comes first."""
    nodes: list[NodeSpec] = field(default_factory=list)
    edges: list[EdgeSpec] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._level(random.Random(f"{SEED} {self.number}"), None, 0)

    @property
    def plan(self) -> Plan:
        return compile_plan(self.nodes, self.edges)

    def chance(self, place: Place, what: str = "") -> random.Random:
        return random.Random(f"{SEED} {self.number} {place} {what}")

    def answer(self, place: Place) -> Outcome:
        chance = self.chance(place)
        if not self.calm and chance.random() < 0.06:
            return Outcome(place, {"error": {"node_id": place.node_id}}, self.thrown(place), failed=True)
        return Outcome(place, f"{place.node_id}/{place.iteration}", chance.choice(("out", "out", "true")))

    def thrown(self, place: Place) -> str | None:
        return THROWN if place.iteration or self.plan.has_undo else None

    def opening(self, place: Place, came_in: Any) -> Opening:
        if self.repeats(place):
            return Opening([came_in])
        chance = self.chance(place, "items")
        count = chance.randint(0, 4)
        keep_going = not self.calm and chance.random() < 0.4
        return Opening([f"item {n} of {place}" for n in range(count)], chance.randint(1, 3), keep_going)

    def repeats(self, place: Place) -> bool:
        inside = next(node.inside for node in self.nodes if node.id == place.node_id)
        return inside is not None and inside.repeats

    def passes(self, place: Place) -> int:
        """How often a container that repeats runs."""
        return self.chance(place, "passes").randint(1, 3)

    def caught(self, place: Place) -> str | None:
        """The exit by which a container that has failed is left."""
        return self.chance(place, "caught").choice(("error", "out", self.thrown(place)))

    def _level(self, chance: random.Random, parent: str | None, depth: int) -> None:
        names = [f"n{len(self.nodes) + place}" for place in range(chance.randint(1, 6 if parent is None else 3))]
        for name in names:
            self.nodes.append(self._node(chance, name, parent, depth))
        for place, target in enumerate(names):
            for source in names[:place]:
                if chance.random() < 0.45:
                    self.edges.append(EdgeSpec(source, target, chance.choice((None, None, "true", "error"))))
        for name in names:
            if not self.calm and chance.random() < 0.3:
                self.nodes.append(NodeSpec(f"undo_{name}", parent=parent))
                self.edges.append(EdgeSpec(name, f"undo_{name}", COMPENSATE))
        for name in names:
            if any(node.id == name and node.inside for node in self.nodes):
                self._level(chance, name, depth + 1)

    def _node(self, chance: random.Random, name: str, parent: str | None, depth: int) -> NodeSpec:
        inside = None
        if depth < 3 and chance.random() < 0.25:
            inside = Inside(repeats=chance.random() < 0.4, loop_roots=LOOP)
        join = None
        if not self.calm and chance.random() < 0.2:
            join = Join(chance.randint(1, 2), cancel_rest=chance.random() < 0.7)
        return NodeSpec(name, disabled=chance.random() < 0.08, parent=parent, inside=inside, join=join)


# --- a run of one, in miniature ---


class Life:
    """Does with a state what the engine does, in an order of chance, and keeps what a database would."""

    def __init__(self, drawing: Nested) -> None:
        self.drawing = drawing
        self.chance = random.Random(f"{SEED} {drawing.number} life")
        self.recorded: list[Outcome] = []
        self.openings: dict[Place, Opening] = {}
        self.running: list[Place] = []
        self.begun: list[Place] = []
        self.state = State(drawing.plan, "payload")
        self._settle()

    def step(self) -> None:
        """Something begins, or something ends."""
        ready = self.state.ready()
        if ready and (not self.running or self.chance.random() < 0.6):
            self._begin(self.chance.choice(ready))
        else:
            place = self.running.pop(self.chance.randrange(len(self.running)))
            self._record(self.drawing.answer(place))
        self._settle()

    def crash(self) -> None:
        """Another owner takes up what is on record; what was under way is tried again."""
        self.state = State(self.drawing.plan, "payload", "", self.recorded, self.openings)
        self.running = [place for place in self.running if self.state.begin(place)]
        self._settle()

    def _begin(self, place: Place) -> None:
        self.begun.append(place)
        if any(node.id == place.node_id and node.inside for node in self.drawing.nodes):
            self.openings[place] = self.drawing.opening(place, self.state.input(place))
            self.state.open_container(place, self.openings[place])
        else:
            assert self.state.begin(place)
            self.running.append(place)

    def _record(self, outcome: Outcome) -> None:
        self.recorded.append(outcome)
        self.state.apply(outcome)

    def _settle(self) -> None:
        """What needs no chance: what is to stop stops, and containers say what comes of them."""
        while self.state.failure is None:
            stopping, ended = self.state.take_stopping(), self.state.take_ended()
            if not (stopping or ended):
                return
            for place in stopping:
                self.running = [other for other in self.running if other != place]
                self.state.stopped(place)
            for end in ended:
                if end.error is not None:
                    value = {"error": end.error}
                    self._record(Outcome(end.place, value, self.drawing.caught(end.place), failed=True))
                elif end.last is None:
                    self._record(Outcome(end.place, end.output))
                elif end.last.index + 1 < self.drawing.passes(end.place):
                    self.state.again(end.place)
                else:
                    self._record(Outcome(end.place, end.last.output()))


def portrait(life: Life) -> dict[str, Any]:
    """All that can be asked. Of what was stopped nothing more is told, for how far it had come is not on record."""
    state = life.state
    stopped = (NodeStatus.TERMINATED, NodeStatus.SKIPPED)
    places = {*life.begun, *(outcome.place for outcome in life.recorded), *state.ready(), *state.root.places}
    status = {place: state.status(place) for place in places}
    return {
        "status": {
            place: "stopped" if now in stopped or state.frame_of(place) is None else now.value
            for place, now in status.items()
        },
        "ready": sorted(state.ready()),
        "running": sorted(life.running),
        "inputs": {place: state.input(place) for place in places if status[place] is NodeStatus.READY},
        "progress": {place: state.progress(place) for place in places},
        "finished": (state.is_finished, state.failure),
        "values": state.root.values,
        "output": state.output() if state.is_finished and state.failure is None else None,
    }


@pytest.mark.parametrize("block", range(8))
def test_a_crash_at_any_point_changes_nothing(block: int) -> None:
    for number in range(block * 150, block * 150 + 150):
        where = f"seed {SEED}, drawing {number}"
        life = Life(Nested(number, calm=False))
        for _ in range(2_000):
            if life.state.is_finished:
                break
            before = portrait(life)
            life.crash()
            assert portrait(life) == before, where
            life.step()
        assert life.state.is_finished, f"{where}: it does not come to an end"
        hold_together(life, where)


def hold_together(life: Life, where: str) -> None:
    """What must be true of every run that has ended."""
    recorded = [outcome.place for outcome in life.recorded]
    assert len(recorded) == len(set(recorded)), f"{where}: something was recorded twice"
    assert len(life.begun) == len(set(life.begun)), f"{where}: something was begun twice"
    state = life.state
    if state.failure is None:
        undo = {node.id for node in life.drawing.nodes if node.id.startswith("undo_")}
        outside = [place for place in state.root.places if place.node_id not in undo]
        assert all(state.status(place) in SETTLED for place in outside), where
    undone = [place for place in recorded if place.node_id.startswith("undo_")]
    for place in undone:
        what = Place(place.node_id.removeprefix("undo_"), place.iteration)
        assert recorded.index(what) < recorded.index(place), f"{where}: undone before it was done"
    if state.failure is not None and life.drawing.plan.has_undo:
        all_undone(life, where)


def all_undone(life: Life, where: str) -> None:
    """A run that has failed has nothing left undone that could be, but for what a container's own step stands for."""
    done = {o.place for o in life.recorded if not o.failed}
    steps = {edge.source: edge.target for edge in life.drawing.edges if edge.handle == COMPENSATE}
    parents = {node.id: node.parent for node in life.drawing.nodes}
    for place in done:
        around, is_covered = parents.get(place.node_id), False
        while around is not None:
            is_covered = is_covered or around in steps
            around = parents.get(around)
        if place.node_id in steps and not is_covered:
            undone = Place(steps[place.node_id], place.iteration)
            assert life.state.status(undone) in SETTLED, f"{where}: {place} was not undone"


# --- the interpreter ---


class Interpreter:
    """What a calm run comes to, by walking through it in the order of the edges. Written for being right."""

    def __init__(self, drawing: Nested) -> None:
        self.drawing = drawing
        self.status: dict[Place, str] = {}

    def level(self, parent: str | None, iteration: str, payload: Any) -> Any:
        values: dict[str, Any] = {}
        exits: dict[str, str | None] = {}
        led_on = set()
        nodes = [node for node in self.drawing.nodes if node.parent == parent]
        for node in nodes:  # sources precede their targets in these drawings
            edges = [edge for edge in self.drawing.edges if edge.target == node.id]
            taken = [edge for edge in edges if exits.get(edge.source) == (edge.handle or "out")]
            led_on |= {edge.source for edge in taken}
            place = Place(node.id, iteration)
            if edges and not taken:
                self.status[place], exits[node.id] = "skipped", None
                continue
            came_in = list(dict.fromkeys(edge.source for edge in taken))
            value = (
                payload if not came_in else values[came_in[0]] if len(came_in) == 1 else [values[s] for s in came_in]
            )
            self.status[place] = "completed"
            values[node.id], exits[node.id] = self.node(node, place, value)
        ends = [node.id for node in nodes if node.id in values and node.id not in led_on]
        return values[ends[0]] if len(ends) == 1 else {name: values[name] for name in ends}

    def node(self, node: NodeSpec, place: Place, came_in: Any) -> tuple[Any, str]:
        if node.disabled:
            connected = [e.handle or "out" for e in self.drawing.edges if e.source == node.id]
            way = [handle for handle in ("out", "true", *connected) if handle in connected and handle != "error"]
            return came_in, way[0] if way else "out"
        if node.inside is None:
            answer = self.drawing.answer(place)
            return answer.value, answer.handle or ""
        within = f"{place.iteration}." if place.iteration else ""
        if node.inside.repeats:
            for number in range(self.drawing.passes(place)):
                came_in = self.level(node.id, f"{within}{number}", came_in)
            return came_in, "out"
        items = self.drawing.opening(place, came_in).items
        return [self.level(node.id, f"{within}{number}", item) for number, item in enumerate(items)], "out"


def test_calm_runs_come_to_what_the_interpreter_says() -> None:
    for number in range(1_500):
        where = f"seed {SEED}, drawing {number}"
        drawing = Nested(number, calm=True)
        life = Life(drawing)
        while not life.state.is_finished:
            life.step()
        interpreter = Interpreter(drawing)
        assert life.state.output() == interpreter.level(None, "", "payload"), where
        for place, status in interpreter.status.items():
            assert life.state.status(place) == status, f"{where}: {place}"
        said = {place for place, status in interpreter.status.items() if status == "completed"}
        disabled = {node.id for node in drawing.nodes if node.disabled}
        assert {o.place for o in life.recorded} == {p for p in said if p.node_id not in disabled}, where


def test_the_drawings_hold_what_they_are_to_try() -> None:
    """A simulation of graphs that have nothing in them would always be green."""
    drawings = [Nested(number, calm=False) for number in range(300)]
    lives = [Life(drawing) for drawing in drawings]
    for life in lives:
        while not life.state.is_finished:
            life.step()
    recorded = [outcome for life in lives for outcome in life.recorded]
    assert sum(outcome.place.node_id.startswith("undo_") for outcome in recorded) > 30
    assert sum(outcome.failed for outcome in recorded) > 100
    assert sum(outcome.place.iteration.count(".") >= 1 for outcome in recorded) > 100
    assert sum(any(node.join for node in drawing.nodes) for drawing in drawings) > 50
    assert sum(life.state.failure is not None for life in lives) > 30

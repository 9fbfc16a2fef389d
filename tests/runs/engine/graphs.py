"""Graphs for the tests of plan and state: written in one line, or made by Hypothesis."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from runs.engine.plan import EdgeSpec, NodeSpec, Place, Plan, compile_plan
from runs.engine.state import Outcome, State


def plan_of(drawing: str, triggers: str = "", disabled: str = "") -> Plan:
    """`a>b a>c b.error>d`: nodes in order of their appearance."""
    ids: list[str] = []
    edges: list[EdgeSpec] = []
    for word in drawing.split():
        source, arrow, target = word.partition(">")
        source, _, handle = source.partition(".")
        ids += [name for name in (source, target) if name and name not in ids]
        if arrow:
            edges.append(EdgeSpec(source, target, handle or None))
    nodes = [NodeSpec(name, is_trigger=name in triggers.split(), disabled=name in disabled.split()) for name in ids]
    return compile_plan(nodes, edges)


def done(node_id: str, value: Any = None, handle: str | None = "out", *, failed: bool = False) -> Outcome:
    """How a node outside containers ended."""
    return Outcome(Place(node_id), value, handle, failed)


def ready(state: State) -> list[str]:
    """What can start, outside containers."""
    return [place.node_id for place in state.ready() if not place.iteration]


@dataclass(frozen=True)
class Drawing:
    """A random acyclic graph with what each node would answer when it is run."""

    nodes: tuple[NodeSpec, ...]
    edges: tuple[EdgeSpec, ...]
    answers: dict[str, Outcome]
    trigger: str

    @property
    def plan(self) -> Plan:
        return compile_plan(self.nodes, self.edges)


_HANDLES = ("out", "true", "error")


def random_drawing(chance: random.Random, size: int) -> Drawing:
    """Edges lead from earlier to later nodes in a shuffled document, so that numbers and order do not agree."""
    names = [f"n{place}" for place in range(size)]
    document = chance.sample(names, size)
    triggers = {name for name in names[:3] if chance.random() < 0.4}
    nodes = tuple(NodeSpec(n, is_trigger=n in triggers, disabled=chance.random() < 0.15) for n in document)
    edges = tuple(
        EdgeSpec(source, target, chance.choice((None, *_HANDLES)))
        for place, target in enumerate(names)
        if target not in triggers
        for source in names[:place]
        if chance.random() < 2.5 / size
    )
    fired = chance.choice(sorted(triggers)) if triggers else ""
    return Drawing(nodes, edges, {name: _answer(chance, name) for name in names}, fired)


def _answer(chance: random.Random, name: str) -> Outcome:
    draw = chance.random()
    if draw < 0.03:
        return done(name, {"error": {"node_id": name}}, handle=None, failed=True)
    value: Any = {name: chance.randrange(9)} if draw < 0.7 else chance.randrange(9)
    return done(name, value, chance.choice(("out", "out", "true", "error")))


# A seed each: drawing every choice through Hypothesis takes a hundred times as long.
seeds = st.integers(0, 2**32).map(random.Random)
drawings = st.builds(random_drawing, seeds, st.integers(1, 12))

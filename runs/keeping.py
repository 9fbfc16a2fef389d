"""Which outcomes of a run a new one takes over that begins in the middle of it. Pure: a plan, logs and places.

What begins again takes along all that follows from it, and a container in which something begins again is opened
again: its other passes keep what they gave. A container that is kept as a whole takes along all that was done in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from runs.engine.frame import SETTLED
from runs.engine.plan import Part, Place, Plan
from runs.engine.state import THROWN, Opening, Outcome, State
from runs.models import Log
from runs.story import outcome_of_log, place_of
from workflows.nodes.stop import StopRun


@dataclass(slots=True)
class Kept:
    """Logs in the order in which the new run is told of them."""

    settled: list[Log] = field(default_factory=list)
    reopened: list[Log] = field(default_factory=list)


def kept(
    plan: Plan, logs: Iterable[Log], begin_at: Collection[Place], payload: Any, trigger: str, part: Part | None
) -> Kept:
    """Whatever the state cannot place without what begins again is not kept: a later pass of a loop in which one
    pass comes after the other."""
    walk = _Walk(plan, logs, begin_at, part.given if part else frozenset())
    candidates = list(walk.level(plan, ""))
    openings = {place_of(log): Opening(**log.passes) for log in walk.reopened}
    state = State(plan, payload, trigger, (), openings, part)
    chosen = Kept(reopened=walk.reopened)
    for log, outcome in candidates:
        state.apply(outcome)
        is_given = part is not None and log.node_id in part.given
        if is_given or state.status(outcome.place) in SETTLED:
            chosen.settled.append(log)
    whole = {place_of(log) for log in chosen.settled if log.passes is not None}
    chosen.settled += walk.within(plan, whole)
    chosen.settled.sort(key=lambda log: log.seq)
    return chosen


class _Walk:
    """Goes through the passes of a run, from the outermost inwards. What is `given` never runs."""

    def __init__(self, plan: Plan, logs: Iterable[Log], begin_at: Collection[Place], given: frozenset[str]) -> None:
        self._last = {place_of(log): log for log in sorted(logs, key=lambda log: log.attempt)}
        self._given = given
        self._anew = set(begin_at)
        self._touched: dict[Place, set[int]] = {}
        """Container to be opened again → its passes in which something begins again."""
        self.reopened: list[Log] = []
        for place in begin_at:
            for container, number in _around(plan, place):
                self._touched.setdefault(container, set()).add(number)
        for place in self._last:
            undone = self._undone(plan, place)
            if undone is not None:
                self._anew.add(undone)

    def level(self, plan: Plan, iteration: str, *, keeps_thrown: bool = False) -> Iterator[tuple[Log, Outcome]]:
        places = [Place(node_id, iteration) for node_id in plan.ids]
        given = {plan.number[node_id] for node_id in self._given & plan.number.keys()}
        opened = {node for node, place in enumerate(places) if self._may_open(place)}
        again = {node for node, place in enumerate(places) if place in self._anew} - opened - given
        left = set(range(len(places))) - again - _behind(plan, again | opened, given) - plan.undoes.keys()
        logs = [self._last[places[node]] for node in left - opened if places[node] in self._last]
        for log in sorted(logs, key=lambda log: log.seq):
            outcome = outcome_of_log(log)
            is_end = plan.kinds[plan.number[log.node_id]] == StopRun.kind
            if outcome and not is_end and (keeps_thrown or log.handle != THROWN):
                yield log, outcome
        for node in sorted(left & opened):
            yield from self._passes(plan.inside[node], places[node])

    def within(self, plan: Plan, containers: Collection[Place]) -> list[Log]:
        """What was done in these containers."""
        done = [(place, log) for place, log in self._last.items() if log.status != Log.Status.STARTED]
        return [log for place, log in done if any(around in containers for around, _ in _around(plan, place))]

    def _may_open(self, place: Place) -> bool:
        log = self._last.get(place)
        return place in self._touched and place not in self._anew and log is not None and log.passes is not None

    def _passes(self, inside: Plan, container: Place) -> Iterator[tuple[Log, Outcome]]:
        log, touched = self._last[container], self._touched[container]
        opening = Opening(**log.passes)
        self.reopened.append(log)
        is_row = inside.around.repeats or opening.at_once == 1
        for number in range(min(touched) + 1 if is_row else len(opening.items)):
            keeps_thrown = opening.keep_going and number not in touched
            yield from self.level(inside, _below(container, number), keeps_thrown=keeps_thrown)

    def _undone(self, plan: Plan, place: Place) -> Place | None:
        """What the step at this place has undone: it has to be done again. In a container that is not opened again,
        that is the container."""
        level = _level_of(plan, place)
        step = level.number[place.node_id]
        if step not in level.undoes:
            return None
        for container, _ in _around(plan, place):
            if container not in self._touched:
                return container
        return Place(level.ids[level.undoes[step]], place.iteration)


def _around(plan: Plan, place: Place) -> list[tuple[Place, int]]:
    """The containers around a place, outermost first, each with the number of its pass. What is drawn as one node
    lies in itself."""
    numbers = place.iteration.split(".") if place.iteration else []
    chain = (*plan.chains.get(place.node_id, ()), place.node_id)
    return [(Place(chain[depth], ".".join(numbers[:depth])), int(number)) for depth, number in enumerate(numbers)]


def _level_of(plan: Plan, place: Place) -> Plan:
    for container, _ in _around(plan, place):
        plan = plan.inside[plan.number[container.node_id]]
    return plan


def _below(container: Place, number: int) -> str:
    return f"{container.iteration}.{number}" if container.iteration else str(number)


def _behind(plan: Plan, nodes: Collection[int], given: Collection[int]) -> set[int]:
    """All that an edge leads to from these, near or far, but for what is given and what lies behind that alone."""
    found: set[int] = set()
    work = list(nodes)
    while work:
        new = {plan.targets[edge] for edge in plan.outgoing[work.pop()]} - found - set(given)
        found |= new
        work += new
    return found

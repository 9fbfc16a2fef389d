"""Failures that call for something to be undone first: which undo step is next, and when the failure may go on.

A failure takes the passes in which it happened with it: everything in them stops. When it has stopped, the
undo steps of what was completed there run one at a time, the latest first; then the failure goes on. A step runs
once: a failure further out finds only those that have not run yet. If a step fails, the next one runs all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runs.engine.frame import Frame
from runs.engine.plan import Place


@dataclass(frozen=True, slots=True, eq=False)
class Failing:
    """Passes that end in a failure. With a `container` it is the whole container that fails. One that `leads_nowhere`
    was cut off from what is around it; what was done there is undone all the same."""

    frames: frozenset[Frame]
    value: Any
    container: Place | None = None
    leads_nowhere: bool = False


@dataclass(frozen=True, slots=True)
class UndoStep:
    frame: Frame
    node: int


class Undoing:
    def __init__(self) -> None:
        self._steps: list[UndoStep] = []
        """In the order in which what they undo was completed."""
        self._failing: list[Failing] = []
        self._running: set[UndoStep] = set()
        self._unrested: dict[Place, Frame] = {}
        """What was told to stop, and may still be at work."""
        self._at_work: defaultdict[Frame, int] = defaultdict(int)
        """How much of these two there is in a pass and in all that lies in it."""

    @property
    def is_busy(self) -> bool:
        return bool(self._failing)

    def remember(self, frame: Frame, node: int, inside: Sequence[Frame]) -> None:
        """The node is completed; of a container `inside` holds the passes. Its own undo step stands for theirs."""
        step = frame.plan.undo.get(node)
        if step is None:
            return
        if inside:
            self._steps = [other for other in self._steps if not _lies_in(other.frame, inside)]
        self._steps.append(UndoStep(frame, step))

    def told_to_stop(self, place: Place, frame: Frame) -> None:
        if place not in self._unrested:
            self._unrested[place] = frame
            self._count(frame, 1)

    def rested(self, place: Place) -> None:
        frame = self._unrested.pop(place, None)
        if frame is not None:
            self._count(frame, -1)

    def undone(self, frame: Frame, node: int) -> None:
        step = UndoStep(frame, node)
        if step in self._running:
            self._running.remove(step)
            self._count(frame, -1)

    def _count(self, frame: Frame, change: int) -> None:
        for each in _outwards(frame):
            self._at_work[each] += change
            if not self._at_work[each]:
                del self._at_work[each]

    def fail(self, failing: Failing) -> None:
        self._failing.append(failing)

    def give_up(self, frames: Collection[Frame]) -> None:
        """Failures in these passes are part of one around them, which undoes what they have not."""
        self._failing = [failing for failing in self._failing if not _is_within(failing, frames)]

    def cut_off(self, frames: Collection[Frame]) -> None:
        """Something around these passes was stopped."""
        self._failing = [
            replace(failing, leads_nowhere=True) if _is_within(failing, frames) else failing
            for failing in self._failing
        ]

    def due(self) -> UndoStep | Failing | None:
        """The next step to run, or a failure with nothing left to undo."""
        for failing in self._failing:
            if not self._at_work.keys().isdisjoint(failing.frames):
                continue
            step = self._take_step(failing)
            if step is None:
                self._failing.remove(failing)
                return failing
            self._running.add(step)
            self._count(step.frame, 1)
            return step
        return None

    def _take_step(self, failing: Failing) -> UndoStep | None:
        for place in reversed(range(len(self._steps))):
            if _lies_in(self._steps[place].frame, failing.frames):
                return self._steps.pop(place)
        return None


def _is_within(failing: Failing, frames: Collection[Frame]) -> bool:
    return any(_lies_in(frame, frames) for frame in failing.frames)


def _lies_in(frame: Frame, frames: Collection[Frame]) -> bool:
    return any(each in frames for each in _outwards(frame))


def _outwards(frame: Frame | None) -> Iterator[Frame]:
    """The pass and those in which it lies."""
    while frame is not None:
        yield frame
        frame = frame.around

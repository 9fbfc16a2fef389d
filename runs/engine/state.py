"""Where one run stands: a pure function of its plan and of the outcomes so far.

Owner, sweeper, stream and tests ask the same object what is ready, skipped or finished. It holds a frame for
every pass through a level of the plan (frame.py) and knows what spans them: containers, failures that leave
them, and what such a failure undoes first (undoing.py). Outcomes are applied in the order in which they were
recorded, and change nothing when applied again; that is what makes replay after a crash safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.engine.frame import SETTLED, Frame, NodeStatus
from runs.engine.plan import OUT, Fixed, Part, Place, Plan
from runs.engine.undoing import Failing, Undoing, UndoStep

THROWN = "thrown"
"""The exit of a failure that its node does not handle, and that does not end the run there and then: it goes to
the container around the node, or the run first undoes what was done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a node ended. `handle` is the exit that it took; None is a failure that ends the run."""

    place: Place
    value: Any = None
    handle: str | None = OUT
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """Variables that the run was told from outside."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a container is opened with: once for each item, in order, `at_once` of them at the same time. With
    `keep_going` a pass that fails does not end the others; its result is the failure."""

    items: Sequence[Any]
    at_once: int = 1
    keep_going: bool = False


@dataclass(slots=True, eq=False)
class Opened:
    """A container at work. `frame` is where it lies, `frames` are its passes, as far as they were begun."""

    place: Place
    frame: Frame
    items: list[Any]
    at_once: int
    keep_going: bool
    repeats: bool
    only: int | None = None
    """Of a container that this run goes through once: in which pass."""
    frames: list[Frame] = field(default_factory=list)
    results: dict[int, Any] = field(default_factory=dict)

    @property
    def may_begin(self) -> bool:
        begun = len(self.frames)
        return begun < len(self.items) and begun - len(self.results) < self.at_once


@dataclass(frozen=True, slots=True)
class Ended:
    """The passes of a container are over, or one has failed it: what comes of it is for its node to say."""

    place: Place
    last: Frame | None = None
    """Of a container that repeats, and may do so again."""
    output: Any = None
    """Of a container that may repeat, the results of its passes so far, in a view."""
    error: Mapping[str, Any] | None = None


class State:
    __slots__ = (
        "_containers",
        "_ended",
        "_frames",
        "_part",
        "_recorded",
        "_stirred",
        "_stopping",
        "_undoing",
        "failure",
        "open",
        "plan",
        "root",
        "variables",
    )

    def __init__(
        self,
        plan: Plan,
        payload: Any,
        trigger: str = "",
        history: Iterable[Outcome | Assignment] = (),
        recorded: Mapping[Place, Opening] | None = None,
        part: Part | None = None,
    ) -> None:
        """`recorded` is what containers were opened with: when they are reached, they open with the same again.
        With a `part`, what it takes for given is settled by its outcomes alone, whatever leads there."""
        self.variables: Mapping[str, Any] = {}
        """Replaced when one is set, never changed: whoever reads them goes on seeing what there was."""
        self.plan = plan
        self.root = Frame(plan, payload, trigger, part)
        self.open: set[Place] = set()
        self.failure: Any = None
        """The value of the failure that has ended the run, `{"error": …}`."""
        self._frames: dict[tuple[str, str], Frame] = {}
        self._containers: dict[Place, Opened] = {}
        self._recorded = dict(recorded or {})
        self._part = part
        self._stirred: dict[Frame, None] = {}
        """Frames in which something is ready."""
        self._ended: list[Ended] = []
        self._stopping: list[Place] = []
        self._undoing = Undoing()
        self._stir(self.root)
        for each in history:
            if isinstance(each, Assignment):
                self.assign(each.values)
            else:
                self.apply(each)

    # --- questions ---

    def ready(self) -> list[Place]:
        """Where something can start now, in the order of the document. Asking changes nothing."""
        return [frame.places[node] for frame in self._stirred for node in sorted(frame.ready)]

    def status(self, place: Place) -> NodeStatus:
        frame = self.frame_of(place)
        return NodeStatus.PENDING if frame is None else frame.status[frame.plan.number[place.node_id]]

    @property
    def is_finished(self) -> bool:
        """Nothing is to be started and nothing is under way, or a failure that nothing handles ended it."""
        return self.failure is not None or (self.root.is_quiet and not self._undoing.is_busy)

    def inputs(self, place: Place) -> dict[str, Any]:
        """What came in, by source, over the edges that were taken and in their order."""
        frame = self.frame_of(place)
        return {} if frame is None else frame.inputs(frame.plan.number[place.node_id])

    def input(self, place: Place) -> Any:
        """The same merged (Frame.merged)."""
        frame = self.frame_of(place)
        return None if frame is None else frame.merged(self.inputs(place))

    def output(self) -> Any:
        """The run's result."""
        return self.root.output()

    def frame_of(self, place: Place) -> Frame | None:
        """The pass in which the place lies; None while it has not begun."""
        return self._frames.get(self._container_of(place)) if place.iteration else self.root

    def progress(self, place: Place) -> tuple[int, int] | None:
        """Of an open container: how many passes are over, and how many there will be as far as is known."""
        opened = self._containers.get(place)
        return None if opened is None else (len(opened.results), len(opened.items))

    def payloads(self, place: Place) -> dict[int, Any]:
        """Of a container: what its passes began with, as far as they were begun."""
        return {frame.index: frame.payload for frame in self._frames.values() if frame.container == place}

    def ends_the_run(self, place: Place) -> bool:
        """Whether a failure at the place that its node does not handle is the end, there and then."""
        return not (place.iteration or self.plan.has_undo)

    def _container_of(self, place: Place) -> tuple[str, str]:
        """Which container the place lies in, and in which of its passes. What is drawn as one node lies in itself."""
        depth = place.iteration.count(".")
        chain = self.plan.chains.get(place.node_id, ())
        return (chain[depth] if depth < len(chain) else place.node_id), place.iteration

    # --- changes ---

    def begin(self, place: Place) -> bool:
        """The node is under way: it is no longer ready, and the run is not finished before it settles. False when
        it is settled or stopped already."""
        frame = self._reached(place)
        if frame is None:
            return False
        node = frame.plan.number[place.node_id]
        if frame.status[node] in SETTLED:
            return False
        frame.begin(node)
        self.open.add(place)
        self._stir(frame)
        return True

    def apply(self, outcome: Outcome) -> None:
        """Settles a node and its edges. The first outcome of a place counts; a second one changes nothing."""
        place = outcome.place
        frame = self._reached(place)
        if frame is None:
            return
        node = frame.plan.number[place.node_id]
        if frame.status[node] in SETTLED:
            return
        if self._part and frame is self.root and place.node_id in self._part.given:
            frame.fix(node, Fixed(outcome.value, outcome.handle or OUT))
            self._follow(frame)
            return
        self.open.discard(place)
        opened = self._close_container(place)
        is_thrown = outcome.failed and outcome.handle in (None, THROWN)
        frame.settle(node, outcome.value, None if is_thrown else outcome.handle, failed=outcome.failed)
        if node in frame.plan.assigns and not outcome.failed:
            self.assign(outcome.value)
        if node in frame.plan.undoes:
            self._undoing.undone(frame, node)
        elif is_thrown:
            self._throw(frame, outcome)
        elif not outcome.failed and frame.plan.undo:
            self._undoing.remember(frame, node, opened.frames if opened else ())
        self._follow(frame)

    def assign(self, values: Mapping[str, Any]) -> None:
        """Variables of the run: the last one to set a name counts."""
        self.variables = {**self.variables, **values}

    def open_container(self, place: Place, opening: Opening) -> None:
        """Its passes begin, as many as may run at once."""
        frame = self._reached(place)
        if frame is None or not self.begin(place):
            return
        repeats = frame.plan.inside[frame.plan.number[place.node_id]].around.repeats
        items, only = list(opening.items), self._part.passes.get(place.node_id) if self._part else None
        if only is not None and not repeats:
            items = items[only : only + 1]
        opened = Opened(place, frame, items, opening.at_once, opening.keep_going, repeats, only)
        self._containers[place] = opened
        self._go_on(opened)

    def record(self, openings: Mapping[Place, Opening]) -> None:
        """More of what containers were opened with: those that are reached open now, the others when they are."""
        self._recorded.update(openings)
        for place in openings:
            frame = self.frame_of(place)
            if frame is not None:
                self._stir(frame)

    def again(self, place: Place) -> None:
        """Another pass of a container that repeats; it begins with what the last one gave."""
        opened = self._containers.get(place)
        if opened is not None:
            opened.items.append(opened.results[len(opened.results) - 1])
            self._go_on(opened)

    def fail_container(self, place: Place, value: Any) -> None:
        """It fails as a whole, whatever happens inside: `value` is `{"error": …}`."""
        opened = self._containers.get(place)
        if opened is not None:
            self._fail(Failing(frozenset(opened.frames), value, place))

    def take_ended(self) -> list[Ended]:
        """The containers whose nodes are to say what comes of them; each is told once."""
        ended, self._ended = self._ended, []
        return ended

    def take_stopping(self) -> list[Place]:
        """What is under way and has to stop; each is told once, and answered by `stopped`."""
        stopping, self._stopping = self._stopping, []
        return stopping

    def stopped(self, place: Place) -> None:
        """It does nothing any more, so that what was done can be undone."""
        self._undoing.rested(place)
        self._undo_what_is_due()

    # --- passes ---

    def _reached(self, place: Place) -> Frame | None:
        """The frame of a place about which there is a record. A pass of a repeating container that has one was
        begun, whatever the container's node would say today."""
        frame = self.frame_of(place)
        if frame is not None or not place.iteration:
            return frame
        container_id, iteration = self._container_of(place)
        container = Place(container_id, iteration.rpartition(".")[0])
        self._reached(container)
        opened = self._containers.get(container)
        if opened is not None and opened.repeats and len(opened.results) == len(opened.frames):
            self._ended = [ended for ended in self._ended if ended.place != container]
            self.again(container)
        return self.frame_of(place)

    def _go_on(self, opened: Opened) -> None:
        """Begins what passes may begin; when all are over the container is."""
        while opened.may_begin:
            number = len(opened.frames)
            index = number + (opened.only or 0)
            frame = Frame.inside(opened.frame, opened.place, index, opened.items[number], self._part)
            opened.frames.append(frame)
            self._frames[opened.place.node_id, frame.iteration] = frame
            self._stir(frame)
            if frame.is_quiet:
                self._note(opened, frame, frame.output())
        if len(opened.results) == len(opened.items):
            self._ended.append(_ended(opened))

    def _close_container(self, place: Place) -> Opened | None:
        """None for a node that is no open container. Nothing more is to be said of it."""
        opened = self._containers.pop(place, None)
        if opened is not None:
            self._ended = [ended for ended in self._ended if ended.place != place]
        return opened

    def _note(self, opened: Opened, frame: Frame, result: Any) -> None:
        frame.is_over = True
        opened.results[frame.index - (opened.only or 0)] = result

    def _end_pass(self, frame: Frame, result: Any) -> None:
        opened = self._containers.get(frame.container) if frame.container else None
        if opened is not None:
            self._note(opened, frame, result)
            self._go_on(opened)

    def _follow(self, frame: Frame) -> None:
        """What comes of a change in a pass."""
        self._stir(frame)
        if frame.container is not None and frame.is_quiet and not frame.is_over:
            self._end_pass(frame, frame.output())
        self._undo_what_is_due()

    def _stir(self, frame: Frame) -> None:
        """Sees to what became ready or was cut off in a pass."""
        if frame.cut:
            cut, frame.cut = frame.cut, []
            self._stop(frame, cut)
        if self._recorded and frame.plan.inside:
            for node in sorted(frame.ready):
                place = frame.places[node]
                if node in frame.ready and place in self._recorded:  # opening one may open others
                    self.open_container(place, self._recorded[place])
        if frame.ready:
            self._stirred[frame] = None
        else:
            self._stirred.pop(frame, None)

    # --- failures ---

    def _throw(self, frame: Frame, outcome: Outcome) -> None:
        """A failure that its node does not handle: which passes it takes with it."""
        if frame.container is None:
            if outcome.handle is None:
                self.failure = self.failure or outcome.value
            else:
                self._fail(Failing(frozenset((frame,)), outcome.value))
            return
        opened = self._containers[frame.container]
        if opened.keep_going:
            self._fail(Failing(frozenset((frame,)), outcome.value))
        else:
            self._fail(Failing(frozenset(opened.frames), outcome.value, opened.place))

    def _fail(self, failing: Failing) -> None:
        self._undoing.give_up(failing.frames)
        self._halt(failing.frames)
        self._undoing.fail(failing)
        self._undo_what_is_due()

    def _halt(self, frames: Iterable[Frame]) -> None:
        """Nothing in these passes goes on, but for undo steps that are at work."""
        passes = sorted(frames, key=lambda frame: frame.index)
        self._undoing.cut_off(passes)
        for frame in passes:
            frame.is_over = True
            undo = frame.plan.undoes
            self._stop(frame, frame.stop(node for node in range(len(frame.plan.ids)) if node not in undo))
            self._stir(frame)

    def _stop(self, frame: Frame, nodes: Iterable[int]) -> None:
        for place in [frame.places[node] for node in nodes]:
            self.open.discard(place)
            self._stopping.append(place)
            opened = self._close_container(place)
            if opened is not None:
                self._halt(opened.frames)
            else:
                self._undoing.told_to_stop(place, frame)

    def _undo_what_is_due(self) -> None:
        while self._undoing.is_busy and (due := self._undoing.due()) is not None:
            if isinstance(due, UndoStep):
                due.frame.undo(due.node)
                self._stir(due.frame)
            else:
                self._settle(due)

    def _settle(self, failing: Failing) -> None:
        """Everything that had to be undone is: the failure goes on."""
        if failing.leads_nowhere:
            return
        if failing.container is not None:
            self._ended.append(Ended(failing.container, error=failing.value["error"]))
            return
        (frame,) = failing.frames
        if frame is self.root:
            self.failure = failing.value
        else:
            self._end_pass(frame, failing.value)


def _ended(opened: Opened) -> Ended:
    if not opened.repeats:
        return Ended(opened.place, output=[opened.results[number] for number in range(len(opened.items))])
    if opened.only is not None:
        return Ended(opened.place, output=opened.results[0])
    return Ended(opened.place, opened.frames[-1], opened.results.values())  # no copy: it would be made in every pass

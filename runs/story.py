"""What the logs of a run add up to: how its nodes stand, what came into them, its variables.

Inputs and skipped nodes are not stored: they follow from the drawing and the recorded outcomes, and the engine's own
pure state tells them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from operator import itemgetter
from typing import Any

from runs.engine.claimed import error_value, part_of
from runs.engine.compiled import UNKNOWN, node_spec
from runs.engine.frame import NodeStatus
from runs.engine.plan import BrokenPlan, EdgeSpec, Place, Plan, compile_plan
from runs.engine.state import Assignment, Opening, Outcome, State
from runs.models import Event, Log, Run, Wait
from workflows.document import Document, read_document
from workflows.expressions import Scope
from workflows.models import Version
from workflows.nodes.registry import REGISTRY
from workflows.records import duration_ms

_SHOWN = {
    NodeStatus.COMPLETED: "completed",
    NodeStatus.FAILED: "failed",
    NodeStatus.SKIPPED: "skipped",
}


@dataclass(frozen=True)
class Drawing:
    """An immutable version, read once. `plan` is None for one that cannot be run."""

    document: Document
    plan: Plan | None


@lru_cache(maxsize=128)
def drawing_of(version_id: str) -> Drawing:
    """Only for versions that runs name: snapshots and published ones never change."""
    document = read_document(Version(pk=version_id))
    return Drawing(document, plan_of(document))


def plan_of(document: Document) -> Plan | None:
    """None for a drawing that cannot be run."""
    nodes = []
    for node in document["nodes"]:
        kind = REGISTRY.get(node["data"]["componentId"]) or UNKNOWN
        nodes.append(node_spec(node["id"], kind, node["data"], node.get("parentId")))
    edges = [EdgeSpec(edge["source"], edge["target"], edge.get("sourceHandle")) for edge in document["edges"]]
    try:
        return compile_plan(nodes, edges)
    except BrokenPlan:
        return None


def state_of(run: Run, logs: Iterable[Log]) -> State | None:
    """Where the run stands by these logs; None for a drawing that cannot be run."""
    return Story(run, logs).state


def readable_at(run: Run, logs: Sequence[Log]) -> Callable[[Log], Scope]:
    """What expressions can read where an attempt of the run was made; of variables, what they are now."""
    return Story(run, logs).scope


class Story:
    """What the logs of one run add up to. It can be told more as the run goes on: what that costs depends on what
    is new and on how many nodes are drawn, not on all that there was."""

    def __init__(self, run: Run, logs: Iterable[Log] = ()) -> None:
        self.drawing = drawing_of(run.version_id)
        self._run = run
        self._part = part_of(run.partial) if run.partial else None
        self._attempts: dict[Place, list[Log]] = {}
        self._waiting: set[Place] = set()
        self._changed: set[Place] = set()
        self._outside: dict[Place, None] = {}
        self._loops: dict[str, _Iterations] = {}
        self.state = self._at_first(self.drawing.plan)
        self.take(run, logs, assignments(run))

    def _at_first(self, plan: Plan | None) -> State | None:
        if plan is None:
            return None
        try:
            return State(plan, self._run.trigger_payload, self._run.trigger_node, part=self._part)
        except BrokenPlan:  # its trigger is not in the drawing
            return None

    def take(self, run: Run, logs: Iterable[Log], assigned: Iterable[tuple[float, Assignment]] = ()) -> None:
        """The run's row as it is now, and the logs that changed since it was told last."""
        self._run = run
        changed = list(logs)
        for log in changed:
            self._put(log)
        if self.state is None:
            return
        last = [log for log in changed if log is self._attempts[place_of(log)][-1]]
        history: list[tuple[float, Outcome | Assignment]] = [
            (log.seq, outcome) for log in last if (outcome := outcome_of_log(log))
        ]
        self.state.record({place_of(log): Opening(**log.passes) for log in last if log.passes})
        for _, each in sorted([*history, *assigned], key=itemgetter(0)):
            if isinstance(each, Assignment):
                self.state.assign(each.values)
            else:
                self.state.apply(each)

    def _put(self, log: Log) -> None:
        place = place_of(log)
        attempts = self._attempts.setdefault(place, [])
        attempts[:] = sorted([*(each for each in attempts if each.attempt != log.attempt), log], key=_by_attempt)
        self._changed.add(place)
        if not place.iteration:
            self._outside[place] = None

    def variables(self) -> dict[str, Any]:
        return dict(self.state.variables) if self.state else {}

    def scope(self, log: Log) -> Scope:
        if self.state is None:
            return Scope({})
        run, workflow = self._run, self._run.workflow
        roots = {
            "trigger": run.trigger_payload,
            "run": {"id": run.id, "correlation_id": run.correlation_id},
            "workflow": {"id": workflow.id, "key": workflow.key, "name": workflow.name},
            "vars": self.state.variables,
        }
        frame = self.state.frame_of(place_of(log)) or self.state.root
        return Scope({**roots, **frame.loop}, frame.known)

    def log_record(self, log: Log) -> dict[str, Any]:
        return {
            "id": log.id,
            "execution_id": log.run_id,
            "node_id": log.node_id,
            "component_id": log.kind,
            "iteration": log.iteration,
            "attempt": log.attempt,
            "status": log.status,
            "handle": log.handle,
            "input": self.state.input(place_of(log)) if self.state else None,
            "output": log.output,
            "error": log.error,
            "messages": log.messages or [],
            "progress": log.progress,
            "created_at": log.started_at,
            "started_at": log.started_at,
            "completed_at": log.completed_at,
            "duration_ms": duration_ms(log.started_at, log.completed_at),
        }

    def node_states(self) -> dict[str, Any]:
        """By node; of a node in containers, what its iterations add up to."""
        before, self._waiting = self._waiting, self._places_that_wait()
        for place in self._changed | (before ^ self._waiting):
            if place.iteration and not self._is_left_out(place):
                self._count(place)
        self._changed.clear()
        outside = self.state.plan.places if self.state else ()
        states: dict[str, Any] = {}
        for place in dict.fromkeys((*outside, *self._outside)):
            attempts = self._attempts.get(place, [])
            status = self._status(place, attempts)
            if status is not None and not self._is_left_out(place):
                states[place.node_id] = self._state_of(place, status, attempts)
        states |= {node_id: each.state() for node_id, each in self._loops.items()}
        fixed = self._part.fixed if self._part else ()
        return states | {node_id: {**_node_state("completed", None, None, 0), "is_given": True} for node_id in fixed}

    def _count(self, place: Place) -> None:
        attempts = self._attempts[place]
        status = self._status(place, attempts)
        if status is not None:
            self._loops.setdefault(place.node_id, _Iterations()).count(place, status, attempts)

    def _state_of(self, place: Place, status: str, attempts: Sequence[Log]) -> dict[str, Any]:
        first, last = (attempts[0], attempts[-1]) if attempts else (None, None)
        is_given = self._part is not None and place.node_id in self._part.given
        return {**_node_state(status, first, last, len(attempts)), "is_given": is_given, "passes": self._passes(place)}

    def _passes(self, place: Place) -> dict[str, int] | None:
        """How far a container has come."""
        attempts = self._attempts.get(place)
        if not attempts or attempts[-1].passes is None:
            return None
        is_single = self._part is not None and place.node_id in self._part.passes
        known = 1 if is_single else len(attempts[-1].passes["items"])
        over, known = (self.state.progress(place) if self.state else None) or (known, known)
        return {"over": over, "known": known}

    def _is_left_out(self, place: Place) -> bool:
        """Not skipped by what happened, but no part of what was to be run."""
        return self._part is not None and place.node_id not in self._part.targets | self._part.given

    def _places_that_wait(self) -> set[Place]:
        if not self._attempts or self._run.is_terminal:
            return set()
        open_waits = Wait.objects.filter(run=self._run, done_at=None).exclude(kind=Wait.Kind.TIMEOUT)
        places = {Place(*place) for place in open_waits.values_list("node_id", "iteration")}
        return places & self._attempts.keys()  # one may have begun to wait since the logs were read

    def _status(self, place: Place, attempts: Sequence[Log]) -> str | None:
        if place in self._waiting:
            return "waiting"
        settled = _SHOWN.get(self.state.status(place)) if self.state else None
        if settled and (settled != "skipped" or not attempts):
            return settled
        if not attempts:
            return None
        last = attempts[-1].status
        return "running" if last == Log.Status.STARTED else last


def assignments(run: Run, **which: int) -> list[tuple[float, Assignment]]:
    """What was set from outside, by where it stands in the run's order; at its end what nobody has taken over."""
    if not run.events:
        return []
    told = Event.objects.filter(run=run, name=Event.VARIABLES, **which).order_by("id")
    return [(inf if event.seq is None else event.seq, Assignment(event.payload)) for event in told]


def _by_attempt(log: Log) -> int:
    return log.attempt


def place_of(log: Log) -> Place:
    return Place(log.node_id, log.iteration)


def outcome_of_log(log: Log) -> Outcome | None:
    """What the node's last attempt settled. A failure without a handle settles nothing: it may be tried again."""
    if log.status == Log.Status.COMPLETED:
        return Outcome(place_of(log), log.output, log.handle)
    if log.status != Log.Status.COMPLETED and log.handle is not None:  # failed, or cut off and not to be repeated
        return Outcome(place_of(log), error_value(place_of(log), log.error), log.handle, failed=True)
    return None


_GRAVEST_FIRST = ("failed", "interrupted", "waiting", "running", "terminated", "completed", "skipped")


class _Iterations:
    """One state for all iterations of a node: at work while one is, else the gravest of how they ended."""

    def __init__(self) -> None:
        self._known: dict[Place, tuple[str, int]] = {}
        self._statuses: Counter[str] = Counter()
        self._attempts = 0
        self._first: Log | None = None
        self._last: Log | None = None

    def count(self, place: Place, status: str, attempts: Sequence[Log]) -> None:
        """How an iteration stands now, with all its attempts."""
        was, had = self._known.get(place, (None, 0))
        if was is not None:
            self._statuses[was] -= 1
        self._statuses[status] += 1
        self._attempts += len(attempts) - had
        self._known[place] = (status, len(attempts))
        self._first = min((log for log in (self._first, *attempts) if log is not None), key=lambda log: log.started_at)
        self._last = max((log for log in (self._last, *attempts) if log is not None), key=lambda log: log.seq)

    def state(self) -> dict[str, Any]:
        counts = +self._statuses
        at_work = [status for status in ("running", "waiting") if counts[status]]
        status = (at_work or [status for status in _GRAVEST_FIRST if counts[status]])[0]
        return {
            **_node_state(status, self._first, self._last, self._attempts),
            "progress": None,
            "iterations": dict(counts),
        }


def _node_state(status: str, first: Log | None, last: Log | None, attempts: int) -> dict[str, Any]:
    started_at = first.started_at if first else None
    completed_at = last.completed_at if last else None
    return {
        "status": status,
        "attempts": attempts,
        "started_at": started_at,
        "completed_at": completed_at,
        "duration_ms": duration_ms(started_at, completed_at),
        "handle": last.handle if last else None,
        "error": last.error if last else None,
        "is_given": False,
        "progress": last.progress if last and last.status == Log.Status.STARTED else None,
        "passes": None,
        "iterations": None,
    }

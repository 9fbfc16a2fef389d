"""Runs and their logs as the API, the stream and the dialects tell them: plain dicts.

What a node's input was, and which nodes were skipped, is not stored: it follows from the drawing and the
recorded outcomes, and the engine's own pure state tells it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from operator import itemgetter
from typing import Any

from runs.engine.approval_links import approval_link
from runs.engine.claimed import error_value, part_of
from runs.engine.compiled import UNKNOWN, node_spec
from runs.engine.frame import NodeStatus
from runs.engine.plan import BrokenPlan, EdgeSpec, Place, Plan, compile_plan
from runs.engine.state import Assignment, Opening, Outcome, State
from runs.models import Event, Log, Run, Wait
from wire.prepared import Prepared
from workflows.document import Document, read_document
from workflows.expressions import Scope
from workflows.models import Version
from workflows.nodes.registry import REGISTRY
from workflows.nodes.set_variables import SetVariables
from workflows.records import duration_ms, record_for_run

_SHOWN = {
    NodeStatus.COMPLETED: "completed",
    NodeStatus.FAILED: "failed",
    NodeStatus.SKIPPED: "skipped",
}


# --- runs ---


_logs_of = Prepared(lambda run_id: Log.objects.filter(run_id=run_id), 1)


def run_record(run: Run) -> dict[str, Any]:
    """Everything: the workflow with the drawing that ran, and all logs."""
    logs = _logs_of.all(run.id) if run.epoch else []  # nothing happens before somebody owns it
    story = _Story(run, logs)
    return {
        **_fields(run),
        "trigger_payload": run.trigger_payload,
        "output": run.output,
        "variables": story.variables(),
        "response": {"more": False, **run.response} if run.response else None,
        "workflow": record_for_run(run.workflow, run.version, story.drawing.document),
        "logs": [story.log_record(log) for log in logs],
        "waits": wait_records(run, logs),
        "node_states": story.node_states(),
    }


def run_head(run: Run) -> dict[str, Any]:
    """For lists: without workflow, logs, node states and payloads."""
    return {**_fields(run), "workflow_id": run.workflow_id, "workflow_name": run.workflow.name}


def stream_record(run: Run, logs: Sequence[Log]) -> dict[str, Any]:
    """For who watches: the head, with payload, output and how the nodes stand after these logs."""
    return {
        **run_head(run),
        "trigger_payload": run.trigger_payload,
        "output": run.output,
        "waits": wait_records(run, logs),
        "node_states": node_states(run, logs),
    }


def _fields(run: Run) -> dict[str, Any]:
    error: dict[str, Any] | None = run.error
    took = duration_ms(run.started_at, run.completed_at)
    return {
        "id": run.id,
        "run_id": run.handle,
        "status": run.status,
        "trigger_type": run.trigger_type,
        "error_message": error.get("message") if error else None,
        "error": {"node_id": None, **error} if error else None,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "duration_in_seconds": None if took is None else took // 1000,
        "duration_ms": took,
        "created_at": run.created_at,
        "correlation_id": run.correlation_id,
        "priority": run.priority,
        "metadata": run.metadata,
        "version": run.version.number,
        "is_draft": run.is_draft,
        "partial": _part_record(run.partial) if run.partial else None,
        "retry_of": run.retry_of_id,
        "parent_run_id": run.parent_id,
        "reason": run.reason or None,
    }


def _part_record(partial: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scope": partial["scope"],
        "node_id": partial["node_id"],
        "iteration": partial.get("iteration", ""),
    }


def wait_records(run: Run, logs: Sequence[Log]) -> list[dict[str, Any]]:
    """What the run waits for. Nothing, before it has any log and after its end."""
    if not logs or run.is_terminal:
        return []
    return [_wait_record(wait) for wait in run.waits.filter(done_at=None).order_by("id")]


def _wait_record(wait: Wait) -> dict[str, Any]:
    about = (wait.outcome or {}).get("about") if wait.kind == Wait.Kind.EVENT else None
    place = Place(wait.node_id, wait.iteration)
    return {
        "node_id": wait.node_id,
        "iteration": wait.iteration,
        "kind": "approval" if about else wait.kind,
        "until": wait.wake_at,
        "name": None if about else wait.name,
        "correlation": wait.correlation,
        "run_id": wait.child_id,
        "message": about["message"] if about else None,
        "approvers": about["approvers"] if about else None,
        "link": approval_link(wait.run_id, place) if about else None,
    }


# --- logs and nodes ---


def log_records(run: Run, logs: Sequence[Log], since: int = -1) -> list[dict[str, Any]]:
    """Those that changed after the sequence number `since`; `logs` are all of the run so far."""
    story = _Story(run, logs)
    return [story.log_record(log) for log in logs if log.seq > since]


def node_states(run: Run, logs: Sequence[Log]) -> dict[str, Any]:
    """How every node stands that was reached or skipped; those that are still to come are left out."""
    return _Story(run, logs).node_states()


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


def variables_of(run: Run, logs: Sequence[Log]) -> dict[str, Any]:
    """As they stand now, with those that were set from outside and that nobody has taken over yet."""
    if not run.events and all(log.kind != SetVariables.kind for log in logs):
        return {}
    return _Story(run, logs).variables()


def state_of(run: Run, logs: Iterable[Log]) -> State | None:
    """Where the run stands by these logs; None for a drawing that cannot be run."""
    return _Story(run, logs).state


def readable_at(run: Run, logs: Sequence[Log]) -> Callable[[Log], Scope]:
    """What expressions can read where an attempt of the run was made; of variables, what they are now."""
    return _Story(run, logs).scope


class _Story:
    """What the logs of one run add up to."""

    def __init__(self, run: Run, logs: Iterable[Log]) -> None:
        self.drawing = drawing_of(run.version_id)
        self._run = run
        self._attempts: dict[Place, list[Log]] = {}
        for log in logs:
            self._attempts.setdefault(place_of(log), []).append(log)
        for attempts in self._attempts.values():
            attempts.sort(key=lambda log: log.attempt)
        self._part = part_of(run.partial) if run.partial else None
        self.state = self._told(self.drawing.plan)

    def _told(self, plan: Plan | None) -> State | None:
        if plan is None:
            return None
        last = [attempts[-1] for attempts in self._attempts.values()]
        history: list[tuple[float, Outcome | Assignment]] = [
            (log.seq, outcome) for log in last if (outcome := outcome_of_log(log))
        ]
        history += self._assigned()
        ordered = (each for _, each in sorted(history, key=itemgetter(0)))
        openings = {place_of(log): Opening(**log.passes) for log in last if log.passes}
        try:
            return State(plan, self._run.trigger_payload, self._run.trigger_node, ordered, openings, self._part)
        except BrokenPlan:  # its trigger is not in the drawing
            return None

    def _assigned(self) -> list[tuple[float, Assignment]]:
        """What was set from outside, by where it stands in the run's order; at its end what nobody has taken over."""
        if not self._run.events:
            return []
        told = Event.objects.filter(run=self._run, name=Event.VARIABLES).order_by("id")
        return [(inf if event.seq is None else event.seq, Assignment(event.payload)) for event in told]

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
        waiting = self._waiting()
        states: dict[str, Any] = {}
        iterations: dict[str, list[tuple[str, list[Log]]]] = {}
        outside = self.state.plan.places if self.state else ()
        for place in dict.fromkeys((*outside, *self._attempts)):
            attempts = self._attempts.get(place, [])
            status = self._status(place, attempts, place in waiting)
            if status is None or self._is_left_out(place):
                continue
            if place.iteration:
                iterations.setdefault(place.node_id, []).append((status, attempts))
            else:
                states[place.node_id] = self._state_of(place, status, attempts)
        states |= {node_id: _together(each) for node_id, each in iterations.items()}
        fixed = self._part.fixed if self._part else ()
        return states | {node_id: {**_node_state("completed", ()), "is_given": True} for node_id in fixed}

    def _state_of(self, place: Place, status: str, attempts: Sequence[Log]) -> dict[str, Any]:
        is_given = self._part is not None and place.node_id in self._part.given
        return {**_node_state(status, attempts), "is_given": is_given, "passes": self._passes(place)}

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

    def _waiting(self) -> set[Place]:
        if not self._attempts or self._run.is_terminal:
            return set()
        open_waits = Wait.objects.filter(run=self._run, done_at=None).exclude(kind=Wait.Kind.TIMEOUT)
        return {Place(*place) for place in open_waits.values_list("node_id", "iteration")}

    def _status(self, place: Place, attempts: Sequence[Log], waits: bool) -> str | None:
        if waits:
            return "waiting"
        settled = _SHOWN.get(self.state.status(place)) if self.state else None
        if settled and (settled != "skipped" or not attempts):
            return settled
        if not attempts:
            return None
        last = attempts[-1].status
        return "running" if last == Log.Status.STARTED else last


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


def _together(iterations: list[tuple[str, list[Log]]]) -> dict[str, Any]:
    """One state for all iterations of a node: at work while one is, else the gravest of how they ended."""
    counts = Counter(status for status, _ in iterations)
    at_work = [status for status in ("running", "waiting") if counts[status]]
    status = (at_work or [status for status in _GRAVEST_FIRST if counts[status]])[0]
    attempts = sorted((log for _, logs in iterations for log in logs), key=lambda log: log.seq)
    return {**_node_state(status, attempts), "progress": None, "iterations": dict(counts)}


def _node_state(status: str, attempts: Sequence[Log]) -> dict[str, Any]:
    first, last = (attempts[0], attempts[-1]) if attempts else (None, None)
    started_at = first.started_at if first else None
    completed_at = last.completed_at if last else None
    return {
        "status": status,
        "attempts": len(attempts),
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

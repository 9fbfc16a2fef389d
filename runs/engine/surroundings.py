"""What the nodes and the expressions of one run can see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from runs.engine.approval_links import approval_link
from runs.engine.claimed import ClaimedRun
from runs.engine.compiled import Compiled, Step
from runs.engine.context import GuardedHttp, NodeContext
from runs.engine.frame import Frame
from runs.engine.masking import Mask
from runs.engine.own_api import call_own_api
from runs.engine.plan import Place
from runs.engine.state import State
from wire.times import to_wire
from workflows.expressions import Scope

if TYPE_CHECKING:
    from runs.engine.executor import Executor


class Surroundings:
    def __init__(
        self,
        run: ClaimedRun,
        compiled: Compiled,
        state: State,
        executor: Executor,
        may_call: Callable[[], Awaitable[bool]],
    ) -> None:
        self.mask = Mask()
        self._run = run
        self._state = state
        self._now = executor.now
        self._http = GuardedHttp(executor.http, may_call)
        self._open_secret = partial(executor.open_secret, run.project_id)
        self._own_api = partial(call_own_api, run.workflow_id, may_call)
        self._roots = {
            "trigger": run.trigger_payload,
            "run": {**_shown(run), **_links(run, compiled)},
            "workflow": dict(compiled.workflow),
        }

    def scope(self, place: Place, came_in: Any) -> Scope:
        frame = self._state.frame_of(place)
        return self.scope_in(frame or self._state.root, came_in)

    def scope_in(self, frame: Frame, came_in: Any) -> Scope:
        """What can be read in this pass."""
        roots = {**self._roots, **frame.loop, "input": came_in, "vars": self._state.variables}
        return Scope(roots, frame.known)

    def context(self, place: Place, step: Step, attempt: int) -> NodeContext:
        frame = self._state.frame_of(place) or self._state.root
        inputs = frame.inputs(frame.plan.number[place.node_id])
        return self._context(place, step, attempt, frame, frame.merged(inputs), inputs)

    def context_after(self, place: Place, step: Step, last: Frame, results: Collection[Any]) -> NodeContext:
        """Of a container that repeats, after its last pass so far."""
        return self._context(place, step, 1, last, last.output(), {}, results)

    def _context(
        self,
        place: Place,
        step: Step,
        attempt: int,
        frame: Frame,
        came_in: Any,
        inputs: dict[str, Any],
        results: Collection[Any] = (),
    ) -> NodeContext:
        return NodeContext(
            run_id=self._run.id,
            place=place,
            attempt=attempt,
            repeat=step.repeat(step.fixed),
            trigger=self._run.trigger_payload,
            trigger_type=self._run.trigger_type,
            input=came_in,
            inputs=inputs,
            results=results,
            readable=partial(self.scope_in, frame, came_in),
            http=self._http,
            now=self._now,
            open_secret=self._open_secret,
            own_api=self._own_api,
            mask=self.mask,
        )


def _links(run: ClaimedRun, compiled: Compiled) -> dict[str, Any]:
    """By which people decide, at the nodes outside loops."""
    if not compiled.approvals:
        return {}
    return {"approval_links": {node_id: approval_link(run.id, Place(node_id)) for node_id in compiled.approvals}}


def _shown(run: ClaimedRun) -> dict[str, Any]:
    """The root `run` of expressions."""
    return {
        "id": run.id,
        "trigger_type": run.trigger_type,
        "correlation_id": run.correlation_id,
        "metadata": run.metadata,
        "is_draft": bool(run.is_draft),
        "created_at": to_wire(run.created_at),
        "started_at": to_wire(run.started_at),
    }

"""How the nodes of a run begin: pure ones where they stand, those with an effect when their start line is on disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from runs.engine.attempts import NotInline, perform, perform_now
from runs.engine.claimed import ClaimedRun
from runs.engine.compiled import Step
from runs.engine.context import NodeContext
from runs.engine.frame import Frame
from runs.engine.ledger import Ledger
from runs.engine.lines import Attempt
from runs.engine.node_tasks import NodeTasks
from runs.engine.outbox import Outbox
from runs.engine.plan import Place
from runs.engine.reports import Reports
from runs.engine.settling import Settling
from runs.engine.state import State
from runs.engine.surroundings import Surroundings
from workflows.nodes.base import Output, Passes

if TYPE_CHECKING:
    from runs.engine.executor import Executor


class Starting:
    def __init__(
        self,
        run: ClaimedRun,
        step: Callable[[Place], Step],
        state: State,
        ledger: Ledger,
        outbox: Outbox,
        tasks: NodeTasks,
        around: Surroundings,
        settling: Settling,
        reports: Reports,
        executor: Executor,
        skips: Mapping[Place, tuple[int, Any]],
    ) -> None:
        self._run = run
        self._step = step
        self._state = state
        self._ledger = ledger
        self._outbox = outbox
        self._tasks = tasks
        self._around = around
        self._settling = settling
        self._reports = reports
        self._executor = executor
        self._skips = skips
        self._places: set[Place] = set()

    def __bool__(self) -> bool:
        """Whether a start line is on its way to disk."""
        return bool(self._places)

    def __contains__(self, place: object) -> bool:
        return place in self._places

    def start(self, place: Place) -> None:
        step = self._step(place)
        if not self._state.begin(place):
            return  # a join that started since has stopped it
        if place in self._skips:
            self._skip(place)
            return
        if not (step.runs_inline or step.node.repeats):
            self.begin(place)
            return
        line = self._ledger.new(place)
        context = self._around.context(place, step, line.number)
        if step.node.repeats:
            self._settling.conclude(line, step.fault or Passes([context.input]))
            return
        try:
            result = perform_now(step, self._around.scope(place, context.input), context)
        except NotInline:
            self._ledger.not_begun(line)
            self.begin(place)
        else:
            self._settling.conclude(line, result, context)

    def _skip(self, place: Place) -> None:
        """It does not run: what it puts out was said before it was reached."""
        event_id, value = self._skips[place]
        self._outbox.take(place, event_id)
        self._settling.conclude(self._ledger.new(place), Output(value))

    def ask(self, place: Place, last: Frame, results: Collection[Any]) -> None:
        """A container that repeats says after every pass what next."""
        step, line = self._step(place), self._ledger.open[place]
        context = self._around.context_after(place, step, last, results)
        if step.runs_inline:
            result = perform_now(step, self._around.scope_in(last, context.input), context)
            self._settling.conclude(line, result, context)
        else:
            self._tasks.spawn(place, self._answer(step, line, context, last), context)

    async def _answer(self, step: Step, line: Attempt, context: NodeContext, last: Frame) -> None:
        result = await perform(step, self._around.scope_in(last, context.input), context)
        self._settling.conclude(line, result, context)

    def begin(self, place: Place) -> None:
        """A node with an effect begins when its start line is on disk; a pure one that needs the sandbox at once."""
        line = self._ledger.open[place] = self._ledger.new(place)
        if self._step(place).node.pure:
            self._run_attempt(line)
        else:
            self._places.add(place)
            self._outbox.begin(line)

    def recorded(self, place: Place) -> None:
        """Its start line is on disk."""
        self._places.discard(place)

    def refused(self, place: Place) -> None:
        """Its start line was not taken: there is no such attempt."""
        self._places.discard(place)
        self._ledger.open.pop(place, None)

    def run(self, place: Place) -> None:
        self._run_attempt(self._ledger.open[place])

    def _run_attempt(self, line: Attempt) -> None:
        step = self._step(line.place)
        context = self._around.context(line.place, step, line.number)
        context.report = partial(self._reports.hear, line)
        self._tasks.spawn(line.place, self._attempt(step, line, context), context)

    async def _attempt(self, step: Step, line: Attempt, context: NodeContext) -> None:
        try:
            await self._executor.until_leased()
            result = await perform(step, self._around.scope(line.place, context.input), context)
            told = await self._executor.fulfil(self._run, result, context)
        finally:
            self._reports.forget(line)
        self._settling.conclude(line, told, context)

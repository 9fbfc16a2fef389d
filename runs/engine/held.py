"""One run in this process's hands: starts what is ready, records what happened, lets go when there is nothing to do.

Everything here happens in the engine's event loop. A node with an effect begins only when its start line,
and with it everything that the node depends on, is on disk; a pure node need not wait for that, because
replaying it gives the same answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from runs.engine.attempts import CANCEL_SECONDS, NotInline, error_record, perform, perform_now
from runs.engine.children import result_of
from runs.engine.claimed import Adoption, ChildEnd
from runs.engine.compiled import Compiled, Step
from runs.engine.context import NodeContext
from runs.engine.frame import Frame
from runs.engine.inbox import Event, Inbox, outcome_of
from runs.engine.ledger import Ledger
from runs.engine.lines import Attempt, Close, OpenWait, Release, Verdict
from runs.engine.node_tasks import NodeTasks
from runs.engine.outbox import Outbox, Sent
from runs.engine.plan import Place
from runs.engine.settling import Settling
from runs.engine.surroundings import Surroundings
from runs.engine.waits import Waits
from wire.strict_json import dumps
from workflows.nodes.base import NodeError, Passes

if TYPE_CHECKING:
    from runs.engine.executor import Executor

logger = logging.getLogger(__name__)

MAX_CRASHES = 5

ENGINE_FAILED = "The engine could not go on with this run; the server's log says why."


class HeldRun:
    def __init__(self, adoption: Adoption, compiled: Compiled, executor: Executor) -> None:
        """Raises BrokenPlan when the run's trigger is not in the version."""
        self.run = adoption.run
        self._past = adoption.past
        self._step = compiled.step
        self._executor = executor
        self._state = adoption.state(compiled.plan)
        self._around = Surroundings(self.run, compiled, self._state, executor, self._may_call)
        self._outbox = Outbox(
            self.run.id, self.run.epoch, self.run.parent_id, executor.journal, self._hear, adoption.arrival
        )
        self._witness = adoption.witness
        self._waits = Waits(executor.loop, lambda wait: self._safely(lambda: self._due(wait)))
        self._tasks = NodeTasks(executor.loop, self._task_done)
        self._inbox = Inbox(self.run, self._waits, self._tasks, executor.ask, self._event_came, self._assign)
        self._ledger = Ledger(self._past, compiled.step, self._outbox, executor.now)
        self._settling = Settling(
            compiled,
            self._state,
            self._ledger,
            self._outbox,
            self._waits,
            self._inbox,
            self._around.mask,
            executor,
            end=self._end,
            follow=lambda child_id: executor.follow_child(child_id, self),
        )
        self._starting: set[Place] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self._ending: Close | Release | None = None
        self._is_suspended = False
        self._is_done = False
        """Closed, released or dropped: nothing more is said for the run."""

    @property
    def is_born(self) -> bool:
        """Its row is on disk, or on its way there."""
        return self._outbox.arrival is None

    # --- taking it up ---

    def begin(self) -> None:
        self._safely(self._go_on)

    def _go_on(self) -> None:
        for place in list(self._ledger.open):
            if not self._state.begin(place):
                self._rest(place)
        if self.run.intent == "terminate":
            self.terminate()
        elif self.run.crashes >= MAX_CRASHES:
            self._lost_too_often()
        elif self.run.deadline_at is not None and self.run.deadline_at <= self._executor.now():
            self._too_late()
        else:
            self._watch_deadline()
            self._take_up()
            self.advance()

    def _take_up(self) -> None:
        """What waited goes on waiting; what was cut off is closed as interrupted, and its kind says what next."""
        for event_id, assignment in self._past.assigned:
            self._assign(event_id, assignment.values)
        for wait, _ in self._past.waits:
            self._state.begin(wait.place)
            self._waits.add(wait, self._executor.now())
        for line in list(self._ledger.open.values()):
            if line.place not in self._waits and line.passes is None:
                self._tasks.spawn(line.place, self._interrupted(line))
        for wait, end in self._past.waits:
            if end is not None:
                self._child_ended(wait, end)
            elif wait.child_id is not None:
                self._executor.follow_child(wait.child_id, self)
        self._inbox.read()

    async def _interrupted(self, line: Attempt) -> None:
        step = self._step(line.place)
        try:
            settings = await step.settings(self._around.scope(line.place, self._state.input(line.place)))
        except NodeError:
            settings = None
        error = NodeError("interrupted", "The worker was lost while this node ran.", retryable=False)
        if line.place not in self._state.open:
            return
        if step.repeat(settings) == "once":
            self._settling.interrupted(line, error)
        else:
            line.error = dumps(error_record(error))
            self._ledger.say(line, "interrupted")
            self._begin(line.place)

    def _lost_too_often(self) -> None:
        for line in list(self._ledger.open.values()):
            self._ledger.say(line, "interrupted")
        text = f"{self.run.crashes} workers were lost while they held this run, and none recorded any progress."
        self._end("failed", error={"code": "worker_lost", "message": text, "node_id": None})

    def _watch_deadline(self) -> None:
        if self.run.deadline_at is not None:
            seconds = (self.run.deadline_at - self._executor.now()).total_seconds()
            self._timers.append(self._executor.loop.call_later(max(seconds, 0), self._too_late))

    def _too_late(self) -> None:
        error = {"code": "deadline", "message": "The run was not finished by its deadline.", "node_id": None}
        self._end("failed", error=error)

    # --- going on ---

    def advance(self) -> None:
        """Starts everything that is ready; then the run ends, waits, or goes on when one of its nodes is done."""
        if self._is_done:
            return
        while self._may_go_on() and self._go_round():
            pass
        if self._ending is not None:
            self._close_when_quiet()
        elif self._is_suspended:
            self._give_back_when_quiet()
        elif self._state.failure is not None:
            self._end("failed", error=self._state.failure["error"])
        elif self._state.is_finished:
            self._end("completed", self._state.output(), by_plan=True)
        elif self._has_nothing_to_do():
            self._let_go(Release(seen=self._inbox.seen))
        elif self._is_stalled():
            self._stall()
        else:
            self._outbox.flush()

    def _is_stalled(self) -> bool:
        return not (self._tasks or self._starting or self._waits)

    def _stall(self) -> None:
        """Nothing is under way and nothing is waited for: nobody would ever take the run up again."""
        logger.critical("Run %s has stalled: %s", self.run.id, sorted(self._state.open))
        text = "Nothing was left to do, and yet the run had not ended. This is a fault of the engine."
        self._end("failed", error={"code": "stalled", "message": text, "node_id": None})

    def _go_round(self) -> bool:
        """Whether there was anything to do."""
        for place in (stopping := self._state.take_stopping()):
            self._stop_node(place)
        for ended in (containers := self._state.take_ended()):
            if ended.last is None:
                self._settling.container_ended(ended)
            else:
                self._ask(ended.place, ended.last)
        for place in (ready := self._state.ready()):
            self._start(place)
            if self._ending is not None:
                break
        return bool(ready or stopping or containers)

    def _may_go_on(self) -> bool:
        return self._ending is None and not self._is_suspended

    def _has_nothing_to_do(self) -> bool:
        busy = self._tasks or self._starting
        return bool(self._waits) and not busy and not self._waits.is_soon(self._executor.now())

    def _start(self, place: Place) -> None:
        step = self._step(place)
        if not self._state.begin(place):
            return  # a join that started since has stopped it
        if not (step.runs_inline or step.node.repeats):
            self._begin(place)
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
            self._begin(place)
        else:
            self._settling.conclude(line, result, context)

    def _ask(self, place: Place, last: Frame) -> None:
        """A container that repeats says after every pass what next."""
        step, line = self._step(place), self._ledger.open[place]
        context = self._around.context_after(place, step, last)
        if step.runs_inline:
            result = perform_now(step, self._around.scope_in(last, context.input), context)
            self._settling.conclude(line, result, context)
        else:
            self._tasks.spawn(place, self._answer(step, line, context, last), context)

    async def _answer(self, step: Step, line: Attempt, context: NodeContext, last: Frame) -> None:
        result = await perform(step, self._around.scope_in(last, context.input), context)
        self._settling.conclude(line, result, context)

    def _begin(self, place: Place) -> None:
        """A node with an effect begins when its start line is on disk; a pure one that needs the sandbox at once."""
        line = self._ledger.open[place] = self._ledger.new(place)
        if self._step(place).node.pure:
            self._run_attempt(line)
        else:
            self._starting.add(place)
            self._outbox.begin(line)

    def _run_attempt(self, line: Attempt) -> None:
        step = self._step(line.place)
        context = self._around.context(line.place, step, line.number)
        self._tasks.spawn(line.place, self._attempt(step, line, context), context)

    async def _attempt(self, step: Step, line: Attempt, context: NodeContext) -> None:
        result = await perform(step, self._around.scope(line.place, context.input), context)
        told = await self._executor.fulfil(self.run, result, context.token)
        self._settling.conclude(line, told, context)

    def _task_done(self, place: Place, error: BaseException | None) -> None:
        if error is not None:
            self._engine_failed(error)
        if place in self._ledger.open and place not in self._state.open:
            self._rest(place)
        self._safely(self.advance)

    def _safely(self, step: Callable[[], None]) -> None:
        """A fault of the engine itself ends this run, visibly, and no other."""
        try:
            step()
        except Exception as error:  # whatever it is, nothing may be left held for ever
            self._engine_failed(error)

    def _engine_failed(self, error: BaseException) -> None:
        logger.error("Run %s: the engine failed", self.run.id, exc_info=error)
        self._end("failed", error={"code": "engine_failed", "message": ENGINE_FAILED, "node_id": None})

    # --- what is not wanted any more ---

    def _stop_node(self, place: Place) -> None:
        """What follows from its being stopped waits until it has come to rest."""
        wait = self._waits.at(place)
        if wait is not None:
            self._settling.stop_waiting(wait)
            if wait.child_id is not None:
                self._outbox.stop_run(wait.child_id)
        if place in self._tasks:
            self._tasks.stop(place)
            give_up = partial(self._safely, partial(self._give_up_on, place))
            self._timers.append(self._executor.loop.call_later(CANCEL_SECONDS, give_up))
        elif place not in self._starting:
            self._rest(place)

    def _give_up_on(self, place: Place) -> None:
        if self._tasks.let_run(place):
            logger.warning("Run %s: %s would not stop", self.run.id, place.node_id)
            self._rest(place)
            self.advance()

    def _rest(self, place: Place) -> None:
        line = self._ledger.open.get(place)
        if line is not None:
            self._ledger.say(line, "terminated")
        self._state.stopped(place)

    # --- what it waited for ---

    def _due(self, wait: OpenWait) -> None:
        if self._is_done or not self._may_go_on():
            return
        if wait.kind == "event":
            self._inbox.decide(wait)
            return
        self._settling.stop_waiting(wait)
        if wait.kind == "backoff":
            self._begin(wait.place)
        elif wait.kind == "timeout":
            self._settling.time_out(wait)
        elif wait.child_id is not None:
            self._outbox.stop_run(wait.child_id)
            error = NodeError("timeout", "The other run did not come to its end in time.", field="timeout")
            self._settling.conclude(self._ledger.open[wait.place], error)
        else:
            self._settling.conclude(self._ledger.open[wait.place], outcome_of(wait))
        self.advance()

    def hear_events(self, count: int) -> None:
        """So many were raised for the run by now."""
        if not self._is_done and self._may_go_on():
            self._inbox.hear(count)

    def _event_came(self, wait: OpenWait, event: Event | None) -> None:
        """Without an event its time is over. Called in a task of the run's, whose end makes it advance."""
        if self._is_done or not self._may_go_on():
            return
        self._settling.stop_waiting(wait)
        if event is not None:
            self._outbox.take(wait, event.id)
        self._settling.conclude(self._ledger.open[wait.place], outcome_of(wait, event))

    def _assign(self, event_id: int, values: Mapping[str, Any]) -> None:
        """Variables were set from outside."""
        if not self._is_done and self._may_go_on():
            self._outbox.assign(event_id)
            self._state.assign(values)

    def child_ended(self, child_id: str, end: ChildEnd) -> None:
        wait = self._waits.for_child(child_id)
        if wait is not None:
            self._safely(lambda: self._child_ended(wait, end))

    def _child_ended(self, wait: OpenWait, end: ChildEnd) -> None:
        if self._is_done or self._ending is not None:
            return
        self._settling.stop_waiting(wait)
        self._settling.conclude(self._ledger.open[wait.place], result_of(end, wait.child_id))
        self.advance()

    # --- the journal's answers ---

    def _hear(self, sent: Sent, verdict: Verdict) -> None:
        self._safely(lambda: self._told(sent, verdict))

    def _told(self, sent: Sent, verdict: Verdict) -> None:
        if verdict in (Verdict.REFUSED, Verdict.UNSTORABLE):
            self.drop()
            return
        if sent.wakes_others:
            self._executor.wake_others()
        self._bear_witness(sent)
        if verdict in (Verdict.TERMINATE, Verdict.SUSPEND):
            for place in sent.starts:
                self._starting.discard(place)
                self._ledger.open.pop(place, None)
        if verdict is Verdict.TERMINATE:
            self._is_done = False
            self._ending = None
            self.terminate()
        elif verdict is Verdict.SUSPEND:
            self.suspend()
        elif sent.end is not None:
            self._executor.forget(self)
        else:
            self._begin_recorded(sent.starts)

    def _bear_witness(self, sent: Sent) -> None:
        if self._witness is None:
            return
        if sent.entry.response is not None or isinstance(sent.end, Close):
            self._witness.told(sent.entry.response, sent.end if isinstance(sent.end, Close) else None)
        elif sent.end is not None:
            self._witness.left_alone()

    def _begin_recorded(self, places: list[Place]) -> None:
        is_stopped = False
        for place in places:
            self._starting.discard(place)
            if place not in self._state.open:
                self._rest(place)
                is_stopped = True
            elif self._ending is None and not self._is_done and self._executor.may_start():
                self._run_attempt(self._ledger.open[place])
        if is_stopped or not self._may_go_on():
            self.advance()

    # --- letting go ---

    def terminate(self) -> None:
        self._end("terminated")

    def suspend(self) -> None:
        """Nothing more starts here; when what is under way has finished, the run is given back."""
        if not self._is_done and self._ending is None:
            self._is_suspended = True
            self._waits.stop_timers()
            self.advance()

    def _give_back_when_quiet(self) -> None:
        """At once: if the run was resumed meanwhile, whoever claims it goes on."""
        if self._tasks or self._starting:
            self._outbox.flush()
        else:
            self._let_go(Release(at_once=True))

    def interrupt(self, *, spare_once: bool) -> None:
        """A clean stop of the process: whoever claims the run next goes on. Spared nodes finish first."""
        if self._is_done or isinstance(self._ending, Close):
            return
        self._ending = Release(at_once=True)
        self._cancel(spare_once=spare_once)
        self._close_when_quiet()

    def drop(self) -> None:
        """The run is in other hands: everything stops, nothing is written."""
        self._is_done = True
        self._cancel()
        self._outbox.give_up()
        if self._witness is not None:
            self._witness.left_alone()
        self._executor.forget(self)

    def _end(
        self, status: str, output: Any = None, error: Mapping[str, Any] | None = None, *, by_plan: bool = False
    ) -> None:
        if self._is_done or isinstance(self._ending, Close):
            return
        reason = None if error is None else self._around.mask.in_json(dumps(error))
        result = None if output is None else dumps(output)
        self._ending = Close(status, result, reason, bool(self._waits or self._past.waits), by_plan)
        self._cancel()
        self._close_when_quiet()

    def _cancel(self, *, spare_once: bool = False) -> None:
        self._waits.stop_timers()
        for timer in self._timers:
            timer.cancel()
        self._tasks.cancel(spare_once=spare_once)

    def _close_when_quiet(self) -> None:
        """Ends when the last node has stopped: nothing that this run does happens after its end."""
        if self._is_done or self._ending is None:
            return
        if self._tasks:
            if isinstance(self._ending, Close):
                self._executor.loop.call_later(CANCEL_SECONDS, self._give_up_on_tasks)
            return
        status = "terminated" if isinstance(self._ending, Close) else "interrupted"
        for line in list(self._ledger.open.values()):
            stays_open = isinstance(self._ending, Release) and (line.place in self._waits or line.passes is not None)
            if line.status == "started" and not stays_open and not line.is_new:
                self._ledger.say(line, status)
        self._let_go(self._ending)

    def _give_up_on_tasks(self) -> None:
        """A node that ignores being cancelled cannot hold up the end of its run."""
        if not self._is_done:
            logger.warning("Run %s: %s would not stop", self.run.id, ", ".join(place.node_id for place in self._tasks))
            self._tasks.forget()
            self._close_when_quiet()

    def _let_go(self, end: Close | Release) -> None:
        self._is_done = True
        self._waits.stop_timers()
        self._outbox.flush(end)

    # --- for the nodes ---

    def _may_call(self) -> bool:
        return not self._is_done and not isinstance(self._ending, Close) and self._executor.may_start()

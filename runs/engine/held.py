"""One run in this process's hands: starts what is ready, records what happened, lets go when there is nothing to do.

Everything here happens in the engine's event loop. A node with an effect begins only when its start line,
and with it everything that the node depends on, is on disk; a pure node need not wait for that, because
replaying it gives the same answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from runs.engine.attempts import CANCEL_SECONDS, error_record
from runs.engine.children import result_of
from runs.engine.claimed import Adoption, ChildEnd
from runs.engine.compiled import Compiled
from runs.engine.inbox import Event, Inbox, outcome_of
from runs.engine.leaving import Leaving
from runs.engine.ledger import Ledger
from runs.engine.lines import Attempt, OpenWait, Release, Verdict
from runs.engine.node_tasks import NodeTasks
from runs.engine.outbox import Outbox, Sent
from runs.engine.plan import Place
from runs.engine.reports import Reports
from runs.engine.settling import Settling
from runs.engine.starting import Starting
from runs.engine.surroundings import Surroundings
from runs.engine.waits import Waits
from wire.strict_json import dumps
from wire.times import to_wire
from workflows.nodes.base import NodeError

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
            self.run.id,
            self.run.epoch,
            self.run.parent_id,
            executor.journal,
            self._hear,
            adoption.arrival,
            adoption.memory,
        )
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
            end=lambda status, output, error: self._leaving.close(status, output, error),
            follow=lambda child_id: executor.follow_child(child_id, self),
        )
        self._starting = Starting(
            self.run,
            compiled.step,
            self._state,
            self._ledger,
            self._outbox,
            self._tasks,
            self._around,
            self._settling,
            Reports(executor.loop, self._around.mask, self._say_progress),
            executor,
            self._past.skips,
        )
        self._leaving = Leaving(
            self._ledger,
            self._outbox,
            self._waits,
            self._tasks,
            self._around.mask,
            executor.loop,
            adoption.witness,
            had_waits=bool(self._past.waits),
            forget=lambda: executor.forget(self),
        )

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
            self._too_late(self.run.deadline_at)
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
            self._starting.begin(line.place)

    def _lost_too_often(self) -> None:
        for line in list(self._ledger.open.values()):
            self._ledger.say(line, "interrupted")
        text = f"{self.run.crashes} workers were lost while they held this run, and none recorded any progress."
        self._leaving.close("failed", error={"code": "worker_lost", "message": text, "node_id": None})

    def _watch_deadline(self) -> None:
        if self.run.deadline_at is not None:
            seconds = (self.run.deadline_at - self._executor.now()).total_seconds()
            self._leaving.call_later(max(seconds, 0), partial(self._too_late, self.run.deadline_at))

    def _too_late(self, deadline: datetime) -> None:
        text = f"The run was not finished by its deadline, {to_wire(deadline)}."
        self._leaving.close("failed", error={"code": "deadline", "message": text, "node_id": None})

    # --- going on ---

    def advance(self) -> None:
        """Starts everything that is ready; then the run ends, waits, or goes on when one of its nodes is done."""
        if self._leaving.is_done:
            return
        while self._leaving.may_go_on and self._go_round():
            pass
        if self._leaving.end is not None:
            self._leaving.leave_when_quiet()
        elif self._leaving.is_suspended:
            self._give_back_when_quiet()
        elif self._state.failure is not None:
            self._leaving.close("failed", error=self._state.failure["error"])
        elif self._state.is_finished:
            self._leaving.close("completed", self._state.output(), by_plan=True)
        elif self._has_nothing_to_do():
            self._leaving.let_go(Release(seen=self._inbox.seen))
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
        self._leaving.close("failed", error={"code": "stalled", "message": text, "node_id": None})

    def _go_round(self) -> bool:
        """Whether there was anything to do."""
        for place in (stopping := self._state.take_stopping()):
            self._stop_node(place)
        for ended in (containers := self._state.take_ended()):
            if ended.last is None:
                self._settling.container_ended(ended)
            else:
                self._starting.ask(ended.place, ended.last, ended.output)
        for place in (ready := self._state.ready()):
            self._starting.start(place)
            if self._leaving.end is not None:
                break
        return bool(ready or stopping or containers)

    def _has_nothing_to_do(self) -> bool:
        busy = self._tasks or self._starting
        return bool(self._waits) and not busy and not self._waits.is_soon(self._executor.now())

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
        self._leaving.close("failed", error={"code": "engine_failed", "message": ENGINE_FAILED, "node_id": None})

    def _say_progress(self, line: Attempt) -> None:
        if self._leaving.may_call:
            self._outbox.say_progress(line)
            self._outbox.flush()

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
            self._leaving.call_later(CANCEL_SECONDS, give_up)
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
        if self._leaving.is_done or not self._leaving.may_go_on:
            return
        if wait.kind in ("event", "task"):
            self._inbox.decide(wait)
            return
        self._settling.stop_waiting(wait)
        if wait.kind == "backoff":
            self._starting.begin(wait.place)
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
        if not self._leaving.is_done and self._leaving.may_go_on:
            self._inbox.hear(count)

    def _event_came(self, wait: OpenWait, event: Event | None) -> None:
        """Without an event its time is over. Called in a task of the run's, whose end makes it advance."""
        if self._leaving.is_done or not self._leaving.may_go_on:
            return
        self._settling.stop_waiting(wait)
        if event is not None:
            self._outbox.take(wait.place, event.id)
        self._settling.conclude(self._ledger.open[wait.place], outcome_of(wait, event))

    def _assign(self, event_id: int, values: Mapping[str, Any]) -> None:
        """Variables were set from outside."""
        if not self._leaving.is_done and self._leaving.may_go_on:
            self._outbox.assign(event_id)
            self._state.assign(values)

    def children_ended(self, ends: Mapping[str, ChildEnd]) -> None:
        """All that are heard of at once, before it goes on: when it does it may be let go."""
        self._safely(lambda: self._children_ended(ends))

    def _children_ended(self, ends: Mapping[str, ChildEnd]) -> None:
        for child_id, end in ends.items():
            wait = self._waits.for_child(child_id)
            if wait is not None:
                self._child_ended(wait, end)
        self.advance()

    def _child_ended(self, wait: OpenWait, end: ChildEnd) -> None:
        if self._leaving.is_done or self._leaving.end is not None:
            return
        self._settling.stop_waiting(wait)
        self._settling.conclude(self._ledger.open[wait.place], result_of(end, wait.child_id))

    # --- the journal's answers ---

    def _hear(self, sent: Sent, verdict: Verdict) -> None:
        self._safely(lambda: self._told(sent, verdict))

    def _told(self, sent: Sent, verdict: Verdict) -> None:
        if verdict in (Verdict.REFUSED, Verdict.UNSTORABLE):
            self.drop()
            return
        self._leaving.recorded(sent)
        if verdict in (Verdict.TERMINATE, Verdict.SUSPEND):
            for place in sent.starts:
                self._starting.refused(place)
        if verdict is Verdict.TERMINATE:
            self._leaving.terminate_after_all()
        elif verdict is Verdict.SUSPEND:
            self.suspend()
        elif sent.end is not None:
            self._executor.forget(self)
            self._come_apart()
        else:
            self._begin_recorded(sent.starts)

    def _begin_recorded(self, places: list[Place]) -> None:
        is_stopped = False
        for place in places:
            self._starting.recorded(place)
            if place not in self._state.open:
                self._rest(place)
                is_stopped = True
            elif self._leaving.end is None and not self._leaving.is_done:
                self._starting.run(place)
        if is_stopped or not self._leaving.may_go_on:
            self.advance()

    # --- leaving ---

    def _come_apart(self) -> None:
        """The parts know one another through this object. Without it their memory is free at once, and Python's
        collector has nothing to find."""
        if not self._tasks.left_behind:
            vars(self).clear()

    def terminate(self) -> None:
        self._leaving.terminate()

    def suspend(self) -> None:
        """When what is under way has finished, the run is given back."""
        if self._leaving.suspend():
            self.advance()

    def _give_back_when_quiet(self) -> None:
        """At once: if the run was resumed meanwhile, whoever claims it goes on."""
        if self._tasks or self._starting:
            self._outbox.flush()
        else:
            self._leaving.let_go(Release(at_once=True))

    def interrupt(self, *, spare_once: bool) -> None:
        """A clean stop of the process. Spared nodes finish first."""
        self._leaving.interrupt(spare_once=spare_once)

    def drop(self) -> None:
        """The run is in other hands."""
        self._leaving.drop()

    async def _may_call(self) -> bool:
        """Whether its nodes may still reach out."""
        await self._executor.until_leased()
        return self._leaving.may_call

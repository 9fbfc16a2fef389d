"""What comes of an attempt: the line that says so, what the state makes of it, and what is waited for next."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from runs.engine.attempts import error_record, value_text
from runs.engine.children import ChildRun
from runs.engine.claimed import error_value
from runs.engine.compiled import Compiled, back_off
from runs.engine.context import NodeContext
from runs.engine.inbox import Inbox
from runs.engine.ledger import MAX_RUN_CHARS, Ledger
from runs.engine.lines import Attempt, OpenWait
from runs.engine.masking import Mask
from runs.engine.messages import storable
from runs.engine.outbox import Outbox
from runs.engine.plan import Place
from runs.engine.state import THROWN, Ended, Opening, Outcome, State
from runs.engine.waits import Waits
from runs.engine.worker_tasks import Offer
from wire.strict_json import dumps
from workflows.nodes.base import (
    ERROR,
    Again,
    NodeError,
    Output,
    Passes,
    Respond,
    Result,
    Stop,
    Wait,
    WaitForEvent,
)

if TYPE_CHECKING:
    from runs.engine.executor import Executor

Happened = Result | ChildRun | Offer | NodeError
End = Callable[[str, Any, Mapping[str, Any] | None], None]


class Settling:
    def __init__(
        self,
        compiled: Compiled,
        state: State,
        ledger: Ledger,
        outbox: Outbox,
        waits: Waits,
        inbox: Inbox,
        mask: Mask,
        executor: Executor,
        end: End,
        follow: Callable[[str], None],
    ) -> None:
        """`end` ends the run with status, output and error; `follow` listens for the end of a child run."""
        self._step = compiled.step
        self._state = state
        self._ledger = ledger
        self._outbox = outbox
        self._waits = waits
        self._inbox = inbox
        self._mask = mask
        self._now = executor.now
        self._end = end
        self._follow = follow

    def conclude(self, line: Attempt, result: Happened, context: NodeContext | None = None) -> None:
        """Of a node that was stopped meanwhile nothing comes any more."""
        if line.place not in self._state.open:
            return
        if context is not None and context.messages.said:
            line.messages = self._mask.in_json(dumps(context.messages.said))
        try:
            self._conclude(line, result)
        except NodeError as error:
            self.fail(line, error)

    def _conclude(self, line: Attempt, result: Happened) -> None:
        match result:
            case Output():
                self._complete(line, result)
            case Respond():
                self._respond(line, result)
            case Stop():
                self._stop(line, result)
            case Passes():
                self._open_container(line, result)
            case Again():
                self._state.again(line.place)
            case NodeError():
                self.fail(line, result)
            case _:
                self._begin_to_wait(line, result)

    def _complete(self, line: Attempt, result: Output) -> None:
        value, line.output = value_text(result.value, self._mask)
        line.handle = result.handle
        self._say(line, "completed")
        self._state.apply(Outcome(line.place, value, result.handle))
        self._check_size(line.place)

    def _check_size(self, place: Place) -> None:
        if self._ledger.is_too_large:
            text = f"The run holds more than {MAX_RUN_CHARS:,} characters of JSON: outputs, failures, items of loops."
            self._end("failed", None, error_value(place, {"code": "run_too_large", "message": text})["error"])

    def _say(self, line: Attempt, status: str) -> None:
        if line.passes is not None and (time_out := self._waits.at(line.place)):
            self.stop_waiting(time_out)
        self._ledger.say(line, status)

    def _respond(self, line: Attempt, result: Respond) -> None:
        headers = [list(pair) for pair in result.headers]
        said = {"status": result.status, "headers": headers, "body": result.body, "more": result.more}
        _, answer = value_text(said, self._mask)
        self._complete(line, Output(result.body))
        self._outbox.respond(answer)

    def _stop(self, line: Attempt, result: Stop) -> None:
        value, _ = value_text(result.output, self._mask)
        self._complete(line, Output(result.output))
        error = {"code": "stopped", "message": storable(result.message), "node_id": line.place.node_id}
        self._end(result.status, value, None if result.status == "completed" else error)

    # --- failures ---

    def fail(self, line: Attempt, error: NodeError) -> None:
        """Another attempt later, or what the node does with a failure."""
        retry = self._step(line.place).options.retry or error.retry
        rule = retry and retry.rule_for(error.code)
        record = error_record(error)
        line.error = self._mask.in_json(dumps(record))
        failures = self._ledger.failures(line.place)
        if error.retryable and rule and failures <= rule.count:
            self._say(line, "failed")
            self._retry_later(line, back_off(rule, failures))
        else:
            self._give_up(line, "failed")

    def interrupted(self, line: Attempt, error: NodeError) -> None:
        """An attempt that was cut off and may not be made again."""
        line.error = dumps(error_record(error))
        self._give_up(line, "interrupted")

    def _give_up(self, line: Attempt, status: str) -> None:
        """The failure leaves by an exit of the node, goes to what lies around it, or ends the run."""
        step = self._step(line.place)
        line.handle = ERROR if ERROR in step.node.handles else _HANDLES.get(step.options.on_error)
        if line.handle is None and not self._state.ends_the_run(line.place):
            line.handle = THROWN
        value = error_value(line.place, json.loads(line.error or "{}"))
        self._say(line, status)
        self._state.apply(Outcome(line.place, value, line.handle, failed=True))
        if line.handle is None:
            self._end("failed", None, value["error"])
        self._check_size(line.place)

    # --- containers ---

    def _open_container(self, line: Attempt, passes: Passes) -> None:
        """Its line stays open, and says what it goes over: whoever takes the run over goes over the same."""
        self._step(line.place).limits.check_items(len(passes.items))
        items, text = value_text(list(passes.items), self._mask)
        keep_going = "true" if passes.keep_going else "false"
        line.passes = f'{{"items":{text},"at_once":{passes.at_once},"keep_going":{keep_going}}}'
        self._ledger.opened(line)
        self._outbox.say_started(line)
        seconds = self._step(line.place).options.timeout
        if seconds is not None:
            self._add(OpenWait(line.place, line.number, "timeout", self._now() + timedelta(seconds=seconds)))
        self._state.open_container(line.place, Opening(items, passes.at_once, passes.keep_going))
        self._check_size(line.place)

    def container_ended(self, ended: Ended) -> None:
        """All its passes are over, or it failed with what failed inside."""
        line = self._ledger.open[ended.place]
        if ended.error is not None:
            line.error = dumps(ended.error)
            self._give_up(line, "failed")
        else:
            self.conclude(line, Output(ended.output))

    def time_out(self, wait: OpenWait) -> None:
        error = NodeError("timeout", "What lies in the container did not come to an end in time.", field="timeout")
        self._state.fail_container(wait.place, error_value(wait.place, error_record(error)))

    # --- waiting ---

    def _begin_to_wait(self, line: Attempt, result: Happened) -> None:
        match result:
            case Wait():
                self._complete_later(line, result)
            case WaitForEvent():
                self._wait_for_event(line, result)
            case ChildRun():
                self._start_child(line, result)
            case Offer():
                self._offer(line, result)
            case _:
                raise NodeError("bad_result", f"The node gave {type(result).__name__}, which is no result.")

    def _complete_later(self, line: Attempt, result: Wait) -> None:
        """The attempt stays open; what it will complete with is kept with the wait."""
        self._step(line.place).limits.check_delay(result.delay)
        value, _ = value_text(result.then.value, self._mask)
        outcome = {"value": value, "handle": result.then.handle}
        wake_at = self._now() + max(result.delay, timedelta())
        self._wait(line, self._limited(line, OpenWait(line.place, line.number, "timer", wake_at, outcome)))

    def _wait_for_event(self, line: Attempt, result: WaitForEvent) -> None:
        value, _ = value_text(result.otherwise.value, self._mask)
        self._wait(line, self._limited(line, self._inbox.wait_for(result, line, value)))
        self._inbox.read()

    def _limited(self, line: Attempt, wait: OpenWait) -> OpenWait:
        """With the node's own time-out, where that comes before what it waits for."""
        seconds = self._step(line.place).options.timeout
        limit = None if seconds is None else line.started_at + timedelta(seconds=seconds)
        if limit is None or (wait.wake_at is not None and wait.wake_at <= limit):
            return wait
        return replace(wait, wake_at=limit, outcome={**wait.outcome, "timeout": seconds})

    def _start_child(self, line: Attempt, child: ChildRun) -> None:
        self._outbox.make_run(child.row)
        if not child.wait:
            self._complete(line, Output({"run_id": child.id}))
            return
        seconds = self._step(line.place).options.timeout
        until = None if seconds is None else self._now() + timedelta(seconds=seconds)
        self._wait(line, OpenWait(line.place, line.number, "child", until, child_id=child.id))
        self._follow(child.id)

    def _offer(self, line: Attempt, offer: Offer) -> None:
        """To workers, who take it, keep it and report on it in the database: what they report is an event."""
        given, _ = value_text(offer.input, self._mask)
        outcome = {"input": given, "lease": offer.lease, "retry": offer.retry}
        now = self._now()
        wait = OpenWait(line.place, line.number, "task", None, outcome, None, offer.type)
        wait.poll_at, wait.priority, wait.domains = now, offer.priority, offer.domains
        wait.wake_at = None if offer.timeout is None else now + offer.timeout
        self._wait(line, wait)

    def _wait(self, line: Attempt, wait: OpenWait) -> None:
        self._ledger.open[line.place] = line
        self._outbox.say_started(line)
        self._add(wait)

    def _retry_later(self, line: Attempt, pause: timedelta) -> None:
        self._add(OpenWait(line.place, line.number, "backoff", self._now() + pause))

    def _add(self, wait: OpenWait) -> None:
        self._outbox.wait(wait)
        self._waits.add(wait, self._now())

    def stop_waiting(self, wait: OpenWait) -> None:
        self._waits.remove(wait)
        self._outbox.met(wait)


_HANDLES = {"error": ERROR, "continue": "out"}

"""How a run leaves this process's hands: it ends, is given back, or is dropped because it is in other hands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from runs.engine.attempts import CANCEL_SECONDS, error_of_run
from runs.engine.ledger import Ledger
from runs.engine.lines import Close, Release
from runs.engine.masking import Mask
from runs.engine.node_tasks import NodeTasks
from runs.engine.outbox import Outbox, Sent
from runs.engine.waits import Waits
from wire.strict_json import dumps

if TYPE_CHECKING:
    from runs.engine.claimed import Witness

logger = logging.getLogger(__name__)


class Leaving:
    def __init__(
        self,
        ledger: Ledger,
        outbox: Outbox,
        waits: Waits,
        tasks: NodeTasks,
        mask: Mask,
        loop: asyncio.AbstractEventLoop,
        witness: Witness | None,
        *,
        had_waits: bool,
        forget: Callable[[], None],
    ) -> None:
        """`had_waits`: the run waited for something when it was claimed. `forget`: it is held no more."""
        self.end: Close | Release | None = None
        """What the run comes to here when its last node has stopped."""
        self.is_suspended = False
        self.is_done = False
        """Closed, released or dropped: nothing more is said for the run."""
        self._ledger = ledger
        self._outbox = outbox
        self._waits = waits
        self._tasks = tasks
        self._mask = mask
        self._loop = loop
        self._witness = witness
        self._had_waits = had_waits
        self._forget = forget
        self._timers: list[asyncio.TimerHandle] = []

    def call_later(self, seconds: float, then: Callable[[], None]) -> None:
        """Unless the run leaves before."""
        self._timers.append(self._loop.call_later(seconds, then))

    @property
    def may_go_on(self) -> bool:
        """Nodes may start and waits may end."""
        return self.end is None and not self.is_suspended

    @property
    def may_call(self) -> bool:
        """Nodes that are under way may go on."""
        return not self.is_done and not isinstance(self.end, Close)

    # --- ways to leave ---

    def close(
        self, status: str, output: Any = None, error: Mapping[str, Any] | None = None, *, by_plan: bool = False
    ) -> None:
        if not self.may_call:
            return
        reason = None if error is None else self._mask.in_json(error_of_run(error))
        result = None if output is None else dumps(output)
        self.end = Close(status, result, reason, bool(self._waits) or self._had_waits, by_plan)
        self._cancel()
        self.leave_when_quiet()

    def terminate(self) -> None:
        self.close("terminated")

    def terminate_after_all(self) -> None:
        """The run was asked to stop before what it said last, its end perhaps, was recorded."""
        self.is_done, self.end = False, None
        self.terminate()

    def suspend(self) -> bool:
        """Nothing more starts here. False if the run is leaving already."""
        if self.is_done or self.end is not None:
            return False
        self.is_suspended = True
        self._waits.stop_timers()
        return True

    def interrupt(self, *, spare_once: bool) -> None:
        """A clean stop of the process: whoever claims the run next goes on. Spared nodes finish first."""
        if not self.may_call:
            return
        self.end = Release(at_once=True)
        self._cancel(spare_once=spare_once)
        self.leave_when_quiet()

    def drop(self) -> None:
        """The run is in other hands: everything stops, nothing is written."""
        self.is_done = True
        self._cancel()
        self._outbox.give_up()
        if self._witness is not None:
            self._witness.left_alone()
        self._forget()

    def let_go(self, end: Close | Release) -> None:
        """At once: nothing of the run is under way here."""
        self.is_done = True
        self._stop_timers()
        self._outbox.flush(end)

    # --- when the last node has stopped ---

    def _stop_timers(self) -> None:
        self._waits.stop_timers()
        for timer in self._timers:
            timer.cancel()

    def _cancel(self, *, spare_once: bool = False) -> None:
        self._stop_timers()
        self._tasks.cancel(spare_once=spare_once)

    def leave_when_quiet(self) -> None:
        """Ends when the last node has stopped: nothing that this run does happens after its end."""
        if self.is_done or self.end is None:
            return
        if self._tasks:
            if isinstance(self.end, Close):
                self._loop.call_later(CANCEL_SECONDS, self._give_up_on_tasks)
            return
        status = "terminated" if isinstance(self.end, Close) else "interrupted"
        for line in list(self._ledger.open.values()):
            stays_open = isinstance(self.end, Release) and (line.place in self._waits or line.passes is not None)
            if line.status == "started" and not stays_open and not line.is_new:
                self._ledger.say(line, status)
        self.let_go(self.end)

    def _give_up_on_tasks(self) -> None:
        """A node that ignores being cancelled cannot hold up the end of its run."""
        if not self.is_done:
            names = ", ".join(place.node_id for place in self._tasks)
            logger.warning("Run %s: %s would not stop", self._outbox.run_id, names)
            self._tasks.forget()
            self.leave_when_quiet()

    # --- afterwards ---

    def recorded(self, sent: Sent) -> None:
        """Whoever waits for the run learns what is now on disk."""
        if self._witness is None:
            return
        if sent.entry.response is not None or isinstance(sent.end, Close):
            self._witness.told(sent.entry.response, sent.end if isinstance(sent.end, Close) else None)
        elif sent.end is not None:
            self._witness.left_alone()

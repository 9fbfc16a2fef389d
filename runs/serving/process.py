"""A server process: its parts are started one after the other, watched by /readyz, and stopped at the same time."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from typing import Protocol

from runs import probes
from runs.serving.web import GRACE, SIGNALS

log = logging.getLogger("penstock")


class Part(Protocol):
    """Something that runs beside the web server: the engine, the clock, Celery."""

    name: str

    def start(self) -> None: ...

    def works(self) -> bool: ...

    def stop(self, grace_seconds: float) -> None:
        """Ends; what is in flight has `grace_seconds` to finish."""


def stay(parts: Sequence[Part]) -> None:
    """Runs the parts without a web server until a signal."""
    caught: Queue[signal.Signals] = Queue()
    for number in SIGNALS:
        signal.signal(number, lambda sig, frame: caught.put(signal.Signals(sig)))
    with started(parts) as stop:
        stop(caught.get())


@contextmanager
def started(parts: Sequence[Part]) -> Iterator[Callable[[signal.Signals], None]]:
    """The parts at work; gives the function that stops them. What it was not called for is stopped at the end."""
    at_work: list[Part] = []

    def stop(number: signal.Signals) -> None:
        stopping, at_work[:] = list(at_work), []
        stop_all(stopping, GRACE[number])

    try:
        for part in parts:
            part.start()
            at_work.append(part)
            probes.parts[part.name] = part.works
        yield stop
    finally:
        stop(signal.SIGINT)


def stop_all(parts: Sequence[Part], grace_seconds: float) -> None:
    """All at once, so that the slowest alone decides how long it takes."""
    with ThreadPoolExecutor(max_workers=max(1, len(parts))) as together:
        for part, stopping in [(part, together.submit(part.stop, grace_seconds)) for part in parts]:
            if fault := stopping.exception():
                log.error("stopping the %s: %s", part.name, fault, exc_info=fault)

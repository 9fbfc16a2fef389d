"""A server process: its parts are started one after the other, watched by /readyz, and stopped at the same time."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from runs import probes
from runs.serving.web import GRACE_SECONDS, Web

log = logging.getLogger("penstock")

# A person at the terminal waits for Ctrl-C; a service manager gives a stop the time that work needs.
GRACE = {signal.SIGINT: GRACE_SECONDS, signal.SIGTERM: 30}


class Part(Protocol):
    """Something that runs beside the web server: the engine, the clock, Celery."""

    name: str

    def start(self) -> None: ...

    def works(self) -> bool: ...

    def stop(self, grace_seconds: float) -> None:
        """Ends; what is in flight has `grace_seconds` to finish."""


def serve(bound: socket.socket, parts: Sequence[Part], ready: Callable[[], None]) -> None:
    """Runs the web server and its parts until a signal; `ready` is called when all is up."""
    started: list[Part] = []

    def stop_parts(number: signal.Signals) -> None:
        stop_all(started, GRACE[number])
        started.clear()

    try:
        for part in parts:
            part.start()
            started.append(part)
            probes.parts[part.name] = part.works
        Web(ready, stop_parts).run(sockets=[bound])
    finally:
        stop_parts(signal.SIGINT)


def stop_all(parts: Sequence[Part], grace_seconds: float) -> None:
    """All at once, so that the slowest alone decides how long it takes."""
    with ThreadPoolExecutor(max_workers=max(1, len(parts))) as together:
        for part, stopping in [(part, together.submit(part.stop, grace_seconds)) for part in parts]:
            if fault := stopping.exception():
                log.error("stopping the %s: %s", part.name, fault, exc_info=fault)

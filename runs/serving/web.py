"""uvicorn inside our own process, with signals and the end of everything in our hands."""

from __future__ import annotations

import asyncio
import errno
import math
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from runs import probes
from runs.engine.process import Engine, no_task_left
from runs.patience import end_all_within
from runs.serving.memory import keep_what_is_loaded

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A person at the terminal waits for Ctrl-C, five seconds all told; a service manager gives work the time it needs.
GRACE = {signal.SIGINT: 2.5, signal.SIGTERM: 30.0}
# So long before that, callers who wait for a run are told how it stands; the others have their answers by then.
ANSWER_SECONDS = 1.5


class AddressTakenError(Exception):
    """We cannot listen there; the message is one line for the operator."""


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket bound to the address, taken before any work is done. Nobody is let in until `Web.serve`. When it is
    `shared`, other processes of the same user may listen there too, and the kernel deals the callers out to them.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as fault:
        raise AddressTakenError(f"PENSTOCK_HOST: {host} is no address of this machine ({fault.strerror})") from None
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind(address)
    except OSError as fault:
        bound.close()
        if fault.errno == errno.EADDRINUSE:
            raise AddressTakenError(f"port {port} on {host} is taken; set PENSTOCK_PORT to another one") from None
        raise AddressTakenError(f"cannot listen on {host} port {port}: {fault.strerror}") from None
    return bound


class Web(uvicorn.Server):
    """Serves until SIGINT or SIGTERM; `stop_rest` then runs beside the last requests, told which signal it was.

    The engine lives in the same event loop, so that a webhook's run can be taken in, run and answered without
    another thread than the journal's."""

    def __init__(self, engine: Engine, ready: Callable[[], None], stop_rest: Callable[[signal.Signals], None]) -> None:
        super().__init__(
            uvicorn.Config(
                "config.asgi:application",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
            )
        )
        self._engine = engine
        self._ready = ready
        self._stop_rest = stop_rest
        self._signal = signal.SIGTERM

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        loop = (self.config.get_loop_factory() or asyncio.new_event_loop)()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self.serve(sockets))
        finally:
            loop.run_until_complete(self._engine.stop_here(GRACE[self._signal]))
            loop.run_until_complete(no_task_left())
            loop.close()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        previous = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(sig)
        grace = GRACE[self._signal]
        self.config.timeout_graceful_shutdown = math.ceil(grace)
        end_all_within(grace - ANSWER_SECONDS)
        probes.stopping.set()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        probes.parts[self._engine.name] = self._engine.works
        await self._engine.start_here()
        try:
            await super().startup(sockets)
        except OSError as fault:  # another process that took the same port began to listen first
            raise AddressTakenError(f"cannot listen: {fault.strerror}; set PENSTOCK_PORT to another port") from None
        await asyncio.to_thread(self._ready)
        keep_what_is_loaded()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.gather(
            super().shutdown(sockets),
            self._engine.stop_here(GRACE[self._signal]),
            asyncio.to_thread(self._stop_rest, self._signal),
        )

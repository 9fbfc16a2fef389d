"""uvicorn inside our own process, with signals and the end of everything in our hands."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from runs import probes

SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_SECONDS = 3


class AddressTakenError(Exception):
    """We cannot listen there; the message is one line for the operator."""


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address, taken before any work is done. Nobody is let in until `Web.serve`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as fault:
        raise AddressTakenError(f"PENSTOCK_HOST: {host} is no address of this machine ({fault.strerror})") from None
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as fault:
        bound.close()
        if fault.errno == errno.EADDRINUSE:
            raise AddressTakenError(f"port {port} on {host} is taken; set PENSTOCK_PORT to another one") from None
        raise AddressTakenError(f"cannot listen on {host} port {port}: {fault.strerror}") from None
    return bound


class Web(uvicorn.Server):
    """Serves until SIGINT or SIGTERM; `stop_rest` then runs beside the last requests, told which signal it was."""

    def __init__(self, ready: Callable[[], None], stop_rest: Callable[[signal.Signals], None]) -> None:
        super().__init__(
            uvicorn.Config(
                "config.asgi:application",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._ready = ready
        self._stop_rest = stop_rest
        self._signal = signal.SIGTERM

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
        probes.stopping.set()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except OSError as fault:  # another process that took the same port began to listen first
            raise AddressTakenError(f"cannot listen: {fault.strerror}; set PENSTOCK_PORT to another port") from None
        await asyncio.to_thread(self._ready)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await asyncio.gather(super().shutdown(sockets), asyncio.to_thread(self._stop_rest, self._signal))

"""Callers that send one request after the other, as cheaply as can be: they run on the cores of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import cast
from urllib.parse import urlsplit

import psutil
import uvloop

WARM_UP = 50


@dataclass(frozen=True)
class Call:
    url: str
    body: bytes = b"{}"
    authorization: str = ""
    status: int = 200

    @property
    def request(self) -> bytes:
        address = urlsplit(self.url)
        path = address.path + (f"?{address.query}" if address.query else "")
        lines = [f"POST {path} HTTP/1.1", f"Host: {address.netloc}", "Content-Type: application/json"]
        lines.append(f"Content-Length: {len(self.body)}")
        if self.authorization:
            lines.append(f"Authorization: {self.authorization}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Figures:
    """What `count` requests took; times in milliseconds, `cpu` of the server's own processes per request."""

    count: int
    per_second: float
    p50: float
    p95: float
    p99: float
    cpu: float


def measure(call: Call, callers: int, pids: Sequence[int], *, count: int, seconds: float) -> Figures:
    """As many requests as `callers` manage within `seconds`, at most `count`. Any other status ends it all."""
    uvloop.run(_send(call, callers, WARM_UP, seconds))
    cpu, began = cpu_seconds(pids), time.perf_counter()
    took = sorted(uvloop.run(_send(call, callers, count, seconds)))
    wall = time.perf_counter() - began
    return Figures(
        count=len(took),
        per_second=len(took) / wall,
        p50=1000 * took[len(took) // 2],
        p95=1000 * took[len(took) * 95 // 100],
        p99=1000 * took[len(took) * 99 // 100],
        cpu=1000 * (cpu_seconds(pids) - cpu) / len(took),
    )


def middle(rounds: Sequence[Figures]) -> Figures:
    """The median of each figure over several rounds."""
    names = ("count", "per_second", "p50", "p95", "p99", "cpu")
    return Figures(**{name: median(getattr(each, name) for each in rounds) for name in names})


def cpu_seconds(pids: Sequence[int]) -> float:
    """Processor time of these processes and of all that they started."""
    trees = [each for pid in pids for each in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))]
    return sum(times.user + times.system for times in (process.cpu_times() for process in trees))


class _Caller(asyncio.Protocol):
    """One connection that is kept; answers have a Content-Length."""

    def __init__(self, call: Call) -> None:
        self._request = call.request
        self._wanted = f"HTTP/1.1 {call.status} ".encode()
        self._transport: asyncio.WriteTransport | None = None
        self._answered: asyncio.Future[None] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < _length_of(head):
            return
        assert self._answered is not None
        if head.startswith(self._wanted):
            self._answered.set_result(None)
        else:
            self._answered.set_exception(RuntimeError(f"{head.decode()} {body[:500]!r}"))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionError("the server hung up"))

    async def once(self) -> None:
        self._received = b""
        self._answered = asyncio.get_running_loop().create_future()
        assert self._transport is not None
        self._transport.write(self._request)
        await self._answered

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


def _length_of(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0] or 0)


async def _send(call: Call, callers: int, count: int, seconds: float) -> list[float]:
    took: list[float] = []
    left = iter(range(count))
    end = time.perf_counter() + seconds
    address = urlsplit(call.url)

    async def work() -> None:
        _, caller = await asyncio.get_running_loop().create_connection(
            lambda: _Caller(call), str(address.hostname), address.port or 80
        )
        for _ in left:
            began = time.perf_counter()
            await caller.once()
            took.append(time.perf_counter() - began)
            if time.perf_counter() > end:
                break
        caller.close()

    await asyncio.gather(*(work() for _ in range(callers)))
    return took

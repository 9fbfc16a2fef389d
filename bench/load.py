"""Callers that send one request after the other, and what that took them and the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

import psutil

WARM_UP = 30


@dataclass(frozen=True)
class Call:
    url: str
    body: bytes = b"{}"
    authorization: str = ""


@dataclass(frozen=True)
class Figures:
    callers: int
    per_second: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    """Processor time of the server's processes per request."""


def measure(call: Call, callers: int, pids: Sequence[int], *, count: int, seconds: float) -> Figures:
    """As many requests as `callers` manage within `seconds`, at most `count`."""
    asyncio.run(_send(call, 1, WARM_UP, seconds))
    cpu, began = _cpu(pids), time.perf_counter()
    took = asyncio.run(_send(call, callers, count, seconds))
    wall = time.perf_counter() - began
    spent = _cpu(pids) - cpu
    twentieths = quantiles(took, n=20)
    return Figures(
        callers=callers,
        per_second=len(took) / wall,
        p50_ms=1000 * twentieths[9],
        p95_ms=1000 * twentieths[18],
        cpu_ms=1000 * spent / len(took),
    )


def _cpu(pids: Sequence[int]) -> float:
    """Seconds of processor time of these processes and of all that they started."""
    trees = [each for pid in pids for each in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))]
    return sum(times.user + times.system for times in (process.cpu_times() for process in trees))


async def _send(call: Call, callers: int, count: int, seconds: float) -> list[float]:
    took: list[float] = []
    left = iter(range(count))
    end = time.perf_counter() + seconds

    async def caller() -> None:
        address = urlsplit(call.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        request = _request(call)
        for _ in left:
            began = time.perf_counter()
            writer.write(request)
            await _answer(reader)
            took.append(time.perf_counter() - began)
            if time.perf_counter() > end:
                break
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(caller() for _ in range(callers)))
    return took


def _request(call: Call) -> bytes:
    address = urlsplit(call.url)
    path = address.path + (f"?{address.query}" if address.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {address.netloc}", "Content-Type: application/json"]
    lines.append(f"Content-Length: {len(call.body)}")
    if call.authorization:
        lines.append(f"Authorization: {call.authorization}")
    return "\r\n".join([*lines, "", ""]).encode() + call.body


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Reads one answer with a Content-Length; anything but 200 ends the measurement."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers["content-length"]))
    assert head[0].split()[1] == "200", f"{head[0]} {body[:500]!r}"
    return body

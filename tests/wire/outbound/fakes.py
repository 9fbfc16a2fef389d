"""A resolver and a network that never leave the process."""

import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpcore2

from wire.outbound import Allow, OutboundClient

PUBLIC = "93.184.215.14"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def redirect(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


class Stream(httpcore2.AsyncNetworkStream):
    """Plays an answer; keeps what was written and under which name TLS was asked for."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.written = b""
        self.tls_name: str | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        chunk, self._answer = self._answer[:max_bytes], self._answer[max_bytes:]
        return chunk

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.written += buffer

    async def aclose(self) -> None:
        pass

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        self.tls_name = server_hostname
        return self

    def get_extra_info(self, info: str) -> Any:
        return {"is_readable": True}.get(info)  # so that every call makes a connection of its own


class Network(httpcore2.AsyncNetworkBackend):
    """Answers each connection with the next of `answers`; keeps where it was asked to connect."""

    def __init__(self, answers: Iterable[bytes], unreachable: Iterable[str] = ()) -> None:
        self._answers = iter(answers)
        self._unreachable = set(unreachable)
        self.connected: list[tuple[str, int]] = []
        self.streams: list[Stream] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.connected.append((host, port))
        if host in self._unreachable:
            raise httpcore2.ConnectError("no route")
        self.streams.append(Stream(next(self._answers)))
        return self.streams[-1]

    @property
    def requests(self) -> list[str]:
        return [stream.written.decode() for stream in self.streams]


class Names:
    """A resolver with a fixed book; each look-up of a name takes its next entry, the last one again and again."""

    def __init__(self, **book: Sequence[str]) -> None:
        self._book: Mapping[str, list[str]] = {name: list(entries) for name, entries in book.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        entries = self._book.get(host.split(".")[0], [PUBLIC])
        entry = entries.pop(0) if len(entries) > 1 else entries[0]
        if not entry:
            raise OSError("unknown name")
        return entry.split()


TLS = ssl.create_default_context()  # costs 0.1 s, so one for all


def client(
    *answers: bytes, allow: str = "", unreachable: Iterable[str] = (), **book: Sequence[str]
) -> tuple[OutboundClient, Network, Names]:
    network, names = Network(answers, unreachable), Names(**book)
    return OutboundClient(Allow.parse(allow), resolver=names, network=network, tls=TLS), network, names

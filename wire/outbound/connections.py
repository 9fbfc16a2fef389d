"""HTTP/1.1 on connections that are kept for the next call."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import h11

from wire.outbound.network import GuardedNetwork, Stream

KEPT_SECONDS = 5.0
KEPT_OF_ORIGIN = 100
_MAX_HEAD = 100 * 1024


@dataclass(frozen=True, slots=True)
class Origin:
    host: str
    port: int
    by_tls: bool


class Connection:
    """One call after the other: its answer's head, then its body."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        self._free_since = time.monotonic()

    async def ask(self, request: h11.Request, content: bytes | None) -> h11.Response:
        """Raises h11.ProtocolError and OSError, as does `body`."""
        events: list[h11.Event] = [request, h11.EndOfMessage()]
        if content:
            events.insert(1, h11.Data(content))
        self._stream.write(b"".join(self._http.send(event) or b"" for event in events))
        while not isinstance(event := await self._next_event(), h11.Response):
            if not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError("no answer")
        return event

    async def body(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._next_event(), h11.Data):
            yield bytes(event.data)

    async def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self._stream.read()
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError("the server hung up without an answer")
            self._http.receive_data(data)
        return event

    def may_be_kept(self) -> bool:
        """Whether the call was heard to its end, and nothing beyond it: the next one can follow it here."""
        is_heard = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if not is_heard or self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        self._free_since = time.monotonic()
        return self._stream.is_quiet

    @property
    def has_expired(self) -> bool:
        """Kept for long enough, or the other side hung up."""
        return time.monotonic() - self._free_since > KEPT_SECONDS or not self._stream.is_quiet

    def close(self) -> None:
        self._stream.close()


class Connections:
    """Those of one event loop, to checked addresses."""

    def __init__(self, network: GuardedNetwork) -> None:
        self._network = network
        self._idle: dict[Origin, list[Connection]] = {}
        self._looked_at = time.monotonic()

    @asynccontextmanager
    async def one_to(self, origin: Origin) -> AsyncIterator[Connection]:
        """For one call. What is not read to its end closes the connection."""
        self._close_expired()
        connection = await self._taken(origin)
        is_kept = False
        try:
            yield connection
            kept = self._idle.setdefault(origin, [])
            if is_kept := connection.may_be_kept() and len(kept) < KEPT_OF_ORIGIN:
                kept.append(connection)
        finally:
            if not is_kept:
                connection.close()

    def close(self) -> None:
        for kept in self._idle.values():
            for connection in kept:
                connection.close()
        self._idle.clear()

    async def _taken(self, origin: Origin) -> Connection:
        kept = self._idle.get(origin, [])
        while kept:
            connection = kept.pop()
            if not connection.has_expired:
                return connection
            connection.close()
        return Connection(await self._network.connect(origin.host, origin.port, by_tls=origin.by_tls))

    def _close_expired(self) -> None:
        """Of all origins, now and then: nobody may call them again."""
        now = time.monotonic()
        if now - self._looked_at < KEPT_SECONDS:
            return
        self._looked_at = now
        for origin, kept in list(self._idle.items()):
            for connection in kept:
                if connection.has_expired:
                    connection.close()
            kept[:] = [connection for connection in kept if not connection.has_expired]
            if not kept:
                del self._idle[origin]

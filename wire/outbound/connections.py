"""HTTP/1.1 on connections that are kept for the next call."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httptools

from wire.outbound.errors import TooLarge
from wire.outbound.network import GuardedNetwork, Stream

KEPT_SECONDS = 5.0
KEPT_OF_ORIGIN = 100
_MAX_HEAD = 100 * 1024
_FRAMING = {b"content-length", b"transfer-encoding"}


class NotHttp(Exception):  # noqa: N818 - it says what the answer is
    """The answer is not HTTP, or breaks off; the message says how."""


@dataclass(frozen=True, slots=True)
class Origin:
    host: str
    port: int
    by_tls: bool


class _Answer:
    """What was heard of one answer, as the parser tells it."""

    def __init__(self, *, has_body: bool) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        self.has_head = False
        self.is_over = False
        self.may_follow = False
        """Another call, on the same connection."""
        self._has_body = has_body
        self._is_interim = False
        self._beside_body = 0
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)  # as some devices write

    def hear(self, data: bytes) -> None:
        """What has come in; nothing is the end of the connection."""
        if not data:
            self._end()
            return
        self._beside_body += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.is_over:
                raise NotHttp(str(error)) from error
            self.may_follow = False
        if self._beside_body > _MAX_HEAD and not self.is_over:
            raise NotHttp("its head is too large")

    def _end(self) -> None:
        if not self.has_head:
            raise NotHttp("the server hung up without an answer")
        if any(name.lower() in _FRAMING for name, _ in self.headers):
            raise NotHttp("the server hung up too early")
        self.is_over = True

    # --- called by the parser ---

    def on_message_begin(self) -> None:
        if self.is_over:
            raise NotHttp("it is followed by something that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.has_head:  # nor a trailer
            self.headers.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._is_interim = self.status < 200
        if self._is_interim:
            self.headers = []
            return
        self.has_head = True
        self.is_over = not self._has_body

    def on_body(self, part: bytes) -> None:
        self._beside_body = 0
        if not self.is_over:
            self.parts.append(part)

    def on_message_complete(self) -> None:
        if not (self._is_interim or self.is_over):
            self.is_over = True
            self.may_follow = self._parser.should_keep_alive()


class Connection:
    """One call after the other: its answer's head, then its body."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._answer = _Answer(has_body=True)
        self._free_since = time.monotonic()

    async def ask(self, request: bytes, *, has_body: bool) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Status and headers; `has_body` says whether what is asked can be answered with one. Raises NotHttp and
        OSError, as does `body`."""
        answer = self._answer = _Answer(has_body=has_body)
        self._stream.write(request)
        while not answer.has_head:
            answer.hear(await self._stream.read())
        return answer.status, answer.headers

    async def body(self, max_bytes: int) -> AsyncIterator[bytes]:
        """As received, at most `max_bytes` of it: a decoder may swallow any number of them without giving one out."""
        answer, received = self._answer, 0
        while True:
            parts, answer.parts = answer.parts, []
            for part in parts:
                received += len(part)
                if received > max_bytes:
                    raise TooLarge.over(max_bytes)
                yield part
            if answer.is_over:
                return
            answer.hear(await self._stream.read())

    def may_be_kept(self) -> bool:
        """Whether the call was heard to its end, and nothing beyond it: the next one can follow it here."""
        self._free_since = time.monotonic()
        return self._answer.may_follow and not self._answer.parts and self._stream.is_quiet

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

"""ASGI middleware before everything else: limits on request bodies, headers on every answer.

Both let streams pass as they come: nothing is held back but what arrives compressed or without a length.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

from wire import problems, strict_json
from wire.problems import Problem

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Answer: TypeAlias = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""
Refused: TypeAlias = Callable[[Scope, Problem], Awaitable[None]]

LINGER_SECONDS = 2.0

_LONGEST_LENGTH = 18  # digits of a Content-Length; beyond these no limit holds it

SECURITY_HEADERS: dict[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Whatever is not a page that says otherwise is data: a browser that shows it may load nothing.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


class BodyLimit:
    """Answers 413 as soon as a body is over its limit, and keeps nothing more of it.

    `limits` maps the beginnings of paths to bytes, the longest that fits counts; `default` is for all others.
    Bodies with `Content-Encoding: gzip` are counted while they inflate, and handed on inflated. Those and
    bodies without a length (chunked) are handed on whole and with a Content-Length, because REST framework
    takes a body without one for empty. `refused` is told of each request that is answered here.
    """

    def __init__(
        self,
        app: Application,
        *,
        default: int = 1_000_000,
        limits: Mapping[str, int] | None = None,
        refusal: Callable[[str, Problem], Answer] | None = None,
        refused: Refused | None = None,
    ) -> None:
        """`refusal` says how the path's own kind of client is told a problem; without it as problem+json."""
        self._app = app
        self._refusal = refusal or (lambda _, problem: as_answer(problem))
        self._default = default
        self._refused = refused
        self._limits = sorted((limits or {"/hooks/": 10_000_000}).items(), key=lambda item: -len(item[0]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((size for start, size in self._limits if scope["path"].startswith(start)), self._default)
        headers = dict(scope["headers"])
        if _is_surely_within(headers, limit):
            await self._app(scope, receive, send)
            return
        on_record = partial(self._refused, scope) if self._refused else None
        exchange = _Exchange(receive, send, partial(self._refusal, scope["path"]), on_record)
        try:
            inner = await _counted(scope, headers, exchange, limit)
        except _ClientGone:
            return
        except Problem as problem:
            await exchange.refuse(problem)
            return
        await self._app(*inner)


def _is_surely_within(headers: Mapping[bytes, bytes], limit: int) -> bool:
    """A plain body that says its length needs no counting: the server hands on no more than that."""
    length = headers.get(b"content-length", b"")
    is_plain = b"content-encoding" not in headers and b"transfer-encoding" not in headers
    return is_plain and length.isdigit() and len(length) <= _LONGEST_LENGTH and int(length) <= limit


async def _counted(
    scope: Scope, headers: Mapping[bytes, bytes], exchange: "_Exchange", limit: int
) -> tuple[Scope, Receive, Send]:
    """The request as the application gets it: counted as it reads, or read and counted already."""
    exchange.meter = meter = _meter(headers, limit)
    if not (meter.inflates or b"transfer-encoding" in headers):
        return scope, exchange.receive, exchange.send
    body = await exchange.whole_body()
    return *_with_body(scope, body, exchange.read), exchange.send


class SecurityHeaders:
    """Sets headers on every answer that does not set them itself; `headers` replaces SECURITY_HEADERS."""

    def __init__(self, app: Application, headers: Mapping[str, str] = SECURITY_HEADERS) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        def send_with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                given = [*message.get("headers", ())]
                names = {name.lower() for name, _ in given}
                message = {**message, "headers": given + [item for item in self._headers if item[0] not in names]}
            return send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def as_answer(problem: Problem) -> Answer:
    body = strict_json.dumps(problem.to_response_body()).encode(errors="replace")
    return problem.status, {"Content-Type": problems.MEDIA_TYPE, **problem.headers}, body


class _Meter:
    """Counts a body as it comes; raises PayloadTooLarge."""

    inflates = False

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = 0

    def take(self, chunk: bytes, *, is_last: bool) -> bytes:
        self._received += len(chunk)
        if self._received > self._limit:
            raise problems.PayloadTooLarge.over(self._limit)
        return chunk


class _InflatingMeter(_Meter):
    """Counts what goes in and what comes out."""

    inflates = True

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._inflated = 0

    def take(self, chunk: bytes, *, is_last: bool) -> bytes:
        chunk = super().take(chunk, is_last=is_last)
        try:
            inflated = self._inflater.decompress(chunk, self._limit - self._inflated + 1)
        except zlib.error:
            raise _bad_gzip() from None
        self._inflated += len(inflated)
        if self._inflated > self._limit:
            raise problems.PayloadTooLarge.over(self._limit)
        if self._inflater.unused_data or (is_last and not self._inflater.eof):
            raise _bad_gzip()
        return inflated


def _bad_gzip() -> Problem:
    return problems.BadRequest("The body is not one whole gzip stream.", code="invalid_gzip")


def _meter(headers: Mapping[bytes, bytes], limit: int) -> _Meter:
    length = headers.get(b"content-length", b"0").lstrip(b"0") or b"0"
    if length.isdigit() and (len(length) > _LONGEST_LENGTH or int(length) > limit):
        raise problems.PayloadTooLarge.over(limit)
    coding = headers.get(b"content-encoding", b"").strip().lower()
    if coding in (b"", b"identity"):
        return _Meter(limit)
    if coding in (b"gzip", b"x-gzip"):
        return _InflatingMeter(limit)
    raise problems.UnsupportedMediaType("Of content encodings only gzip is understood.")


def _with_body(scope: Scope, body: bytes, receive: Receive) -> tuple[Scope, Receive]:
    """The same request as if the body had come plain and with its length."""
    gone = {b"content-encoding", b"transfer-encoding", b"content-length"}
    headers = [item for item in scope["headers"] if item[0].lower() not in gone]
    headers.append((b"content-length", str(len(body)).encode()))
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return {**scope, "headers": headers}, replay


class _ClientGone(Exception):  # noqa: N818 - not an error of ours
    """The client hung up before the end of its request."""


class _Exchange:
    """The two sides of a request whose body is counted as it is read."""

    meter: _Meter

    def __init__(
        self,
        receive: Receive,
        send: Send,
        answer: Callable[[Problem], Answer],
        refused: Callable[[Problem], Awaitable[None]] | None,
    ) -> None:
        self._receive = receive
        self._send = send
        self._answer = answer
        self._refused = refused
        self._is_read = False
        self._is_answered = False
        self._is_refused = False

    async def read(self) -> Message:
        message = await self._receive()
        self._is_read = not message.get("more_body", False)
        return message

    async def whole_body(self) -> bytes:
        body = bytearray()
        while not self._is_read:
            message = await self.read()
            if message["type"] != "http.request":
                raise _ClientGone
            body += self.meter.take(message.get("body", b""), is_last=self._is_read)
        return bytes(body)

    async def receive(self) -> Message:
        """For the application, to which a refused body looks like a client that has gone."""
        if self._is_refused:
            return {"type": "http.disconnect"}
        message = await self.read()
        if message["type"] != "http.request":
            return message
        try:
            self.meter.take(message.get("body", b""), is_last=self._is_read)
        except Problem as problem:
            await self.refuse(problem)
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if not self._is_refused:
            self._is_answered = True
            await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answers, and lingers a little while the rest of the body comes in and is dropped.

        A connection that is closed on bytes not read is reset, and many clients then never see the answer.
        """
        self._is_refused = True
        if self._is_answered:
            return
        if self._refused:
            await self._refused(problem)
        status, headers, body = self._answer(problem)
        fields = {**headers, "Content-Length": str(len(body))}
        encoded = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not self._is_read:
                    await self.read()
        await self._send({"type": "http.response.body", "body": b""})

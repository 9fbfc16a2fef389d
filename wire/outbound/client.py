"""The client: checks what is asked, follows redirects by hand, counts what comes back."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias
from weakref import WeakKeyDictionary

import httpx2

from wire.addresses import Allow
from wire.outbound.connections import Connection, Connections, NotHttp, Origin
from wire.outbound.errors import BadAnswer, InvalidRequest, TimedOut, TooLarge
from wire.outbound.network import GuardedNetwork, Network, Resolver, Sockets, system_resolver

MAX_REDIRECTS = 10

Headers: TypeAlias = Sequence[tuple[str, str]]

_DEFAULT_HEADERS = {"User-Agent": "Penstock", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
_OURS_TO_SET = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"}
# What may follow to another origin. Any other header could be a credential: a key goes by many names.
_HARMLESS = {"accept", "accept-language", "cache-control", "content-type", "user-agent", "idempotency-key"}
_OF_THE_BODY = {"content-type", "content-encoding", "content-language", "content-location"}
_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_ENCODINGS = 2  # every layer of "gzip, gzip, …" costs memory
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_VISIBLE = re.compile(rb"[!-~]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """An answer: header names in lower case, body decompressed, `url` the one that answered in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class _Target:
    """What a checked URL says, read once for many calls. Where it leads to is asked when the connection is made."""

    url: httpx2.URL
    text: str
    origin: Origin
    start: bytes
    """The request's first lines, behind the method."""


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    target: _Target
    headers: Headers
    content: bytes | None


class OutboundClient:
    """Calls the public internet, and inside only what `allow` names. One pool of connections per event loop.

    Nothing is carried from one call to the next: no cookies, no credentials, no proxy from the environment.
    """

    def __init__(
        self,
        allow: Allow,
        *,
        resolver: Resolver | None = None,
        network: Network | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        network = network or Sockets(tls or httpx2.create_ssl_context(trust_env=False))
        self._network = GuardedNetwork(allow, resolver or system_resolver(), network)
        self._connections: WeakKeyDictionary[asyncio.AbstractEventLoop, Connections] = WeakKeyDictionary()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        content: bytes | None = None,
        timeout: float = 30.0,
        follow_redirects: bool = True,
        max_bytes: int = 10_000_000,
    ) -> OutboundResponse:
        """One call with its redirects. Raises OutboundError.

        `timeout` in seconds is for all of it; `max_bytes` is for the body, as received and as decompressed.
        """
        call = _Call(_checked_method(method), _target(url), _checked_headers(headers), content)
        try:
            async with asyncio.timeout(timeout):
                for _ in range(MAX_REDIRECTS + 1):
                    response = await self._send(call, max_bytes)
                    location = response.headers.get("location") if response.status in _REDIRECTS else None
                    if location is None or not follow_redirects:
                        return response
                    call = _redirected(call, response.status, location)
        except TimeoutError:
            raise TimedOut("timeout", f"{call.target.url.host} did not answer within {timeout:g} s.") from None
        raise BadAnswer("too_many_redirects", f"More than {MAX_REDIRECTS} redirects.")

    async def aclose(self) -> None:
        """Closes the connections of the running event loop."""
        connections = self._connections.pop(asyncio.get_running_loop(), None)
        if connections is not None:
            connections.close()

    def _here(self) -> Connections:
        loop = asyncio.get_running_loop()
        if loop not in self._connections:
            self._connections[loop] = Connections(self._network)
        return self._connections[loop]

    async def _send(self, call: _Call, max_bytes: int) -> OutboundResponse:
        """One hop, by bare connections: httpx2's own client keeps cookies and logs every URL."""
        with _translated(call.target.url):
            async with self._here().one_to(call.target.origin) as connection:
                status, lines = await connection.ask(_written(call), has_body=call.method != "HEAD")
                headers = _read_headers(lines)
                body = await _body(connection, status, headers, max_bytes)
        return OutboundResponse(status, headers, body, call.target.text)


# --- what is asked ---


def _checked_method(method: str) -> str:
    if not _TOKEN.fullmatch(method):
        raise InvalidRequest("invalid_method", "The method must be one word such as GET or POST.")
    return method.upper()


@lru_cache(maxsize=256)
def _target(text: str, base: httpx2.URL | None = None) -> _Target:
    url = _checked_url(text, base)
    by_tls = url.scheme == "https"
    origin = Origin(url.raw_host.decode("ascii"), url.port or (443 if by_tls else 80), by_tls)
    return _Target(url, str(url), origin, b" %s HTTP/1.1\r\nHost: %s\r\n" % (url.raw_path, url.netloc))


def _checked_url(text: str, base: httpx2.URL | None) -> httpx2.URL:
    try:
        url = base.join(text) if base else httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        raise InvalidRequest("invalid_url", "This is not a valid URL.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidRequest("invalid_url", "The URL must begin with http:// or https:// and name a host.")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise InvalidRequest("invalid_url", "The port of the URL must be from 1 to 65535.")
    if not _VISIBLE.fullmatch(url.raw_path) or not _VISIBLE.fullmatch(url.netloc):
        raise InvalidRequest("invalid_url", "This is not a valid URL.")
    if url.userinfo:
        raise InvalidRequest("invalid_url", "A URL must not hold a user name or password; use a credential.")
    return url.copy_with(fragment=None)


def _checked_headers(headers: Headers) -> Headers:
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise InvalidRequest("invalid_header", f"{name[:100]!r} is not the name of a header.")
        if name.lower() in _OURS_TO_SET or name.lower().startswith("proxy-"):
            raise InvalidRequest("invalid_header", f"The header {name} is set by the server itself.")
        if _CONTROL.search(value):
            raise InvalidRequest("invalid_header", f"The value of {name} holds a line break or control character.")
    return [(name, value.strip(" \t")) for name, value in headers]


def _written(call: _Call) -> bytes:
    """As it goes over the connection. Nothing in it can end a line: method, URL and headers were checked."""
    given = {name.lower() for name, _ in call.headers}
    sent = [(name, value) for name, value in _DEFAULT_HEADERS.items() if name.lower() not in given]
    sent += call.headers
    if call.content or call.method in ("POST", "PUT", "PATCH"):
        sent.append(("Content-Length", str(len(call.content or b""))))
    lines = "".join([f"{name}: {value}\r\n" for name, value in sent])
    return b"%s%s%s\r\n%s" % (call.method.encode(), call.target.start, lines.encode(), call.content or b"")


# --- redirects ---


def _redirected(call: _Call, status: int, location: str) -> _Call:
    """The next hop, by the rules of fetch; what could be a credential stays with the origin it was meant for."""
    target = _target(location, call.target.url)
    headers = call.headers
    if not _may_keep_credentials(call.target.url, target.url):
        headers = [(name, value) for name, value in headers if name.lower() in _HARMLESS]
    becomes_get = (status == 303 and call.method != "HEAD") or (status in (301, 302) and call.method == "POST")
    if not becomes_get:
        return replace(call, target=target, headers=headers)
    headers = [(name, value) for name, value in headers if name.lower() not in _OF_THE_BODY]
    return _Call("GET", target, headers, None)


def _may_keep_credentials(old: httpx2.URL, new: httpx2.URL) -> bool:
    to_tls = (old.scheme, old.port, new.scheme, new.port) == ("http", None, "https", None)
    return old.host == new.host and (to_tls or (old.scheme, old.port) == (new.scheme, new.port))


# --- what comes back ---


class _Received(httpx2.AsyncByteStream):
    """The body's bytes for httpx2's decoders."""

    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._parts:
            yield part


def _read_headers(lines: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Of those that have one name one."""
    headers: dict[str, str] = {}
    for name, value in lines:
        key, text = name.decode("ascii").lower(), _text(value)
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


async def _body(connection: Connection, status: int, headers: Mapping[str, str], max_bytes: int) -> bytes:
    received = connection.body(max_bytes)
    encodings = headers.get("content-encoding", "")
    if not encodings:
        return b"".join([part async for part in received])
    if encodings.count(",") >= _MAX_ENCODINGS:
        raise BadAnswer("bad_answer", "The answer is compressed more than twice.")
    body = bytearray()
    async for chunk in httpx2.Response(status, headers=headers, stream=_Received(received)).aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge.over(max_bytes)
    return bytes(body)


@contextmanager
def _translated(url: httpx2.URL) -> Iterator[None]:
    """What goes wrong on a connection, as our errors; the messages name the host only."""
    try:
        yield
    except httpx2.DecodingError as error:
        raise BadAnswer("bad_answer", f"The answer of {url.host} cannot be decompressed.") from error
    except NotHttp as error:
        raise BadAnswer("bad_answer", f"The answer of {url.host} is not HTTP, or breaks off: {error}.") from error
    except OSError as error:
        raise BadAnswer("connection_lost", f"The connection to {url.host} was lost.") from error

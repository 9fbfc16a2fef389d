"""The client: checks what is asked, follows redirects by hand, counts what comes back."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
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
class _Call:
    method: str
    url: httpx2.URL
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
        call = _Call(_checked_method(method), _checked_url(url), _checked_headers(headers), content)
        try:
            async with asyncio.timeout(timeout):
                for _ in range(MAX_REDIRECTS + 1):
                    response = await self._send(call, max_bytes)
                    target = response.headers.get("location") if response.status in _REDIRECTS else None
                    if target is None or not follow_redirects:
                        return response
                    call = _redirected(call, response.status, target)
        except TimeoutError:
            raise TimedOut("timeout", f"{call.url.host} did not answer within {timeout:g} s.") from None
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
        host = call.url.host
        with _translated(host):
            request = _written(call)
            async with self._here().one_to(_origin(call.url)) as connection:
                status, raw_headers = await connection.ask(request, has_body=call.method != "HEAD")
                headers = httpx2.Headers(raw_headers)
                body = await _body(connection, status, headers, max_bytes)
        return OutboundResponse(status, dict(headers.items()), body, str(call.url))


# --- what is asked ---


def _checked_method(method: str) -> str:
    if not _TOKEN.fullmatch(method):
        raise InvalidRequest("invalid_method", "The method must be one word such as GET or POST.")
    return method.upper()


@lru_cache(maxsize=256)
def _checked_url(text: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """Where it leads to is asked when the connection is made, each time."""
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


def _origin(url: httpx2.URL) -> Origin:
    by_tls = url.scheme == "https"
    return Origin(url.raw_host.decode("ascii"), url.port or (443 if by_tls else 80), by_tls)


def _written(call: _Call) -> bytes:
    """As it goes over the connection. Nothing in it can end a line: method, URL and headers were checked."""
    given = {name.lower() for name, _ in call.headers}
    sent = [(name, value) for name, value in _DEFAULT_HEADERS.items() if name.lower() not in given]
    sent += call.headers
    if call.content or call.method in ("POST", "PUT", "PATCH"):
        sent.append(("Content-Length", str(len(call.content or b""))))
    lines = "".join([f"{name}: {value}\r\n" for name, value in sent])
    start = b"%s %s HTTP/1.1\r\nHost: %s\r\n" % (call.method.encode(), call.url.raw_path, call.url.netloc)
    return b"%s%s\r\n%s" % (start, lines.encode(), call.content or b"")


# --- redirects ---


def _redirected(call: _Call, status: int, target: str) -> _Call:
    """The next hop, by the rules of fetch; what could be a credential stays with the origin it was meant for."""
    url = _checked_url(target, call.url)
    headers = call.headers
    if not _may_keep_credentials(call.url, url):
        headers = [(name, value) for name, value in headers if name.lower() in _HARMLESS]
    becomes_get = (status == 303 and call.method != "HEAD") or (status in (301, 302) and call.method == "POST")
    if not becomes_get:
        return replace(call, url=url, headers=headers)
    headers = [(name, value) for name, value in headers if name.lower() not in _OF_THE_BODY]
    return _Call("GET", url, headers, None)


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


async def _body(connection: Connection, status: int, headers: httpx2.Headers, max_bytes: int) -> bytes:
    encodings = headers.get_list("content-encoding", split_commas=True)
    if len(encodings) > _MAX_ENCODINGS:
        raise BadAnswer("bad_answer", "The answer is compressed more than twice.")
    received = connection.body(max_bytes)
    if not encodings:
        return b"".join([part async for part in received])
    body = bytearray()
    async for chunk in httpx2.Response(status, headers=headers, stream=_Received(received)).aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge.over(max_bytes)
    return bytes(body)


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """What goes wrong on a connection, as our errors; the messages name the host only."""
    try:
        yield
    except httpx2.DecodingError as error:
        raise BadAnswer("bad_answer", f"The answer of {host} cannot be decompressed.") from error
    except NotHttp as error:
        raise BadAnswer("bad_answer", f"The answer of {host} is not HTTP, or breaks off: {error}.") from error
    except OSError as error:
        raise BadAnswer("connection_lost", f"The connection to {host} was lost.") from error

"""Connections to checked addresses only."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeAlias

import httpcore2

from wire.addresses import Address, Allow, literal
from wire.outbound.errors import ConnectFailed, Refused

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host name and a port to its addresses as text; OSError when there are none."""

_RESOLVER_THREADS = 16
KEPT_SECONDS = 5.0
KEPT_OF_ORIGIN = 100


def system_resolver() -> Resolver:
    """getaddrinfo on threads of its own: name servers that do not answer must not block other work."""
    threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolver")

    def look_up(host: str, port: int) -> list[str]:
        # As bytes, or Python would first put the name through its old IDNA codec.
        found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
        return [str(address[0]) for *_, address in found]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return await asyncio.get_running_loop().run_in_executor(threads, look_up, host, port)

    return resolve


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves a host once, checks every address, connects to one of them.

    TLS and the Host header keep the name: they are made above this from the URL.
    """

    def __init__(self, allow: Allow, resolver: Resolver, network: httpcore2.AsyncNetworkBackend) -> None:
        self._allow = allow
        self._resolver = resolver
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        *others, last = await self._checked(host, port)
        share = timeout / (len(others) + 1) if timeout else None
        for address in others:
            try:
                return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue  # where there is no IPv6, IPv4 may do
        return await self._network.connect_tcp(str(last), port, share, local_address, socket_options)

    async def _checked(self, host: str, port: int) -> list[Address]:
        spelled = literal(host)
        addresses = [spelled] if spelled else await self._resolved(host, port)
        if not all(self._allow.permits(host, address) for address in addresses):
            raise Refused(
                "address_refused",
                f"{host} is or leads to an inner address, which may not be called;"
                " an administrator can allow it in PENSTOCK_OUTBOUND_ALLOW.",
            )
        return addresses

    async def _resolved(self, host: str, port: int) -> list[Address]:
        try:
            found = dict.fromkeys(literal(text) for text in await self._resolver(host, port))
        except (OSError, UnicodeError, ValueError):
            found = {}
        addresses = [address for address in found if address is not None]
        if not addresses or len(addresses) < len(found):
            raise ConnectFailed("name_not_found", f"{host} does not resolve to an address.")
        return addresses


class Connections:
    """Those of one event loop, on a guarded backend; what a call leaves in order is kept for the next to its origin.

    httpcore2's own pool looks through all of its connections at the beginning and at the end of every call: with a
    hundred at once, that alone took as long as all the rest.
    """

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext) -> None:
        self._backend = backend
        self._tls = tls
        self._idle: dict[str, list[httpcore2.AsyncHTTPConnection]] = {}
        self._looked_at = time.monotonic()

    @asynccontextmanager
    async def answer(self, request: httpcore2.Request) -> AsyncIterator[httpcore2.Response]:
        """The head of the answer, its body still to be read. What is not read to its end closes the connection."""
        await self._close_expired()
        connection = await self._taken(request.url.origin)
        try:
            response = await connection.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        finally:
            await self._put_back(connection, request.url.origin)

    async def aclose(self) -> None:
        idle = [connection for kept in self._idle.values() for connection in kept]
        self._idle.clear()
        for connection in idle:
            await connection.aclose()

    async def _taken(self, origin: httpcore2.Origin) -> httpcore2.AsyncHTTPConnection:
        kept = self._idle.get(str(origin), [])
        while kept:
            connection = kept.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore2.AsyncHTTPConnection(
            origin, ssl_context=self._tls, keepalive_expiry=KEPT_SECONDS, network_backend=self._backend
        )

    async def _put_back(self, connection: httpcore2.AsyncHTTPConnection, origin: httpcore2.Origin) -> None:
        kept = self._idle.setdefault(str(origin), [])
        if connection.is_available() and len(kept) < KEPT_OF_ORIGIN:
            kept.append(connection)
        else:
            await connection.aclose()

    async def _close_expired(self) -> None:
        """Of all origins, now and then: nobody may call them again."""
        now = time.monotonic()
        if now - self._looked_at < KEPT_SECONDS:
            return
        self._looked_at = now
        expired = []
        for name, kept in list(self._idle.items()):
            expired += [connection for connection in kept if connection.has_expired()]
            kept[:] = [connection for connection in kept if connection not in expired]
            if not kept:
                del self._idle[name]
        for connection in expired:
            await connection.aclose()

"""Connections to checked addresses only."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import httpcore2
import httpx2

from wire.addresses import Address, Allow, literal
from wire.outbound.errors import ConnectFailed, Refused

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host name and a port to its addresses as text; OSError when there are none."""

_RESOLVER_THREADS = 16


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


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """httpx2's transport on a guarded backend, for one event loop."""

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        # httpx2 takes no backend as an argument; a test holds that this is the pool it uses.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,  # the engine's slots limit them; one slow host must not hold up the others
            max_keepalive_connections=100,
            keepalive_expiry=5.0,
            network_backend=backend,
        )

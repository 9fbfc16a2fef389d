"""The way to checked addresses only."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeAlias, cast

from wire.addresses import Address, Allow, literal
from wire.outbound.errors import ConnectFailed, Refused, TimedOut

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host name and a port to its addresses as text; OSError when there are none."""

CONNECT_SECONDS = 10.0
_RESOLVER_THREADS = 16
_MOST_UNREAD = 256 * 1024


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


class Stream(Protocol):
    """The bytes of one connection."""

    @property
    def is_quiet(self) -> bool:
        """It is open, and nothing has come in that was not read."""
        ...

    def write(self, data: bytes) -> None: ...

    async def read(self) -> bytes:
        """What has come in, or comes in next; nothing at the end. Raises OSError when the connection broke."""
        ...

    def close(self) -> None: ...


class Network(Protocol):
    async def connect(self, address: str, port: int, tls_name: str | None) -> Stream:
        """By TLS if there is a name that the certificate must be for. Raises OSError, of which ssl.SSLError is one."""
        ...


class Sockets:
    """The network of this machine."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        tls.set_alpn_protocols(["http/1.1"])

    async def connect(self, address: str, port: int, tls_name: str | None) -> Stream:
        tls = None if tls_name is None else self._tls
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(_SocketStream, address, port, ssl=tls, server_hostname=tls_name)
        return stream


class _SocketStream(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._is_held_back = False
        self._is_over = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None

    @property
    def is_quiet(self) -> bool:
        return not self._unread and not self._is_over

    def write(self, data: bytes) -> None:
        assert self._transport is not None, "a stream comes back from connecting"  # noqa: S101
        self._transport.write(data)

    async def read(self) -> bytes:
        while self.is_quiet:
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        data = bytes(self._unread)
        self._unread.clear()
        if not data and self._error is not None:
            raise self._error
        if self._is_held_back and not self._is_over and self._transport is not None:
            self._is_held_back = False
            self._transport.resume_reading()
        return data

    def close(self) -> None:
        self._is_over = True
        if self._transport is not None:
            self._transport.abort()

    # --- called by the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > _MOST_UNREAD and self._transport is not None and not self._is_held_back:
            self._is_held_back = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._is_over = True
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_over, self._error = True, error
        self._wake()

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)


class GuardedNetwork:
    """Resolves a host once, checks every address, connects to one of them.

    TLS and the Host header keep the name.
    """

    def __init__(self, allow: Allow, resolver: Resolver, network: Network) -> None:
        self._allow = allow
        self._resolver = resolver
        self._network = network

    async def connect(self, host: str, port: int, *, by_tls: bool) -> Stream:
        """Raises Refused, ConnectFailed or TimedOut."""
        *others, last = await self._checked(host, port)
        tls_name = host if by_tls else None
        share = CONNECT_SECONDS / (len(others) + 1)
        for address in others:
            try:
                return await self._connected(host, address, port, tls_name, share)
            except (ConnectFailed, TimedOut) as error:
                if error.code == "tls_failed":
                    raise
                continue  # where there is no IPv6, IPv4 may do
        return await self._connected(host, last, port, tls_name, share)

    async def _connected(self, host: str, address: Address, port: int, tls_name: str | None, seconds: float) -> Stream:
        try:
            async with asyncio.timeout(seconds):
                return await self._network.connect(str(address), port, tls_name)
        except TimeoutError:
            raise TimedOut("timeout", f"{host} cannot be reached: no answer to the connection.") from None
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
            raise ConnectFailed("tls_failed", f"No secure connection to {host}: {reason}.") from error
        except OSError as error:
            raise ConnectFailed("connect_failed", f"{host} cannot be reached: {error}.") from error

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

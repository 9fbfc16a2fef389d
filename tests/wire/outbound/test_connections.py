"""Connections, kept and new, and TLS, against a loopback server that is allowed."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.wire.outbound.fakes import OK, Names, answer
from wire.outbound import Allow, BadAnswer, ConnectFailed, OutboundClient, TimedOut, TooLarge, connections
from wire.outbound.network import Sockets

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A loopback server on a free port."""
    tasks: set[asyncio.Task[None]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def says_ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readuntil(b"\r\n\r\n"):
        writer.write(OK)


@asynccontextmanager
async def counting(serve: Serve) -> AsyncIterator[tuple[int, list[asyncio.StreamReader]]]:
    """A server, and what it reads from: one for each connection that was made."""
    made: list[asyncio.StreamReader] = []

    async def counts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.append(reader)
        await serve(reader, writer)

    async with server(counts) as port:
        yield port, made


@pytest.fixture
async def http() -> AsyncIterator[OutboundClient]:
    client = OutboundClient(Allow.parse("127.0.0.1"))
    yield client
    await client.aclose()


class TestOverRealSockets:
    async def test_an_allowed_loopback_server_is_reached(self, http: OutboundClient) -> None:
        async with server(says_ok) as port:
            assert (await http.request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"

    async def test_a_connection_is_used_again(self, http: OutboundClient) -> None:
        async with counting(says_ok) as (port, made):
            for _ in range(3):
                await http.request("GET", f"http://127.0.0.1:{port}/")
            await http.aclose()
        assert len(made) == 1

    async def test_calls_at_once_have_a_connection_each_and_leave_them_to_the_next(self, http: OutboundClient) -> None:
        async with counting(says_ok) as (port, made):
            for _ in range(2):
                await asyncio.gather(*(http.request("GET", f"http://127.0.0.1:{port}/") for _ in range(5)))
            await http.aclose()
        assert len(made) == 5

    async def test_what_a_call_left_unread_is_not_read_by_the_next(self, http: OutboundClient) -> None:
        async def says_where(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b" /slow " in head:
                    await asyncio.sleep(1)
                writer.write(answer(head.split()[1] * 50))

        async with counting(says_where) as (port, made):
            with pytest.raises(TooLarge):
                await http.request("GET", f"http://127.0.0.1:{port}/large", max_bytes=20)
            with pytest.raises(TimedOut):
                await http.request("GET", f"http://127.0.0.1:{port}/slow", timeout=0.2)
            assert (await http.request("GET", f"http://127.0.0.1:{port}/next")).body == b"/next" * 50
            await http.aclose()
        assert len(made) == 3

    async def test_what_is_said_unasked_is_not_taken_for_the_next_answer(self, http: OutboundClient) -> None:
        async def says_two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(OK + answer(b"planted"))

        async with counting(says_two) as (port, made):
            for _ in range(2):
                assert (await http.request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"
            await http.aclose()
        assert len(made) == 2

    async def test_a_connection_that_the_server_closed_is_not_used_again(self, http: OutboundClient) -> None:
        async def says_ok_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)

        async with counting(says_ok_once) as (port, made):
            for _ in range(2):
                assert (await http.request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"
                await asyncio.sleep(0.1)
        assert len(made) == 2

    async def test_large_bodies_go_both_ways(self, http: OutboundClient) -> None:
        async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer(await reader.readexactly(5_000_000)))
            await writer.drain()

        body = bytes(range(250)) * 20_000
        async with server(echoes) as port:
            assert (await http.request("POST", f"http://127.0.0.1:{port}/", content=body)).body == body

    async def test_what_nobody_reads_is_held_back(self) -> None:
        async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                writer.write(b"x" * 100_000)
                await writer.drain()
                sent.append(100_000)

        sent: list[int] = []
        async with server(floods) as port:
            stream = await Sockets(ssl.create_default_context()).connect("127.0.0.1", port, None)
            received = len(await stream.read())
            async with asyncio.timeout(30):
                before = 0
                while not before or before < len(sent):
                    before = len(sent)
                    await asyncio.sleep(0.5)
                while received <= before * 100_000:
                    received += len(await stream.read())
            stream.close()

    async def test_connections_that_nobody_uses_are_closed(
        self, http: OutboundClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connections, "KEPT_SECONDS", 0.0)
        async with counting(says_ok) as (first, made), counting(says_ok) as (second, _):
            await http.request("GET", f"http://127.0.0.1:{first}/")
            await http.request("GET", f"http://127.0.0.1:{second}/")
            async with asyncio.timeout(30):
                assert await made[0].read() == b""

    async def test_the_time_is_for_the_whole_answer(self, http: OutboundClient) -> None:
        async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

        async with server(drips) as port:
            with pytest.raises(TimedOut, match=r"127\.0\.0\.1 did not answer within 0\.2 s") as caught:
                await http.request("GET", f"http://127.0.0.1:{port}/", timeout=0.2)
        assert caught.value.code == "timeout"

    async def test_an_endless_answer_is_cut_off_and_the_connection_closed(self, http: OutboundClient) -> None:
        closed = asyncio.Event()

        async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                while True:
                    writer.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
                    await writer.drain()
            finally:
                closed.set()

        async with server(floods) as port:
            with pytest.raises(TooLarge):
                await http.request("GET", f"http://127.0.0.1:{port}/", max_bytes=100_000)
            await asyncio.wait_for(closed.wait(), 5)

    async def test_a_cancelled_call_hangs_up(self, http: OutboundClient) -> None:
        arrived, closed = asyncio.Event(), asyncio.Event()

        async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            arrived.set()
            await reader.read()
            closed.set()

        async with server(waits) as port:
            call = asyncio.create_task(http.request("GET", f"http://127.0.0.1:{port}/"))
            await arrived.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await asyncio.wait_for(closed.wait(), 5)

    async def test_nobody_listening_is_a_connection_that_failed(self, http: OutboundClient) -> None:
        async with server(says_ok) as port:
            pass
        with pytest.raises(ConnectFailed) as caught:
            await http.request("GET", f"http://127.0.0.1:{port}/")
        assert caught.value.code == "connect_failed"
        assert not caught.value.permanent

    async def test_a_connection_that_breaks_is_said_to_be_lost(self, http: OutboundClient) -> None:
        async def breaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.abort()

        async with server(breaks) as port:
            with pytest.raises(BadAnswer):
                await http.request("GET", f"http://127.0.0.1:{port}/")

    async def test_a_proxy_in_the_environment_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        http = OutboundClient(Allow.parse("127.0.0.1"))

        async with server(says_ok) as port:
            assert (await http.request("GET", f"http://127.0.0.1:{port}/")).body == b"ok"
            await http.aclose()

    def test_each_event_loop_has_its_own_connections(self) -> None:
        http = OutboundClient(Allow.parse("127.0.0.1"))

        async def call() -> bytes:
            async with server(says_ok) as port:
                response = await http.request("GET", f"http://127.0.0.1:{port}/")
                await http.aclose()
                return response.body

        assert [asyncio.run(call()), asyncio.run(call())] == [b"ok", b"ok"]


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS settings for a server that is `name`, and for a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(secret + pem)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(folder / "both.pem")
    return serving, ssl.create_default_context(cadata=pem.decode())


class TestTls:
    async def test_the_certificate_is_checked_against_the_name_not_the_address(self, tmp_path: Path) -> None:
        serving, trusting = certificate(tmp_path, "shop.example")
        http = OutboundClient(Allow.parse("127.0.0.1"), resolver=Names(shop=["127.0.0.1"]), tls=trusting)

        async with server(says_ok, serving) as port:
            assert (await http.request("GET", f"https://shop.example:{port}/")).body == b"ok"
            await http.aclose()

    async def test_a_certificate_for_another_name_is_refused(self, tmp_path: Path) -> None:
        serving, trusting = certificate(tmp_path, "shop.example")
        http = OutboundClient(Allow.parse("127.0.0.1"), resolver=Names(bank=["127.0.0.1"]), tls=trusting)

        async with server(says_ok, serving) as port:
            with pytest.raises(ConnectFailed, match=r"bank\.example") as caught:
                await http.request("GET", f"https://bank.example:{port}/")
        assert caught.value.code == "tls_failed"

    async def test_a_certificate_that_nobody_vouches_for_is_refused(self, tmp_path: Path) -> None:
        serving, _ = certificate(tmp_path, "shop.example")
        http = OutboundClient(Allow.parse("127.0.0.1"), resolver=Names(shop=["127.0.0.1"]))

        async with server(says_ok, serving) as port:
            with pytest.raises(ConnectFailed, match=r"(?i)self.signed|certificate"):
                await http.request("GET", f"https://shop.example:{port}/")

"""What goes out and what may come back, against a fake network or a loopback server that is allowed."""

import asyncio
import datetime
import gzip
import ssl
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.wire.outbound.fakes import OK, Names, client
from wire.outbound import (
    Allow,
    BadAnswer,
    ConnectFailed,
    InvalidRequest,
    OutboundClient,
    TimedOut,
    TooLarge,
    connections,
)
from wire.outbound.network import Sockets


def answer(body: bytes, *headers: str) -> bytes:
    lines = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers])
    return lines.encode() + b"\r\n\r\n" + body


class TestRequest:
    async def test_method_headers_and_body_are_sent(self) -> None:
        http, network, _ = client(OK)
        await http.request(
            "post", "http://example.com/", headers=[("X-Name", "Jürgen"), ("X-Name", "2")], content=b"hi"
        )

        head, body = network.requests[0].split("\r\n\r\n")
        assert body == "hi"
        assert head.startswith("POST / HTTP/1.1")
        assert {"X-Name: Jürgen", "X-Name: 2", "Content-Length: 2", "User-Agent: Penstock"} <= set(head.split("\r\n"))

    async def test_defaults_can_be_replaced(self) -> None:
        http, network, _ = client(OK)
        await http.request(
            "GET", "http://example.com/", headers=[("user-agent", "mine"), ("Accept-Encoding", "identity")]
        )

        assert "user-agent: mine" in network.requests[0]
        assert "Penstock" not in network.requests[0]
        assert "gzip" not in network.requests[0]

    @pytest.mark.parametrize(
        "name", ["Host", "content-length", "Transfer-Encoding", "Connection", "Proxy-Authorization"]
    )
    async def test_headers_that_steer_the_connection_are_refused(self, name: str) -> None:
        http, network, _ = client()

        with pytest.raises(InvalidRequest, match=name) as caught:
            await http.request("GET", "http://example.com/", headers=[(name, "x")])
        assert caught.value.code == "invalid_header"
        assert network.connected == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X", "a\r\nHost: b"),
            ("X", "a\nb"),
            ("X", "a\0"),
            ("X", "a\x1b[0m"),
            ("X Y", "a"),
            ("", "a"),
            ("X:", "a"),
            ("Ä", "a"),
        ],
    )
    async def test_headers_cannot_smuggle(self, name: str, value: str) -> None:
        http, network, _ = client()

        with pytest.raises(InvalidRequest):
            await http.request("GET", "http://example.com/", headers=[(name, value)])
        assert network.connected == []

    @pytest.mark.parametrize("method", ["", "GET /", "G\r\nET", "GÄT"])
    async def test_a_method_is_one_word(self, method: str) -> None:
        http, _, _ = client()

        with pytest.raises(InvalidRequest):
            await http.request(method, "http://example.com/")


class TestAnswer:
    @pytest.mark.parametrize(
        "said",
        [
            b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(b"hello"),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: 1\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\nhello",
            b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        ],
        ids=["after hints", "in chunks", "to the end of the connection", "with short line ends"],
    )
    async def test_the_ways_of_sending_a_body(self, said: bytes) -> None:
        http, _, _ = client(said)

        assert (await http.request("GET", "http://example.com/")).body == b"hello"

    async def test_an_answer_to_head_has_no_body(self) -> None:
        http, _, _ = client(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")

        response = await http.request("HEAD", "http://example.com/")
        assert (response.body, response.headers["content-length"]) == (b"", "9")

    async def test_headers_are_lower_case_and_the_body_decompressed(self) -> None:
        http, _, _ = client(answer(gzip.compress(b"hello"), "Content-Encoding: gzip", "X-Two: a", "X-Two: b"))
        response = await http.request("GET", "http://example.com/")

        assert response.body == b"hello"
        assert response.headers["x-two"] == "a, b"

    async def test_cookies_are_not_kept_for_the_next_call(self) -> None:
        http, network, _ = client(answer(b"", "Set-Cookie: session=1; Path=/"), OK)
        await http.request("GET", "http://example.com/")
        await http.request("GET", "http://example.com/")

        assert "session" not in network.requests[1]

    async def test_cookies_are_not_kept_across_a_redirect(self) -> None:
        moved = b"HTTP/1.1 302 Moved\r\nLocation: /x\r\nSet-Cookie: session=1\r\nContent-Length: 0\r\n\r\n"
        http, network, _ = client(moved, OK)
        await http.request("GET", "http://example.com/")

        assert "session" not in network.requests[1]

    @pytest.mark.parametrize("size", [999, 1000])
    async def test_a_body_up_to_the_cap_passes(self, size: int) -> None:
        http, _, _ = client(answer(b"x" * size))

        assert len((await http.request("GET", "http://example.com/", max_bytes=1000)).body) == size

    async def test_a_body_over_the_cap_is_refused(self) -> None:
        http, _, _ = client(answer(b"x" * 1001))

        with pytest.raises(TooLarge, match="1,000 bytes") as caught:
            await http.request("GET", "http://example.com/", max_bytes=1000)
        assert caught.value.code == "too_large"

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
    async def test_a_bomb_is_counted_as_it_unfolds(self, encoding: str) -> None:
        bomb = b"\0" * 50_000_000
        for layer in encoding.split(", "):
            bomb = gzip.compress(bomb) if layer == "gzip" else zlib.compress(bomb)
        http, _, _ = client(answer(bomb, f"Content-Encoding: {encoding}"))

        with pytest.raises(TooLarge):
            await http.request("GET", "http://example.com/", max_bytes=100_000)

    async def test_bytes_that_decompress_to_nothing_count_too(self) -> None:
        padded = gzip.compress(b"x") + b"\0" * 200_000
        http, _, _ = client(answer(padded, "Content-Encoding: gzip"))

        with pytest.raises(TooLarge):
            await http.request("GET", "http://example.com/", max_bytes=100_000)

    async def test_many_layers_of_compression_are_refused(self) -> None:
        http, _, _ = client(answer(b"x", "Content-Encoding: " + "gzip, " * 1000 + "gzip"))

        with pytest.raises(BadAnswer, match="more than twice"):
            await http.request("GET", "http://example.com/")

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (b"", "bad_answer"),
            (b"SSH-2.0-OpenSSH\r\n", "bad_answer"),
            (b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "bad_answer"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "bad_answer"),
            (answer(b"not gzip", "Content-Encoding: gzip"), "bad_answer"),
            (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, "bad_answer"),
            (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10_000 + OK, "bad_answer"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"y" * 200_000, "bad_answer"),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "bad_answer",
            ),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", "bad_answer"),
        ],
    )
    async def test_what_is_not_http_is_a_bad_answer(self, said: bytes, code: str) -> None:
        http, _, _ = client(said)

        with pytest.raises(BadAnswer, match=r"example\.com") as caught:
            await http.request("GET", "http://example.com/")
        assert caught.value.code == code


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


def test_the_guard_does_not_bring_in_the_web_framework() -> None:
    script = "import sys, wire.outbound; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

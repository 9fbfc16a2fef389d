import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.test import override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from wire import asgi, rest
from wire.asgi import BodyLimit, Message, Receive, Scope, SecurityHeaders, Send

LIMITS = {"/hooks/": 100, "/hooks/big/": 1000}


class Echo:
    """Answers with what arrived: length header, encoding header and size of the body."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        said = {"length": headers.get("content-length"), "coding": headers.get("content-encoding"), "size": len(body)}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


class Client:
    """Sends one request in pieces; counts how many were read."""

    def __init__(self, *chunks: bytes, headers: Sequence[tuple[str, str]] = (), path: str = "/api") -> None:
        self.scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        }
        self._messages: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, start=1)
        ]
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return self._messages.pop(0) if self._messages else {"type": "http.disconnect"}

    @property
    def unread(self) -> int:
        return len(self._messages)

    async def send(self, message: Message) -> None:
        if not self.sent:
            self.unread_when_answered = len(self._messages)
        self.sent.append(message)

    @property
    def status(self) -> int:
        (start,) = (message for message in self.sent if message["type"] == "http.response.start")
        return int(start["status"])

    @property
    def answer(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(b"".join(message.get("body", b"") for message in self.sent))
        return body


async def through(client: Client, app: Any = None) -> Client:
    await BodyLimit(app or Echo(), default=10, limits=LIMITS)(client.scope, client.receive, client.send)
    return client


def length(size: int) -> list[tuple[str, str]]:
    return [("Content-Length", str(size))]


CHUNKED = [("Transfer-Encoding", "chunked")]
GZIP = [("Content-Encoding", "gzip")]


class TestBodyLimit:
    @pytest.mark.parametrize(
        ("path", "limit"), [("/api", 10), ("/hooks", 10), ("/hooks/t", 100), ("/hooks/big/t", 1000)]
    )
    async def test_each_path_has_its_limit(self, path: str, limit: int) -> None:
        fits = await through(Client(b"x" * limit, headers=length(limit), path=path))
        assert (fits.status, fits.answer["size"]) == (200, limit)

        over = await through(Client(b"x" * (limit + 1), headers=length(limit + 1), path=path))
        assert (over.status, over.answer["code"]) == (413, "payload_too_large")

    async def test_a_refusal_is_told_as_its_path_says(self) -> None:
        limited = BodyLimit(Echo(), default=10, refusal=lambda path, _: (400, {"X-Path": path}, b'{"said": "no"}'))
        client = Client(b"x" * 11, headers=length(11), path="/theirs")
        await limited(client.scope, client.receive, client.send)
        assert (client.status, client.answer) == (400, {"said": "no"})
        assert (b"x-path", b"/theirs") in client.sent[0]["headers"]

    async def test_a_length_that_says_too_much_is_answered_without_reading(self) -> None:
        app = Echo()
        for said in ("11", "9" * 30, "0" * 30 + "11"):
            client = await through(Client(b"x" * 11, headers=[("Content-Length", said)]), app)

            assert client.status == 413
            assert client.unread_when_answered == 1
        assert app.calls == 0

    @pytest.mark.parametrize("headers", [[], CHUNKED])
    async def test_bytes_are_counted_as_they_come_and_reading_stops(self, headers: list[tuple[str, str]]) -> None:
        client = await through(Client(*[b"x" * 4] * 100, headers=headers))

        assert (client.status, client.answer["code"]) == (413, "payload_too_large")
        assert client.unread_when_answered == 97

    async def test_the_answer_is_a_problem(self) -> None:
        client = await through(Client(b"x" * 11))

        assert dict(client.sent[0]["headers"])[b"content-type"] == b"application/problem+json"
        assert client.answer["detail"] == "The request body is larger than 10 bytes."

    async def test_a_client_that_stops_sending_does_not_hold_the_answer_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(asgi, "LINGER_SECONDS", 0.05)
        client = Client(b"x" * 20, b"", b"")
        client._messages.pop()

        async def receive() -> Message:
            return await client.receive() if client.unread else await asyncio.sleep(60, {})

        await BodyLimit(Echo(), default=10)(client.scope, receive, client.send)
        assert client.status == 413
        assert client.sent[-1].get("more_body", False) is False

    async def test_an_application_that_answered_already_only_sees_the_client_gone(self) -> None:
        async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 202, "headers": []})
            while (await receive())["type"] != "http.disconnect":
                pass
            assert (await receive())["type"] == "http.disconnect"
            await send({"type": "http.response.body", "body": b"late"})

        client = await through(Client(b"x" * 8, b"x" * 8, b"x" * 8), hasty)
        assert client.status == 202
        assert len(client.sent) == 1

    async def test_a_body_without_a_length_gets_one(self) -> None:
        client = await through(Client(b"abc", b"", b"de", headers=CHUNKED))

        assert client.answer == {"length": "5", "coding": None, "size": 5}

    async def test_a_client_that_goes_in_the_middle_starts_nothing(self) -> None:
        app = Echo()
        client = Client(b"abc", b"def", headers=CHUNKED)
        client._messages[1] = {"type": "http.disconnect"}
        await through(client, app)

        assert client.sent == []
        assert app.calls == 0

    async def test_other_kinds_of_connection_pass(self) -> None:
        seen = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(scope["type"])

        client = Client()
        client.scope["type"] = "lifespan"
        await through(client, app)
        assert seen == ["lifespan"]


class TestGzip:
    async def test_it_is_handed_on_inflated(self) -> None:
        packed = gzip.compress(b"x" * 90, mtime=0)
        client = await through(Client(packed[:7], packed[7:], headers=GZIP + length(len(packed)), path="/hooks/t"))

        assert client.answer == {"length": "90", "coding": None, "size": 90}

    @pytest.mark.parametrize("size", [101, 50_000_000])
    async def test_what_it_inflates_to_counts(self, size: int) -> None:
        packed = gzip.compress(b"\0" * size, mtime=0)
        client = await through(Client(packed, headers=GZIP, path="/hooks/t" if size < 1000 else "/hooks/big/t"))

        assert client.status == 413

    async def test_what_comes_in_counts_too(self) -> None:
        client = await through(Client(*[b"x" * 60] * 10, headers=GZIP, path="/hooks/t"))
        assert client.status in (400, 413)

        stored = zlib.compressobj(level=0, wbits=31)
        packed = stored.compress(b"x" * 95) + stored.flush()
        client = await through(Client(packed, headers=GZIP, path="/hooks/t"))
        assert client.status == 413

    @pytest.mark.parametrize(
        "packed",
        [
            b"",
            b"no gzip",
            gzip.compress(b"abc", mtime=0)[:-3],
            gzip.compress(b"abc", mtime=0) + b"x",
            gzip.compress(b"a", mtime=0) * 2,
        ],
    )
    async def test_what_is_not_one_whole_stream_is_400(self, packed: bytes) -> None:
        client = await through(Client(packed, headers=GZIP, path="/hooks/t"))

        assert (client.status, client.answer["code"]) == (400, "invalid_gzip")

    @pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip"])
    async def test_other_encodings_are_415(self, coding: str) -> None:
        assert (await through(Client(b"x", headers=[("Content-Encoding", coding)]))).status == 415


async def test_security_headers_are_set_where_the_answer_has_none() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"Referrer-Policy", b"no-referrer"), (b"x", b"y")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"hi"})

    client = Client(b"")
    await SecurityHeaders(app)(client.scope, client.receive, client.send)

    headers = client.sent[0]["headers"]
    assert (b"x-content-type-options", b"nosniff") in headers
    assert (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'") in headers
    assert (b"Referrer-Policy", b"no-referrer") in headers
    assert [name.lower() for name, _ in headers].count(b"referrer-policy") == 1
    assert client.sent[1] == {"type": "http.response.body", "body": b"hi"}


class View(APIView):
    authentication_classes = []
    permission_classes = []
    parser_classes = [rest.JSONParser]
    renderer_classes = [rest.JSONRenderer]

    def post(self, request: Request) -> Response:
        return Response({"got": request.data})


urlpatterns = [path("api", View.as_view())]


async def ticks(scope: Scope, receive: Receive, send: Send) -> None:
    """A stream that ends when its client does."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    gone = asyncio.ensure_future(_gone(receive))
    while not gone.done():
        await send({"type": "http.response.body", "body": b"data: tick\n\n", "more_body": True})
        await asyncio.wait([gone], timeout=0.01)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """A real server on a free port: the stream at /ticks, Django behind everything else."""
    django: Any = get_asgi_application()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (ticks if scope["path"] == "/ticks" else django)(scope, receive, send)

    config = uvicorn.Config(
        SecurityHeaders(BodyLimit(app, default=1000)), port=0, lifespan="off", log_config=None, ws="none"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def exchange(port: int, *pieces: bytes) -> bytes:
    """Sends the pieces, as long as the server takes them, and gives its whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


HEAD = b"POST /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@pytest.fixture
def _urls() -> Any:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield


@pytest.mark.usefixtures("_urls")
class TestBehindARealServer:
    async def test_a_chunked_body_is_not_taken_for_an_empty_one(self) -> None:
        async with served() as port:
            answer = await exchange(
                port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b'{"a":'), chunk(b"1}"), chunk(b"")
            )

        assert b"200 OK" in answer
        assert b'{"got":{"a":1}}' in answer
        assert b"x-content-type-options: nosniff" in answer

    async def test_a_gzip_body_is_read(self) -> None:
        packed = gzip.compress(b'{"a":1}', mtime=0)
        async with served() as port:
            answer = await exchange(
                port, HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
            )

        assert b'{"got":{"a":1}}' in answer

    @pytest.mark.parametrize("how", [b"Content-Length: 3000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
    async def test_a_body_that_is_too_large_gets_its_413_while_it_is_still_being_sent(self, how: bytes) -> None:
        piece = b"x" * 30_000 if b"Length" in how else chunk(b"x" * 30_000)
        async with served() as port:
            answer = await exchange(port, HEAD + how, *[piece] * 100, chunk(b""))

        assert answer.startswith(b"HTTP/1.1 413")
        assert b"payload_too_large" in answer

    async def test_a_stream_flows_and_ends_with_its_client(self) -> None:
        async with served() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /ticks HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for _ in range(3):
                await asyncio.wait_for(reader.readuntil(b"data: tick\n\n"), 5)
            writer.close()
            await writer.wait_closed()

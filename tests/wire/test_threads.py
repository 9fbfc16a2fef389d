"""A WSGI application behind an ASGI server."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from wire.asgi import Message
from wire.problems import Unavailable
from wire.threads import AWAITS, InThreads, environ_of

SCOPE: dict[str, Any] = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "https",
    "path": "/a/ü",
    "raw_path": b"/a/%C3%BC",
    "query_string": b"x=%20",
    "server": ("here", 8000),
    "client": ("10.0.0.1", 5),
    "headers": [
        (b"content-type", b"text/plain"),
        (b"content-length", b"9"),
        (b"accept", b"a"),
        (b"accept", b"b"),
        (b"cookie", b"c=1"),
        (b"cookie", b"d=2"),
        (b"x_forwarded_for", b"forged"),
        (b"authorization", b"Bearer x"),
    ],
}


def test_the_request_as_wsgi_knows_it() -> None:
    environ = environ_of(SCOPE, b"four")
    assert environ["wsgi.input"].read() == b"four"
    expected = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/a/ü".encode().decode("latin-1"),
        "QUERY_STRING": "x=%20",
        "REMOTE_ADDR": "10.0.0.1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "4",
        "HTTP_ACCEPT": "a,b",
        "HTTP_COOKIE": "c=1; d=2",
        "HTTP_AUTHORIZATION": "Bearer x",
        "wsgi.url_scheme": "https",
    }
    assert {name: environ[name] for name in expected} == expected
    assert "HTTP_X_FORWARDED_FOR" not in environ


class Body(list[bytes]):
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


async def _called(app: Any, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    incoming, sent = iter(messages), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: Message) -> None:
        sent.append(dict(message))

    await InThreads(app, threads=1)(SCOPE, receive, send)
    return sent


async def test_bodies_go_in_and_come_out_whole_in_a_thread_of_ours() -> None:
    body, names = Body([b"a", b"b"]), list[str]()

    def app(environ: dict[str, Any], start_response: Any) -> Body:
        names.append(threading.current_thread().name)
        body.append(environ["wsgi.input"].read())
        start_response("201 Created", [("X-A", "1")])
        return body

    first = {"type": "http.request", "body": b"c", "more_body": True}
    last = {"type": "http.request", "body": b"d"}
    assert await _called(app, first, last) == [
        {"type": "http.response.start", "status": 201, "headers": [(b"x-a", b"1")]},
        {"type": "http.response.body", "body": b"abcd"},
    ]
    assert body.is_closed
    assert names[0].startswith("request")


async def test_a_caller_that_goes_before_its_request_is_whole_starts_nothing() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        pytest.fail("it was called")

    part = {"type": "http.request", "body": b"c", "more_body": True}
    assert await _called(app, part, {"type": "http.disconnect"}) == []


class Awaiting(Body):
    awaited: Any


@pytest.mark.parametrize(
    ("raises", "status"), [(None, 202), (Unavailable("Try again."), 503), (RuntimeError("unforeseen"), 500)]
)
async def test_what_an_answer_awaits_is_over_in_the_loop_before_it_is_sent(
    raises: Exception | None, status: int
) -> None:
    threads = list[str]()

    async def awaited() -> None:
        threads.append(threading.current_thread().name)
        if raises:
            raise raises

    def app(environ: dict[str, Any], start_response: Any) -> Body:
        assert environ[AWAITS]
        start_response("202 Accepted", [])
        body = Awaiting([b"taken"])
        body.awaited = awaited
        return body

    start, content = await _called(app, {"type": "http.request", "body": b""})
    assert threads == [threading.current_thread().name]
    assert start["status"] == status
    assert (content["body"] == b"taken") is (raises is None)
    assert b"unforeseen" not in content["body"]

"""Against a real small server on loopback, through the real guard."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from runs.engine.context import GuardedHttp
from tests.workflows.nodes.context import FakeContext, faults, run
from wire.outbound import Allow, OutboundClient
from workflows.nodes.base import NodeError, Output, Secret
from workflows.nodes.http_request import HttpRequest, HttpSettings


class Echo(BaseHTTPRequestHandler):
    """Says back what it was asked; `/status/N`, `/redirect`, `/raw/TYPE` and `/slow` do as they are called."""

    protocol_version = "HTTP/1.1"
    raw: bytes = b""
    stop_waiting = threading.Event()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        told = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body.decode()}
        status, content_type, content = 200, "application/json", json.dumps(told).encode()
        if self.path.startswith("/status/"):
            status = int(self.path.removeprefix("/status/"))
        elif self.path.startswith("/raw/"):
            content_type, content = self.path.removeprefix("/raw/"), Echo.raw
        elif self.path == "/slow":
            Echo.stop_waiting.wait(5)
        self.send_response(302 if self.path == "/redirect" else status)
        if self.path == "/redirect":
            self.send_header("Location", "/landed")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815 - names of the base class

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    Echo.stop_waiting.set()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


async def _always() -> bool:
    return True


class Calls:
    """Runs the node with one client, closed at the end of the test."""

    def __init__(self, base: str, client: OutboundClient) -> None:
        self.base = base
        self.http = GuardedHttp(client, _always)

    async def __call__(self, path: str, ctx: FakeContext | None = None, **settings: Any) -> Any:
        ctx = ctx or FakeContext()
        ctx.http = self.http
        result = await run("http_request", ctx, url=f"{self.base}{path}", **settings)
        assert isinstance(result, Output)
        return result.value


@pytest.fixture
async def call(server: str) -> Any:
    client = OutboundClient(Allow.parse("127.0.0.1"))
    yield Calls(server, client)
    await client.aclose()


async def test_its_output_is_the_answer(call: Calls) -> None:
    value = await call("/a")
    assert value["status"] == 200
    assert value["headers"]["content-type"] == "application/json"
    assert value["url"] == f"{call.base}/a"
    assert (value["body"]["method"], value["body"]["path"], value["body"]["body"]) == ("GET", "/a", "")


async def test_url_query_and_headers_take_expressions(call: Calls) -> None:
    ctx = FakeContext({"id": 7, "q": "ä &b"})
    value = await call(
        "/orders/{{ input.id }}?x=1",
        ctx,
        query=[{"key": "q", "value": "{{ input.q }}"}, {"key": "n", "value": "{{ input.id }}"}],
        headers=[{"key": "X-Id", "value": "{{ input.id }}"}],
    )
    assert value["body"]["path"] == "/orders/7?x=1&q=%C3%A4+%26b&n=7"
    assert value["body"]["headers"]["X-Id"] == "7"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_body_is_json(call: Calls, method: str) -> None:
    body = {"id": "{{ input.id }}", "big": 10**30, "ä": None}
    value = await call("/", FakeContext({"id": 7}), method=method, body=body)
    assert json.loads(value["body"]["body"]) == {"id": 7, "big": 10**30, "ä": None}
    assert value["body"]["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_takes_no_body_is_sent_without(call: Calls, method: str) -> None:
    value = await call("/", method=method, body={"a": 1})
    assert value["status"] == 200
    if method == "GET":
        assert value["body"]["body"] == ""


async def test_without_a_body_no_content_type_is_sent(call: Calls) -> None:
    value = await call("/", method="POST")
    assert value["body"]["body"] == ""
    assert "Content-Type" not in value["body"]["headers"]


async def test_a_body_may_be_a_form(call: Calls) -> None:
    form = [{"key": "a", "value": "1 2"}, {"key": "a", "value": "{{ input }}"}]
    value = await call("/", FakeContext("ü"), method="POST", body_type="form", form=form)
    assert value["body"]["body"] == "a=1+2&a=%C3%BC"
    assert value["body"]["headers"]["Content-Type"] == "application/x-www-form-urlencoded"


async def test_a_body_may_be_raw(call: Calls) -> None:
    value = await call("/", method="POST", body_type="raw", raw="<a/>", content_type="application/xml")
    assert value["body"]["body"] == "<a/>"
    assert value["body"]["headers"]["Content-Type"] == "application/xml"


async def test_the_authors_own_content_type_wins(call: Calls) -> None:
    headers = [{"key": "content-type", "value": "application/vnd.x+json"}]
    value = await call("/", method="POST", body={}, headers=headers)
    assert value["body"]["headers"]["content-type"] == "application/vnd.x+json"


# --- what comes back ---


@pytest.mark.parametrize(
    ("content_type", "raw", "body"),
    [
        ("application/json", b'{"a": 1.50, "b": 12345678901234567890}', {"a": 1.5, "b": 12345678901234567890}),
        ("application/problem+json;charset=utf-8", b"[1]", [1]),
        ("application/json", b"", None),
        ("application/json", b"not json", "not json"),
        ("application/json", b"[NaN]", "[NaN]"),
        ("application/json", b"[1e400]", "[1e400]"),
        ("application/json", b'["\\u0000"]', '["\\u0000"]'),
        ("application/json", b'["\\ud800"]', '["\\ud800"]'),
        ("application/json", b"[" * 100_000, "[" * 100_000),
        ("text/plain", b'{"a": 1}', '{"a": 1}'),
        ("text/plain;charset=latin-1", "ä".encode("latin-1"), "ä"),
        ("text/html", "ä".encode(), "ä"),
    ],
)
async def test_json_is_parsed_and_anything_else_is_text(call: Calls, content_type: str, raw: bytes, body: Any) -> None:
    Echo.raw = raw
    assert (await call(f"/raw/{content_type}"))["body"] == body


@pytest.mark.parametrize("raw", [b"\x89PNG\xff", b"a\0b"])
@pytest.mark.parametrize("content_type", ["image/png", "text/plain;charset=nonsense"])
async def test_what_is_no_text_comes_as_base64(call: Calls, content_type: str, raw: bytes) -> None:
    Echo.raw = raw
    value = await call(f"/raw/{content_type}")
    assert (value["encoding"], base64.b64decode(value["body"])) == ("base64", raw)


async def test_redirects_are_followed_unless_told_otherwise(call: Calls) -> None:
    value = await call("/redirect")
    assert (value["status"], value["url"]) == (200, f"{call.base}/landed")
    assert (await call("/redirect", follow_redirects=False))["status"] == 302


# --- failures ---


@pytest.mark.parametrize(
    ("status", "again"), [(400, False), (404, False), (408, True), (429, True), (500, True), (503, True)]
)
async def test_a_bad_status_fails_and_tells_what_came(call: Calls, status: int, again: bool) -> None:
    with pytest.raises(NodeError) as caught:
        await call(f"/status/{status}")
    assert (caught.value.code, caught.value.retryable) == ("http_status", again)
    assert caught.value.details["status"] == status
    assert caught.value.details["body"]["path"] == f"/status/{status}"


async def test_a_bad_status_may_be_an_output_like_any_other(call: Calls) -> None:
    assert (await call("/status/404", fail_on_error=False))["status"] == 404


async def test_a_slow_answer_is_a_timeout(call: Calls) -> None:
    with pytest.raises(NodeError) as caught:
        await call("/slow", timeout=0.05)
    assert (caught.value.code, caught.value.retryable) == ("timeout", True)


async def test_an_inner_address_is_refused(call: Calls) -> None:
    ctx = FakeContext(http=call.http)
    with pytest.raises(NodeError) as caught:
        await run("http_request", ctx, url="http://127.0.0.2:1/")
    assert (caught.value.code, caught.value.field, caught.value.retryable) == ("address_refused", "url", False)


@pytest.mark.parametrize(("url", "query"), [("http://[::1", [{"key": "a"}]), ("http://", [])])
async def test_a_url_that_cannot_be_read_is_told(call: Calls, url: str, query: Any) -> None:
    with pytest.raises(NodeError) as caught:
        await run("http_request", FakeContext(http=call.http), url=url, query=query)
    assert (caught.value.code, caught.value.field) == ("invalid_url", "url")


# --- signing in, and being repeated ---


@pytest.mark.parametrize(
    ("secret", "header", "value"),
    [
        (Secret("bearer", {"token": "t1"}), "Authorization", "Bearer t1"),
        (Secret("basic", {"username": "ada", "password": "p:w"}), "Authorization", "Basic YWRhOnA6dw=="),
        (Secret("header", {"name": "X-Key", "value": "k1"}), "X-Key", "k1"),
    ],
)
async def test_a_credential_becomes_a_header(call: Calls, secret: Secret, header: str, value: str) -> None:
    ctx = FakeContext(secrets={"cred_1": secret})
    own = [{"key": header.lower(), "value": "mine"}]
    got = (await call("/", ctx, auth="cred_1", headers=own))["body"]["headers"]
    assert [text for name, text in got.items() if name.lower() == header.lower()] == [value]


async def test_a_credential_may_be_a_query_parameter(call: Calls) -> None:
    ctx = FakeContext(secrets={"cred_1": Secret("query", {"name": "key", "value": "a b"})})
    assert (await call("/?x=1", ctx, auth="cred_1"))["body"]["path"] == "/?x=1&key=a+b"


async def test_a_credential_of_another_kind_is_refused(call: Calls) -> None:
    ctx = FakeContext(secrets={"cred_1": Secret("certificate", {})})
    with pytest.raises(NodeError) as caught:
        await call("/", ctx, auth="cred_1")
    assert (caught.value.code, caught.value.field) == ("credential_kind", "auth")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_the_token_is_sent_when_the_author_says_that_it_is_known(call: Calls, method: str) -> None:
    value = await call("/", FakeContext(repeat="keyed"), method=method)
    assert value["body"]["headers"]["Idempotency-Key"] == "token-of-this-call"
    value = await call("/", FakeContext(repeat="once"), method=method)
    assert "Idempotency-Key" not in value["body"]["headers"]


async def test_the_authors_own_token_wins(call: Calls) -> None:
    headers = [{"key": "idempotency-key", "value": "mine"}]
    value = await call("/", FakeContext(repeat="keyed"), method="POST", headers=headers)
    assert value["body"]["headers"]["idempotency-key"] == "mine"
    assert "Idempotency-Key" not in value["body"]["headers"]


@pytest.mark.parametrize(
    ("method", "repeat"),
    [("GET", "safe"), ("HEAD", "safe"), ("PUT", "safe"), ("DELETE", "safe"), ("POST", "once"), ("PATCH", "once")],
)
def test_what_a_repeat_may_do_goes_by_the_method(method: str, repeat: str) -> None:
    settings = HttpSettings.model_validate({"method": method, "url": "https://example.com"})
    assert HttpRequest().repeat_of(settings) == repeat


# --- checks ---


@pytest.mark.parametrize("kind", ["http_request", "webhook"])
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"url": "https://example.com"}, []),
        ({"url": "{{ trigger.url }}"}, []),
        ({}, [("url", "missing_parameter")]),
        ({"url": "ftp://example.com"}, [("url", "invalid_parameter")]),
        ({"url": "example.com"}, [("url", "invalid_parameter")]),
        ({"url": "https://a", "method": "FETCH"}, [("method", "invalid_parameter")]),
        ({"url": "https://a", "headers": [{"key": "", "value": "x"}]}, [("headers[0].key", "invalid_parameter")]),
        ({"url": "https://a", "headers": {"a": "b"}}, [("headers", "invalid_parameter")]),
    ],
)
def test_what_it_needs_is_told(kind: str, settings: Any, expected: Any) -> None:
    assert faults(kind, **settings) == expected

"""Django behind an ASGI server, in threads that are kept: a view of REST framework costs half of what it costs
under Django's own ASGI handler, which starts a thread and opens a connection to the database for every request.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from wire.asgi import Message, Receive, Scope, Send, as_answer
from wire.problems import InternalError, Problem

# Callers that wait for a run's end hold a thread each; idle ones cost next to nothing.
MAX_THREADS = 200

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Awaited = Callable[[], Awaitable[object]]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


AWAITS = "wire.awaits"
"""In the environment: an answer may have an `awaited`, without arguments, that is awaited in the event loop before the
answer is sent. So no thread is held for that long. A Problem that it raises is the answer instead."""


class InThreads:
    """A WSGI application as an ASGI application. Bodies go in and come out whole."""

    def __init__(self, wsgi: Wsgi, threads: int = MAX_THREADS) -> None:
        self._wsgi = wsgi
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole_body(receive)
        if body is None:
            return
        loop = asyncio.get_running_loop()
        start, content, awaited = await loop.run_in_executor(self._threads, self._answered, environ_of(scope, body))
        if awaited is not None:
            try:
                await awaited()
            except Exception as error:
                start, content = _refused(error)
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _answered(self, environ: Environ) -> tuple[Message, bytes, Awaited | None]:
        start: Message = {"type": "http.response.start"}

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
            start["status"] = int(status.partition(" ")[0])
            start["headers"] = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]

        result = self._wsgi(environ, start_response)
        try:
            content = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        return start, content, getattr(result, "awaited", None)


def _refused(error: Exception) -> tuple[Message, bytes]:
    if not isinstance(error, Problem):
        log.error("unexpected error after a view", exc_info=error)
    status, headers, content = as_answer(error if isinstance(error, Problem) else InternalError())
    fields = {**headers, "Content-Length": str(len(content)), "Cache-Control": "no-store"}
    encoded = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    return {"type": "http.response.start", "status": status, "headers": encoded}, content


async def _whole_body(receive: Receive) -> bytes | None:
    """None when the caller has gone before its request was whole."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def environ_of(scope: Scope, body: bytes) -> Environ:
    """PEP 3333's view of a request. Header names with underscores are left out: they could pass for others."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": _path_bytes(scope).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        AWAITS: True,
    }
    if scope.get("client"):
        environ["REMOTE_ADDR"] = scope["client"][0]
    for name, value in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _path_bytes(scope: Scope) -> bytes:
    raw = scope.get("raw_path")
    return unquote_to_bytes(raw) if raw else scope["path"].encode()


def _add_header(environ: Environ, name: str, value: str) -> None:
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    if key in environ:
        value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    environ[key] = value

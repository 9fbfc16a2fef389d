"""A small HTTP server on loopback that writes down every call and answers what it was told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Recorder:
    """`answer` says what comes back for a path; everything else is 200 with `{"ok": true}`."""

    url: str
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, str], bytes, float]] = field(default_factory=dict)

    def answer(
        self, path: str, body: Any = None, *, status: int = 200, headers: dict[str, str] | None = None, after: float = 0
    ) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[path] = (status, {"Content-Type": "application/json"} | (headers or {}), raw, after)

    def calls_to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path.split("?")[0] == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recorder: Recorder

    def _reply(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.recorder.calls.append(Call(self.command, self.path, headers, body, time.time()))
        ok = (200, {"Content-Type": "application/json"}, b'{"ok": true}', 0.0)
        status, named, answer, after = self.recorder.answers.get(self.path.split("?")[0], ok)
        time.sleep(after)
        self.send_response(status)
        for name, text in named.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _reply  # noqa: N815 (the base class looks for these names)

    def log_message(self, *_: Any) -> None:
        """Nothing: what came is in `calls`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # at the usual 5, the kernel drops the calls of a hundred runs at once, some past 30 s

    def handle_error(self, *_: Any) -> None:
        """A caller that went away (killed on purpose, mostly) is no error of ours."""


@contextmanager
def recording() -> Iterator[Recorder]:
    server = _Server(("127.0.0.1", 0), _Handler)
    recorder = Recorder(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"recorder": recorder})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

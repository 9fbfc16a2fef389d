"""The front door: who gets a request, and what the probes say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError

from config.asgi import Router
from runs import metrics, probes


async def call(application: Any, scope: dict[str, Any], *received: dict[str, Any]) -> list[dict[str, Any]]:
    """What the application sends when it receives these messages."""
    incoming, sent = iter(received), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return sent


def named(name: str) -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"name": name})

    return application


ROUTER = Router([(r"/hooks/.*", named("hooks")), (r"/api/v1/runs/[^/]+/stream", named("stream"))], named("django"))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/hooks/abc", "hooks"),
        ("/hooks/abc/more", "hooks"),
        ("/hooks", "django"),
        ("/x/hooks/abc", "django"),
        ("/api/v1/runs/fl_run_1/stream", "stream"),
        ("/api/v1/runs/fl_run_1/stream/", "django"),
        ("/api/v1/runs/a/b/stream", "django"),
        ("/", "django"),
    ],
)
async def test_the_whole_path_decides(path: str, name: str) -> None:
    assert await call(ROUTER, {"type": "http", "path": path}) == [{"name": name}]


async def test_start_and_end_of_the_process_are_acknowledged() -> None:
    sent = await call(ROUTER, {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_web_socket_is_refused() -> None:
    sent = await call(ROUTER, {"type": "websocket", "path": "/"})
    assert [message["type"] for message in sent] == ["websocket.close"]


async def probe(path: str, method: str = "GET") -> tuple[int, bytes]:
    start, body = await call(probes.application, {"type": "http", "path": path, "method": method})
    return start["status"], body["body"]


@pytest.fixture
def a_part(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bool]]:
    """One part of the process that works or does not."""
    state = {"works": True}
    monkeypatch.setattr(probes, "parts", {"engine": lambda: state["works"]})
    yield state
    probes.stopping.clear()


@pytest.mark.django_db(transaction=True)
async def test_ready_is_what_has_every_part_and_the_database(a_part: dict[str, bool]) -> None:
    assert await probe("/readyz") == (200, b'{"status": "ok"}')
    assert await probe("/readyz", "HEAD") == (200, b"")


@pytest.mark.django_db(transaction=True)
async def test_what_is_missing_is_named(a_part: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise DatabaseError

    a_part["works"] = False
    assert await probe("/readyz") == (503, b'{"status": "not ready", "missing": ["engine"]}')
    monkeypatch.setattr(probes, "_ask_database", broken)
    assert await probe("/readyz") == (503, b'{"status": "not ready", "missing": ["engine", "database"]}')
    assert await probe("/healthz") == (200, b'{"status": "ok"}')


@pytest.mark.django_db(transaction=True)
async def test_figures_are_told_in_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_kept", (float("-inf"), b""))
    start, body = await call(metrics.application, {"type": "http", "path": "/metrics", "method": "GET"})
    assert (start["status"], b"penstock_runs_stalled 0\n" in body["body"]) == (200, True)
    start, body = await call(metrics.application, {"type": "http", "path": "/metrics", "method": "HEAD"})
    assert (start["status"], body["body"]) == (200, b"")


@pytest.mark.django_db(transaction=True)
async def test_without_a_database_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise DatabaseError

    monkeypatch.setattr(metrics, "_kept", (float("-inf"), b""))
    monkeypatch.setattr(metrics, "text", broken)
    start, _ = await call(metrics.application, {"type": "http", "path": "/metrics", "method": "GET"})
    assert start["status"] == 503


async def test_who_stops_is_no_longer_ready_but_alive(a_part: dict[str, bool]) -> None:
    probes.stopping.set()
    assert await probe("/readyz") == (503, b'{"status": "not ready", "missing": ["stopping"]}')
    assert await probe("/healthz") == (200, b'{"status": "ok"}')

"""`/metrics`: figures for whoever watches the server, in Prometheus' text format. An ASGI application without Django.

Counts only, each over an index, and asked of the database once in five seconds at most however many ask.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError
from django.db.models.functions import Now

from runs.engine.statements import SUSPECT_AT
from runs.front import Message, Receive, Send, in_database
from runs.models import Run, Worker
from runs.workers import untaken

KEPT_SECONDS = 5.0


def text() -> str:
    """All figures as they are now."""
    lines = []
    for name, meaning, count in FIGURES:
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {count()}"]
    return "\n".join(lines) + "\n"


def _ready() -> int:
    return Run.objects.filter(owner=None, ready_at__lte=Now(), status__in=Run.GOING).count()


def _held() -> int:
    return Run.objects.filter(owner__isnull=False).count()


def _suspects() -> int:
    suspects = Run.objects.filter(crashes__gte=SUSPECT_AT)
    waiting = suspects.filter(owner=None, ready_at__isnull=False)
    return waiting.count() + suspects.filter(owner__isnull=False).count()


def _stalled() -> int:
    lately = Run.objects.filter(status=Run.Status.FAILED, completed_at__gte=Now() - timedelta(days=1))
    return lately.filter(error__contains='"code":"stalled"').count()


def _workers() -> int:
    return Worker.objects.filter(lease_until__gt=Now()).count()


def _untaken() -> int:
    return sum(each["runs"] for each in untaken())


FIGURES: tuple[tuple[str, str, Callable[[], int]], ...] = (
    ("penstock_runs_ready", "Runs that a worker could take now.", _ready),
    ("penstock_runs_untaken", "Runs that no worker can take as things are.", _untaken),
    ("penstock_runs_held", "Runs that workers hold.", _held),
    ("penstock_runs_suspect", "Runs whose last three workers died without recording anything.", _suspects),
    ("penstock_runs_stalled", "Runs of the last 24 hours that failed as stalled, by a fault of the engine.", _stalled),
    ("penstock_workers", "Workers whose lease has not run out, web processes among them.", _workers),
)

_kept: tuple[float, bytes] = (float("-inf"), b"")


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answers GET and HEAD; 503 while the database cannot be asked."""
    try:
        status, body = 200, await _figures()
    except DatabaseError:
        status, body = 503, b""
    headers = [
        (b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _figures() -> bytes:
    global _kept
    if time.monotonic() - _kept[0] >= KEPT_SECONDS:
        _kept = (time.monotonic(), (await in_database(text)).encode())
    return _kept[1]

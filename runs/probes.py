"""`/healthz` says that the process is alive, `/readyz` that it can do its work. An ASGI application without Django."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseFault
from django.db import connection

Message = MutableMapping[str, Any]
DATABASE_SECONDS = 2.0

stopping = threading.Event()
"""Set when the process was told to stop: no longer ready, and long answers come to their end."""

parts: dict[str, Callable[[], bool]] = {}
"""What else runs in this process, by name, each with a function that says whether it still does."""


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answers GET and HEAD of both paths."""
    missing = [] if scope["path"] == "/healthz" else await what_is_missing()
    status = 503 if missing else 200
    body = json.dumps({"status": "not ready", "missing": missing} if missing else {"status": "ok"}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if missing:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def what_is_missing() -> list[str]:
    """Names of the parts that do not work, nothing when the process is ready."""
    if stopping.is_set():
        return ["stopping"]
    missing = [name for name, works in parts.items() if not works()]
    try:
        await asyncio.wait_for(sync_to_async(_ask_database, thread_sensitive=False)(), DATABASE_SECONDS)
    except (DatabaseFault, TimeoutError):
        missing.append("database")
    return missing


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()

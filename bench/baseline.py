"""What the figures are compared with: a bare endpoint on the same stack that inserts one row and answers.

Same web server, same database settings, one commit per request; no workflow, no engine, no log.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import django
import uvicorn
from asgiref.sync import sync_to_async
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_row (body text NOT NULL)")


def insert(body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (body) VALUES (%s)", [body])


async def application(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive())["body"].decode()
    await sync_to_async(insert, thread_sensitive=False)(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"11")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"ok":true}'})


def main() -> None:
    django.setup()
    make_table()
    uvicorn.run(application, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()

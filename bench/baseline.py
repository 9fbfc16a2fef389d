"""What the figures are compared with, on the same stack and with one commit per request; no workflow, no engine.

python -m bench.baseline asgi PORT    a bare endpoint that inserts one row
python -m bench.baseline drf PORT     REST framework inserting a run's row, as `execute` does
python -m bench.baseline drf-asgi PORT   the same under Django's own ASGI handler
python -m bench.baseline slow PORT    what workflows call: `/` at once, `/slow` after 200 ms
python -m bench.baseline celery URL   milliseconds of a Celery chain of forty tasks on that broker
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import django
import uvicorn
from asgiref.sync import sync_to_async
from celery import Celery, chain
from django.db import connection
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

LENGTH = 40
urlpatterns: list[Any] = []


async def _answer(send: Any, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


# --- one row ---


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_row (body text NOT NULL)")


def insert(body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (body) VALUES (%s)", [body])


async def one_row(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive())["body"].decode()
    await sync_to_async(insert, thread_sensitive=False)(body)
    await _answer(send, b'{"ok":true}')


# --- REST framework ---


def drf_application(*, by_asgi: bool = False) -> Any:
    """The same row as a start of the bench's workflow makes, by the same statement, behind a bare view."""
    from django.core.asgi import get_asgi_application
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

    from runs.services import StartOptions, start_run
    from wire.rest import ContentNegotiation
    from wire.threads import InThreads
    from workflows.models import Workflow

    class Insert(APIView):
        authentication_classes = []
        permission_classes = []
        content_negotiation_class = ContentNegotiation

        def post(self, request: Request) -> Response:
            workflow = Workflow.objects.get(name="bench: accepted")
            run = start_run(workflow, request.data, StartOptions(trigger_type="api", trigger_node=""))
            return Response({"id": run.id})

    urlpatterns.append(path("", Insert.as_view()))
    override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=["django.middleware.common.CommonMiddleware"]).enable()
    return get_asgi_application() if by_asgi else InThreads(get_wsgi_application())


# --- what workflows call ---


async def slow(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/slow":
        await asyncio.sleep(0.2)
    await _answer(send, b'{"ok":true}')


# --- Celery ---


def celery_chain(broker: str) -> float:
    """Median of ten, in milliseconds; the last task says when it is done in a list of the broker's."""
    import redis

    app = Celery("bench", broker=broker)
    app.conf.task_ignore_result = True
    done = redis.Redis.from_url(broker)

    @app.task
    def step(number: int) -> int:
        if number == LENGTH - 1:
            done.rpush("bench-done", 1)
        return number + 1

    options = {"pool": "threads", "concurrency": 4, "without_gossip": True, "without_mingle": True}
    worker = app.Worker(**options, without_heartbeat=True, loglevel="ERROR", quiet=True)
    threading.Thread(target=worker.start, daemon=True).start()
    took = []
    for _ in range(11):
        began = time.perf_counter()
        chain(step.s(0), *(step.s() for _ in range(LENGTH - 1))).apply_async()
        assert done.blpop(["bench-done"], timeout=30), "the chain did not end"
        took.append(1000 * (time.perf_counter() - began))
    return median(took[1:])


def main() -> None:
    what, where = sys.argv[1:]
    if what == "celery":
        print(json.dumps(celery_chain(where)), flush=True)
        os._exit(0)  # the worker's thread has no end of its own
    django.setup()
    if what == "asgi":
        make_table()
    applications: dict[str, Callable[[], Any]] = {
        "asgi": lambda: one_row,
        "drf": drf_application,
        "drf-asgi": partial(drf_application, by_asgi=True),
        "slow": lambda: slow,
    }
    application = applications[what]()
    uvicorn.run(application, port=int(where), lifespan="off", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()

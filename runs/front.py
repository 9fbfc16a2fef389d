"""What the doors in front of Django share: whole bodies, answers, and the database from a coroutine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection

from wire import strict_json
from wire.problems import MEDIA_TYPE, InternalError, Problem
from wire.rest import to_problem

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
P = ParamSpec("P")
T = TypeVar("T")

DATABASE_SECONDS = 20.0
"""What a connection from the pool and its answer may take, the turn of a thread included."""

_DATABASE_THREADS = 16
_threads = ThreadPoolExecutor(_DATABASE_THREADS, thread_name_prefix="front-database")


class DisconnectedError(Exception):
    """The caller went away before the request was whole."""


async def read_body(receive: Receive) -> bytes:
    """The whole body. How large it may be, the middleware in front of us has judged (wire.asgi.BodyLimit)."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def in_database(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs `work`, which may use the ORM, in a thread of its own. Raises OperationalError when it takes too long."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            return await loop.run_in_executor(_threads, partial(_with_connection, work, *args, **kwargs))
    except TimeoutError:
        raise OperationalError(f"nothing came of it within {DATABASE_SECONDS:g} s") from None


def _with_connection(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return work(*args, **kwargs)
    finally:
        # To PostgreSQL's pool it goes back at once; opening SQLite's file anew each time would cost a millisecond.
        if connection.vendor != "sqlite":
            connection.close()


# What follows such an answer on the connection would be read as the beginning of the next one.
WITHOUT_BODY = (204, 205, 304)


async def answer(send: Send, status: int, body: bytes, headers: Iterable[tuple[str, str]]) -> None:
    """One whole answer; a status that allows no body gets none."""
    fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if status in WITHOUT_BODY:
        body = b""
    else:
        fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def answer_problem(send: Send, problem: Problem) -> None:
    """The same problem+json that Django's views give."""
    body = strict_json.dumps(problem.to_response_body()).encode()
    await answer(send, problem.status, body, [("content-type", MEDIA_TYPE), *problem.headers.items()])


def _door(scope: Message) -> str:
    """Where the caller knocked. Not the whole path: it may hold a webhook's token."""
    return "/{}/…".format(scope["path"].split("/")[1])


def answering_problems(application: Application) -> Application:
    """The door's errors in the one shape; one that nobody foresaw is logged and told without details."""

    async def guarded(scope: Message, receive: Receive, send: Send) -> None:
        has_begun = False

        def noting_send(message: Message) -> Awaitable[None]:
            nonlocal has_begun
            has_begun = True
            return send(message)

        try:
            await application(scope, receive, noting_send)
        except DisconnectedError:
            log.info("a caller of %s went away before its request was whole", _door(scope))
        except Exception as error:
            problem = to_problem(error)
            if problem is None:
                log.exception("unexpected error at %s", _door(scope))
            if not has_begun:
                await answer_problem(send, problem or InternalError())

    return guarded

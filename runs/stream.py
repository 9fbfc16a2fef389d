"""The live stream of one run, `GET /api/v1/runs/{id}/stream`, as server-sent events in front of Django.

    event: run   {run: head with output, waits and the node states that changed}    whenever something changed
    event: log   one log record as it is now                                        for every log that changed
    event: end   {status}                                                           the run is over; the stream closes

The first `run` of a connection also has the payload, and all node states. `id:` is the run's sequence number. A reader
who comes back with `Last-Event-ID` gets the logs that changed since, everybody else all there are so far: what is sent
is the state as it stands, so nothing can be missed in between.
"""

from __future__ import annotations

import asyncio
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

from accounts.callers import bearer_token, identity_of_bearer, identity_of_session
from runs import probes
from runs.front import Message, Receive, Send, answering_problems, in_database
from runs.hooks.request import header_fields
from runs.models import Run
from runs.telling import News, Telling
from runs.watching import changes_of
from wire import rest, strict_json
from wire.problems import MethodNotAllowed, NotFound

PING_SECONDS = 15.0
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


async def stream(scope: Message, receive: Receive, send: Send) -> None:
    if scope["method"] != "GET":
        raise MethodNotAllowed(headers={"Allow": "GET"})
    headers = header_fields(scope["headers"])
    run_id = await in_database(readable_run, headers, scope["path"].split("/")[-2])
    last = headers.get("last-event-id", "")
    reader = asyncio.create_task(_until_gone(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _follow(run_id, int(last) if last.isdecimal() and len(last) < 10 else -1, send, reader)
        await send({"type": "http.response.body", "body": b""})
    finally:
        reader.cancel()


application = answering_problems(stream)


async def _follow(run_id: str, seq: int, send: Send, gone: asyncio.Task[None]) -> None:
    telling = Telling(run_id, seq)
    async with changes_of(run_id) as changed:
        while not gone.done() and not probes.stopping.is_set():
            changed.clear()
            try:
                news = await in_database(telling.news)
            except Run.DoesNotExist:  # it was purged
                return
            if news is not None:
                await send({"type": "http.response.body", "body": _events(news), "more_body": True})
                if news.is_over:
                    return
            if not await _changed(changed, gone):
                telling.forget()
                await send({"type": "http.response.body", "body": b": ping\n\n", "more_body": True})


async def _changed(changed: asyncio.Event, gone: asyncio.Task[None]) -> bool:
    """Waits until something changed or the reader is gone. False after a while in which neither came: then a comment
    keeps proxies from hanging up."""
    change = asyncio.create_task(changed.wait())
    done, _ = await asyncio.wait({change, gone}, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    change.cancel()
    return bool(done)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# --- what is read, in a database thread ---


def readable_run(headers: dict[str, str], run_id: str) -> str:
    """The run's id, if the caller may read it: in the key's project, or in any project of the user."""
    token = bearer_token(headers.get("authorization", ""))
    identity = identity_of_session(_session_key(headers)) if token is None else identity_of_bearer(token)
    mine = Run.objects.filter(project__memberships__user=identity.user)
    if identity.api_key is not None:
        mine = mine.filter(project=identity.api_key.membership.project_id)
    found = mine.filter(pk=run_id).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("There is no such run.")
    return found


def _session_key(headers: dict[str, str]) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None


# --- the wire ---


def _events(news: News) -> bytes:
    events = [_event("log", log) for log in news.logs]
    # Only here an id: a connection that breaks before this line gets the logs above once more.
    events.append(f"id: {news.seq}\n{_event('run', {'run': news.run})}")
    if news.is_over:
        events.append(_event("end", {"status": news.run["status"]}))
    return "".join(events).encode()


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {strict_json.dumps(data, default=rest.to_json)}\n\n"

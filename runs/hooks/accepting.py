"""Taking a delivery: one request becomes one run. For the hook's own door and for dialects that have one of theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runs import idempotency
from runs.engine import reception
from runs.engine.arrivals import Admission, Key
from runs.engine.reception import Sight, Wanted
from runs.front import in_database
from runs.hooks.request import HookRequest
from runs.hooks.routing import Door, Route, find_door
from runs.models import Run
from runs.waiting import Standing, await_answer
from wire.problems import BadRequest, MethodNotAllowed, NotFound, Unavailable

# The sender's own id of the delivery: what it sends twice under one id is one delivery. Never the body's
# hash: two equal pings are two.
DELIVERY_ID_HEADERS = ("webhook-id", "x-github-delivery", "idempotency-key")

MAX_TRIES = 5
MAX_KNOWN = 1_000

Shape = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The run that the delivery started, now or when it came the first time."""

    run_id: str
    is_replay: bool
    waits: bool
    """The trigger says that the sender gets the run's own answer."""
    sight: Sight | None = None

    async def standing(self, seconds: float) -> Standing:
        """How the run stands when it has answered or ended, or the time is over."""
        if self.sight is not None and await self.sight.first_news(seconds):
            return Standing(self.sight.status or Run.Status.RUNNING, self.sight.response, self.sight.output)
        return await await_answer(self.run_id, seconds)


async def accept(token: str, request: HookRequest, shape: Shape = dict) -> Accepted:
    """Starts the run of the hook's workflow, in the event loop of the web server. `shape` may add a dialect's
    words to the payload.

    Raises NotFound, MethodNotAllowed, Conflict, BadJson and its kin for an unreadable body, and Unavailable
    while the database takes nothing.
    """
    delivery_id = _delivery_id(request)
    for _ in range(MAX_TRIES):
        route = await _find_route(token, request)
        wanted = _wanted(route, shape(request.payload(route.params)), delivery_id)
        waits = route.hook.settings.response == "wait"
        taken = await reception.here().take(wanted, waits=waits)
        if taken.admission is Admission.MOVED:
            _known.pop(token, None)
            continue
        # A run that was purged since it came the first time has nothing to wait for.
        waits = waits and not taken.is_gone
        return Accepted(taken.run_id, taken.admission is Admission.KNOWN, waits, taken.sight)
    raise Unavailable("The workflow is being changed; try again.")


def accept_from_thread(token: str, request: HookRequest, shape: Shape = dict) -> Accepted:
    """The same for views of Django."""
    return asyncio.run_coroutine_threadsafe(accept(token, request, shape), reception.here().loop).result()


_known: dict[str, Door] = {}


async def _find_route(token: str, request: HookRequest) -> Route:
    """By what is known of the token. What that refuses may be right by now, so the database is asked first."""
    known = _known.get(token)
    if known is not None:
        try:
            return known.route(request.method, request.path)
        except (NotFound, MethodNotAllowed):
            del _known[token]
    door = await in_database(find_door, token)
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    _known[token] = door
    return door.route(request.method, request.path)


def _wanted(route: Route, payload: dict[str, Any], delivery_id: str | None) -> Wanted:
    """What is to be written in the commit that takes the run: `beside` is the place for more rows of it."""
    door = route.door
    return Wanted(
        project_id=door.project_id,
        workflow_id=door.workflow_id,
        version_id=door.version_id,
        trigger_type=Run.Trigger.WEBHOOK,
        trigger_node=route.hook.node_id,
        payload=payload,
        door=(door.token, door.version_id),
        key=None if delivery_id is None else _key(route, delivery_id),
    )


def _key(route: Route, delivery_id: str) -> Key:
    scope = f"hook:{route.door.workflow_id}:{route.hook.node_id}"
    now = reception.here().now()
    fingerprint = idempotency.fingerprint_of("hook", scope, delivery_id)
    return Key(route.door.project_id, scope, delivery_id, fingerprint, now, now + idempotency.KEPT)


def _delivery_id(request: HookRequest) -> str | None:
    for name in DELIVERY_ID_HEADERS:
        value = request.headers.get(name, "").strip()
        if len(value) > idempotency.MAX_KEY_LENGTH:
            raise BadRequest.parameter(name, f"must be at most {idempotency.MAX_KEY_LENGTH} characters.")
        if value:
            return value
    return None

"""Taking a delivery: one request becomes one run. For the hook's own door and for dialects that have one of theirs.

Whatever becomes of it is on record: what starts a run in the run's own commit, anything else in one of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import Error as DatabaseFault
from django.db import transaction

from accounts.models import Project
from runs import idempotency
from runs.engine import queries, reception
from runs.engine.arrivals import Admission, Key
from runs.engine.reception import Sight, Taken, Wanted
from runs.front import in_database
from runs.hooks import deliveries, listening
from runs.hooks.access import authorize, check_key, secret_for
from runs.hooks.conditions import correlation_of, delivery_id, passes_filter
from runs.hooks.deliveries import Visit
from runs.hooks.routing import Address, Door, Route, find_door
from runs.models import Delivery, Run
from runs.services import raise_by_correlation
from runs.waiting import Standing, await_answer
from wire import strict_json
from wire.problems import Problem, Unavailable
from wire.rest import to_problem
from workflows.nodes.webhook_trigger import WebhookSettings

log = logging.getLogger(__name__)

MAX_TRIES = 5
# Whoever is to come again is not kept waiting for the record of it.
BUSY_SECONDS = 2
MAX_KNOWN = 1_000
# What takes longer to read than this would hold up everybody else in the loop.
READ_ASIDE_BYTES = 200_000

Shape = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer that needs no run's end."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The run that the delivery started, now or when it came the first time; None when it was to start none."""

    run_id: str | None
    is_replay: bool = False
    wait_seconds: int = 0
    """The trigger says that the sender gets the run's own answer, if it comes within so many seconds."""
    sight: Sight | None = None
    reply: Reply | None = None
    """What to answer instead of the run's id."""

    async def standing(self) -> Standing | None:
        """How the run stands when it has answered or ended, or the time is over; None where nobody waits for it."""
        if not self.wait_seconds or self.run_id is None:
            return None
        if self.sight is not None and await self.sight.first_news(self.wait_seconds):
            sight = self.sight
            output = None if sight.response else sight.output
            return Standing(sight.status or Run.Status.RUNNING, sight.response, output)
        return await await_answer(self.run_id, self.wait_seconds)


async def accept(visit: Visit, address: Address, shape: Shape = dict) -> Accepted:
    """Starts the run of the hook's workflow, in the event loop of the web server. `shape` may add a dialect's
    words to the payload.

    Raises what is wrong as a Problem or JsonFault, after it is on record.
    """
    try:
        return await (_hear(visit, address) if address.is_test else _take(visit, address, shape))
    except Exception as error:
        problem = to_problem(error)
        if problem is not None:
            await refuse(visit, address, problem)
        raise


def accept_from_thread(visit: Visit, address: Address, shape: Shape = dict) -> Accepted:
    """The same for views of Django."""
    return asyncio.run_coroutine_threadsafe(accept(visit, address, shape), reception.here().loop).result()


async def refuse(visit: Visit, address: Address, problem: Problem) -> None:
    """Puts on record why nothing started. Where the database cannot be reached, the log is all there is."""
    try:
        async with asyncio.timeout(BUSY_SECONDS if problem.status == 503 else None):
            await in_database(_refuse, visit, address, problem)
    except (DatabaseFault, TimeoutError) as error:
        log.warning("a delivery that was refused (%s) is not on record: %s", problem.code, error)


def _refuse(visit: Visit, address: Address, problem: Problem) -> None:
    deliveries.record_refusal(visit, problem)
    if address.is_test and visit.door:
        listening.tell_refusal(visit.door.workflow_id, problem.detail)


# --- a run ---


async def _take(visit: Visit, address: Address, shape: Shape) -> Accepted:
    for _ in range(MAX_TRIES):
        route = visit.route = await _find_route(visit, address)
        payload, reply = await _read(visit, route)
        if reply is not None:
            return Accepted(None, reply=reply)
        settings = route.hook.settings
        if settings.action == "event":
            return await _tell(visit, address, payload)
        wanted = _wanted(visit, route, shape(payload))
        taken = await reception.here().take(wanted, waits=settings.response == "wait")
        if taken.admission is Admission.MOVED:
            _known.pop(_place(address), None)
            continue
        if taken.admission is Admission.KNOWN:
            await in_database(
                deliveries.record, visit, Delivery.Outcome.DUPLICATE, _status(settings), run_id=taken.run_id
            )
        return _accepted(settings, taken)
    raise Unavailable("The workflow is being changed; try again.")


async def _read(visit: Visit, route: Route) -> tuple[dict[str, Any], Reply | None]:
    """The payload of a request that may start a run; with a reply to one that is to start none, put on record."""
    settings = route.hook.settings
    payload = await _authorized(visit, route)
    challenge = _challenge(settings, payload["body"])
    if challenge is not None:
        await in_database(deliveries.record, visit, Delivery.Outcome.ANSWERED, challenge.status)
        return payload, challenge
    if not await passes_filter(settings, payload):
        reason = "The trigger's filter did not let it pass."
        await in_database(deliveries.record, visit, Delivery.Outcome.FILTERED, 200, reason=reason)
        return payload, Reply(200, "application/json", b'{"id":null,"filtered":true}')
    return payload, None


async def _authorized(visit: Visit, route: Route) -> dict[str, Any]:
    """The payload, once it is clear who sent it."""
    settings, request = route.hook.settings, visit.request
    secret = None if settings.auth == "open" else await in_database(secret_for, route.door.project_id, settings)
    if settings.auth == "key":
        await in_database(check_key, route.door.project_id, request)
    if secret and secret.kind == "header":
        visit.secret_header = secret.data["name"].lower()
    authorize(settings, secret, request)
    if len(request.body) > READ_ASIDE_BYTES:
        payload = await asyncio.to_thread(request.payload, route.params, visit.secret_header)
    else:
        payload = request.payload(route.params, visit.secret_header)
    visit.delivery_id = delivery_id(settings, request, payload)
    return payload


def _challenge(settings: WebhookSettings, body: Any) -> Reply | None:
    """Slack asks once whether the address is its owner's."""
    is_asked = settings.auth == "slack" and isinstance(body, dict) and body.get("type") == "url_verification"
    return Reply(200, "text/plain; charset=utf-8", str(body.get("challenge", "")).encode()) if is_asked else None


def _wanted(visit: Visit, route: Route, payload: dict[str, Any]) -> Wanted:
    """What is to be written in the commit that takes the run."""
    door, hook = route.door, route.hook
    assert door.version_id is not None  # noqa: S101 - else it had no route
    wanted = Wanted(
        project_id=door.project_id,
        workflow_id=door.workflow_id,
        version_id=door.version_id,
        trigger_type=Run.Trigger.WEBHOOK,
        trigger_node=hook.node_id,
        payload=payload,
        deadline_seconds=door.deadline_seconds,
        door=(door.token, door.version_id, door.deadline_seconds),
        key=None if visit.delivery_id is None else _key(route, visit.delivery_id),
    )
    row = visit.row(Delivery.Outcome.STARTED, _status(hook.settings), run_id=wanted.run_id)
    wanted.beside.append((queries.INSERT_DELIVERIES, row))
    return wanted


def _key(route: Route, given: str) -> Key:
    scope = f"hook:{route.door.workflow_id}:{route.hook.node_id}"
    now = reception.here().now()
    fingerprint = idempotency.fingerprint_of("hook", scope, given)
    return Key(route.door.project_id, scope, given, fingerprint, now, now + idempotency.KEPT)


def _status(settings: WebhookSettings) -> int | None:
    return {"accepted": 202, "fixed": settings.answer_status, "wait": None}[settings.response]


def _accepted(settings: WebhookSettings, taken: Taken) -> Accepted:
    is_replay = taken.admission is Admission.KNOWN
    if settings.response == "fixed":
        reply = Reply(settings.answer_status, settings.answer_type, settings.answer_body.encode())
        return Accepted(taken.run_id, is_replay, reply=reply)
    # A run that was purged since it came the first time has nothing to wait for.
    waits = settings.response == "wait" and not taken.is_gone
    return Accepted(taken.run_id, is_replay, settings.wait_seconds if waits else 0, taken.sight)


# --- an event ---


async def _tell(visit: Visit, address: Address, payload: dict[str, Any]) -> Accepted:
    """For runs that wait: no new one starts."""
    visit.door = await in_database(find_door, address)  # no commit of a run asks whether it is still so
    route = visit.route = visit.door.route(address, visit.request.method)
    correlation = await correlation_of(route.hook.settings, payload)
    run_ids = await in_database(_raise_event, visit, route, correlation, payload)
    return Accepted(None, reply=Reply(202, "application/json", strict_json.dumps({"runs": run_ids}).encode()))


def _raise_event(visit: Visit, route: Route, correlation: str, payload: dict[str, Any]) -> list[str]:
    """In the commit that keeps the delivery."""
    project = Project(id=route.door.project_id)
    with transaction.atomic():
        told = raise_by_correlation(
            project, route.hook.settings.event, correlation, payload, event_id=visit.delivery_id
        )
        is_again = bool(told) and not any(raised.is_new for raised in told)
        outcome = Delivery.Outcome.DUPLICATE if is_again else Delivery.Outcome.RAISED
        number = "1 run was" if len(told) == 1 else f"{len(told)} runs were"
        deliveries.record(visit, outcome, 202, reason=f"{number} told “{correlation}”.")
    return [raised.event.run_id for raised in told]


# --- where it goes ---

_known: dict[tuple[str, str], Door] = {}


def _place(address: Address) -> tuple[str, str]:
    return address.token or address.project_id, address.name


async def _find_route(visit: Visit, address: Address) -> Route:
    """By what is known of the address. What that refuses may be right by now, so the database is asked first."""
    place, method = _place(address), visit.request.method
    visit.door = _known.get(place)
    if visit.door is not None:
        try:
            return visit.door.route(address, method)
        except Problem:
            del _known[place]
    visit.door = await in_database(find_door, address)
    route = visit.door.route(address, method)
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    _known[place] = visit.door
    return route


# --- an editor that listens ---


async def _hear(visit: Visit, address: Address) -> Accepted:
    """For the test address: the editor gets the payload, and no run starts."""
    visit.door = await in_database(find_door, address)
    route = visit.route = await in_database(visit.door.test_route, address, visit.request.method)
    listener = await in_database(listening.waiting_listener, visit.door.workflow_id)
    payload = await _authorized(visit, route)
    challenge = _challenge(route.hook.settings, payload["body"])
    if challenge is None:
        await in_database(listening.hear, listener, route.hook.node_id, payload)
    await in_database(deliveries.record, visit, Delivery.Outcome.HEARD, 200)
    return Accepted(None, reply=challenge or Reply(200, "application/json", b'{"received":true}'))

"""Taking a delivery: one request becomes one run. For the hook's own door and for dialects that have one of theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from runs import idempotency
from runs.hooks.request import HookRequest
from runs.hooks.routing import Route, find_route
from runs.models import Run
from runs.services import StartOptions, start_run
from wire import strict_json
from wire.problems import BadRequest, Conflict, Unavailable

# The sender's own id of the delivery: what it sends twice under one id is one delivery. Never the body's
# hash: two equal pings are two.
DELIVERY_ID_HEADERS = ("webhook-id", "x-github-delivery", "idempotency-key")

Shape = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The run that the delivery started, now or when it came the first time."""

    run_id: str
    is_replay: bool
    waits: bool
    """The trigger says that the sender gets the run's own answer."""


def accept(token: str, request: HookRequest, shape: Shape = dict) -> Accepted:
    """Starts the run of the hook's workflow. `shape` may add a dialect's words to the payload.

    Raises what `find_route` does, BadJson and its kin for an unreadable body, and Unavailable
    while the same delivery is still being taken.
    """
    route = find_route(token, request.method, request.path)
    payload = shape(request.payload(route.params))
    delivery_id = _delivery_id(request)
    waits = route.hook.settings.response == "wait"
    if delivery_id is None:
        with transaction.atomic():
            return Accepted(_start(route, payload)[0].id, False, waits)
    answer = _start_once(route, payload, delivery_id)
    if answer.run_id is None:  # the run was purged; whoever asks again gets the first answer all the same
        return Accepted(json.loads(answer.body)["id"], answer.replayed, waits=False)
    return Accepted(answer.run_id, answer.replayed, waits)


def _start(route: Route, payload: dict[str, Any]) -> tuple[Run, int, bytes]:
    options = StartOptions(trigger_type=Run.Trigger.WEBHOOK, trigger_node=route.hook.node_id)
    run = start_run(route.workflow, payload, options)
    return run, 202, strict_json.dumps({"id": run.id}).encode()


def _start_once(route: Route, payload: dict[str, Any], delivery_id: str) -> idempotency.Answer:
    scope = f"hook:{route.workflow.id}:{route.hook.node_id}"
    fingerprint = idempotency.fingerprint_of("hook", scope, delivery_id)
    start = partial(_start, route, payload)
    try:
        return idempotency.start_once(route.workflow.project, scope, delivery_id, fingerprint, start)
    except Conflict as conflict:
        if conflict.code != "request_in_progress":
            raise
        # Senders give up on a 409; they come back after a 503.
        raise Unavailable("The same delivery is being taken at this moment.", code=conflict.code) from None


def _delivery_id(request: HookRequest) -> str | None:
    for name in DELIVERY_ID_HEADERS:
        value = request.headers.get(name, "").strip()
        if len(value) > idempotency.MAX_KEY_LENGTH:
            raise BadRequest.parameter(name, f"must be at most {idempotency.MAX_KEY_LENGTH} characters.")
        if value:
            return value
    return None

"""Deliveries: every request at a hook's address is on record, also the refused ones. The only writer of those rows.

What starts a run is recorded in the run's own commit, without headers and body, which the run has in its payload.
Anyone can send what is refused, so what is kept of that is bounded.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.models import Project
from runs.engine import queries
from runs.hooks.request import MAX_HEADERS, HookRequest, hide_secrets
from runs.hooks.routing import Door, Route
from runs.models import Delivery, Listener
from wire.ids import new_id
from wire.problems import Problem

log = logging.getLogger(__name__)

BATCH = 500
MAX_KEPT_BODY = 64_000
MAX_KEPT_HEADER = 2_000
UNKNOWN_PER_MINUTE = 60
KEPT_BYTES_PER_MINUTE = 20_000_000


class Visit:
    """One request at a hook's address, from its arrival on: all that there is to record of it."""

    def __init__(self, request: HookRequest, address: str) -> None:
        """`address` is the whole path of the request's URL."""
        self.request = request
        self.door: Door | None = None
        self.route: Route | None = None
        self.delivery_id: str | None = None
        self.secret_header = ""
        self._address = address
        self._received_at = timezone.now()
        self._began = time.monotonic()

    def row(self, outcome: str, status: int | None, **more: Any) -> dict[str, Any]:
        """The delivery's columns, without headers and body."""
        request, door = self.request, self.door
        return {
            "id": new_id("dlv"),
            "project_id": door.project_id if door else None,
            "workflow_id": door.workflow_id if door else None,
            "node_id": self.route.hook.node_id if self.route else "",
            "outcome": outcome,
            "code": "",
            "reason": "",
            "status": status,
            "run_id": None,
            "replay_of_id": None,
            "delivery_key": _storable(self.delivery_id or "", 200),
            "method": _storable(request.method, 20),
            # The token in a known address is a secret, and everybody who may see the delivery knows the workflow.
            "path": _storable(f"/{request.path}" if door else self._address, 500),
            "query": _storable(request.query, 2_000),
            "client_address": _storable(request.client, 64),
            "headers": None,
            "body": None,
            "body_size": len(request.body),
            "received_at": self._received_at,
            "duration_ms": round((time.monotonic() - self._began) * 1000, 3),
            **more,
        }


def record_with_run(visit: Visit, run_id: str, status: int | None, **more: Any) -> str:
    """Joins the transaction in which the run starts; gives the delivery's id. `status` is None where the run's own
    answer is waited for."""
    row = visit.row(Delivery.Outcome.STARTED, status, run_id=run_id, **more)
    queries.INSERT_DELIVERIES.by_django(connection, row)
    return str(row["id"])


def record(visit: Visit, outcome: str, status: int | None, **more: Any) -> Delivery:
    """A delivery that started no run of its own, with its headers and as much of its body as is kept."""
    row = visit.row(outcome, status, headers=_kept_headers(visit), **more)
    body = visit.request.body[:MAX_KEPT_BODY]
    if body and _kept_bytes.take(len(body)):
        row["body"] = body
    return Delivery.objects.create(**row)


def record_refusal(visit: Visit, problem: Problem) -> None:
    """What nobody's address got is kept with the first project, and only so much of it in a minute."""
    more: dict[str, Any] = {"code": problem.code, "reason": _storable(problem.detail, 1_000)}
    if visit.door is None:
        if not _unknown.take(1):
            log.info("a request at an unknown webhook address was not recorded: too many of them")
            return
        more["project_id"] = Project.objects.order_by("created_at", "id").values_list("id", flat=True).first()
    record(visit, Delivery.Outcome.REFUSED, problem.status, **more)


def _kept_headers(visit: Visit) -> dict[str, str]:
    hidden = hide_secrets(visit.request.headers, visit.secret_header)
    first = list(hidden.items())[:MAX_HEADERS]
    return {_storable(name, 200): _storable(text, MAX_KEPT_HEADER) for name, text in first}


def _storable(text: str, length: int) -> str:
    """Cut to size, and without what a database does not take."""
    kept = text[:length]
    if kept.isascii() and "\0" not in kept:
        return kept
    return kept.replace("\0", "�").encode(errors="replace").decode()


def prune(now: datetime) -> int:
    """Takes away what is too old, and of each workflow what is more than is kept; how many."""
    old = Delivery.objects.filter(received_at__lt=now - timedelta(days=settings.DELIVERY_DAYS))
    gone = _delete(old)
    for workflow_id, number in _counts():
        if number > settings.DELIVERIES_KEPT:
            mine = Delivery.objects.filter(workflow_id=workflow_id)
            gone += _delete(mine, number - settings.DELIVERIES_KEPT)
    return gone + Listener.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()[0]


def _counts() -> Iterator[tuple[str | None, int]]:
    rows = Delivery.objects.values_list("workflow_id").annotate(number=Count("id")).order_by()
    yield from rows.iterator()


def _delete(rows: QuerySet[Delivery], most: int | None = None) -> int:
    """The oldest first, in small commits."""
    gone = 0
    while most is None or gone < most:
        size = BATCH if most is None else min(BATCH, most - gone)
        ids = list(rows.order_by("received_at", "id").values_list("id", flat=True)[:size])
        if not ids:
            break
        Delivery.objects.filter(pk__in=ids).delete()
        gone += len(ids)
    return gone


class Allowance:
    """So much in a minute, for one process."""

    def __init__(self, per_minute: int) -> None:
        self._most = self._left = float(per_minute)
        self._seen = time.monotonic()
        self._lock = threading.Lock()

    def take(self, amount: int) -> bool:
        with self._lock:
            now = time.monotonic()
            self._left = min(self._most, self._left + (now - self._seen) * self._most / 60)
            self._seen = now
            if amount > self._left:
                return False
            self._left -= amount
            return True


_unknown = Allowance(UNKNOWN_PER_MINUTE)
_kept_bytes = Allowance(KEPT_BYTES_PER_MINUTE)

"""Starting a run once: the key and the run are written in one commit, so that both exist or neither.

A rival with the same key waits for that commit and then gets the first answer, byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from accounts.models import Project
from runs.models import IdempotencyKey, Run
from wire.problems import Conflict, Invalid
from wire.strict_json import canonical

KEPT = timedelta(hours=24)
FOR_GOOD = timedelta(days=36_500)
MAX_KEY_LENGTH = 200
_LOCK_NOT_AVAILABLE = "55P03"

Start = Callable[[], tuple[Run, int, bytes]]
"""Starts the run; gives it with the status and body of the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    run_id: str | None
    replayed: bool


def fingerprint_of(method: str, route: str, body: Any) -> str:
    """Bodies that differ only in the order of keys or in blanks are the same."""
    return hashlib.sha256(b"\0".join((method.encode(), route.encode(), canonical(body)))).hexdigest()


def start_once(project: Project, scope: str, key: str, fingerprint: str, start: Start) -> Answer:
    """The answer of `start`, or the one that was given under this key within 24 hours.

    Raises Invalid `idempotency_key_reused` for another request under the same key, and Conflict
    `request_in_progress` when the first one takes too long. What `start` raises leaves no key behind.
    """
    while True:
        try:
            with transaction.atomic():
                if _take(project, scope, key, fingerprint):
                    return _first(project, scope, key, start)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            raise _in_progress() from None
        known = IdempotencyKey.objects.filter(project=project, scope=scope, key=key).first()
        if known is None:
            continue  # it was taken back, or swept away, in between
        if known.expires_at <= timezone.now():
            IdempotencyKey.objects.filter(pk=known.pk, expires_at=known.expires_at).delete()
            continue
        return _again(known, fingerprint)


def start_unless(
    project: Project, scope: str, key: str, start: Callable[[], Run], replaces: Callable[[Run], bool]
) -> Run:
    """The run that was started under this key, for as long as it is kept; `start`'s where there is none.

    `replaces` says of an earlier run whether a new one takes its key over. It may raise instead.
    """
    while True:
        with transaction.atomic():
            if _take(project, scope, key, "", FOR_GOOD):
                run = start()
                IdempotencyKey.objects.filter(project=project, scope=scope, key=key).update(run=run)
                return run
        with transaction.atomic():
            known = _locked(project, scope, key)
            if known is None or known.run is None:  # taken back in between, or its run was deleted
                IdempotencyKey.objects.filter(project=project, scope=scope, key=key, run=None).delete()
                continue
            if not replaces(known.run):
                return known.run
            known.run = start()
            known.save(update_fields=["run"])
            return known.run


def _locked(project: Project, scope: str, key: str) -> IdempotencyKey | None:
    rows = IdempotencyKey.objects.select_for_update(of=("self",), no_key=True).select_related("run__version")
    return rows.filter(project=project, scope=scope, key=key).first()


def _take(project: Project, scope: str, key: str, fingerprint: str, kept: timedelta = KEPT) -> bool:
    """Whether the key is ours. Waits for a rival that has inserted it and not yet committed."""
    now = timezone.now()
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                project=project,
                scope=scope,
                key=key,
                fingerprint=fingerprint,
                created_at=now,
                expires_at=now + kept,
            )
    except IntegrityError:
        return False
    return True


def _first(project: Project, scope: str, key: str, start: Start) -> Answer:
    run, status, body = start()
    taken = IdempotencyKey.objects.filter(project=project, scope=scope, key=key)
    taken.update(run=run, status_code=status, response=body)
    return Answer(status, body, run.id, replayed=False)


def _again(known: IdempotencyKey, fingerprint: str) -> Answer:
    if known.fingerprint != fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for another request within the last 24 hours.",
            code="idempotency_key_reused",
        )
    if known.response is None or known.status_code is None:
        raise _in_progress()
    return Answer(known.status_code, bytes(known.response), known.run_id, replayed=True)


def _in_progress() -> Conflict:
    return Conflict(
        "A request with this Idempotency-Key is still being accepted.",
        code="request_in_progress",
        headers={"Retry-After": "1"},
    )

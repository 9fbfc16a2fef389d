"""Guessing passwords is slow: failures are counted per account and per address, in the database, so that
any number of web processes count together. An account that does not exist counts just the same."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.utils import timezone

from accounts.models import FailedSignIn
from wire.problems import TooManyRequests

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50


def check(email: str, address: str) -> None:
    """TooManyRequests when there were too many failures lately."""
    for recent, allowed in (
        (FailedSignIn.objects.filter(account_sha256=_mark(email)), PER_ACCOUNT),
        (FailedSignIn.objects.filter(address=address), PER_ADDRESS),
    ):
        now = timezone.now()
        moments = list(
            recent.filter(failed_at__gt=now - WINDOW)
            .order_by("-failed_at")
            .values_list("failed_at", flat=True)[:allowed]
        )
        if len(moments) == allowed:
            # Free again as soon as the oldest of these is out of the window.
            wait = moments[-1] + WINDOW - now
            raise TooManyRequests(
                "Too many failed sign-ins; wait a while.", code="sign_in_throttled", retry_after=wait.total_seconds()
            )


def note_failure(email: str, address: str) -> None:
    now = timezone.now()
    FailedSignIn.objects.filter(failed_at__lte=now - WINDOW).delete()
    FailedSignIn.objects.create(account_sha256=_mark(email), address=address, failed_at=now)


def forgive(email: str) -> None:
    """After a right password: earlier slips on this account no longer count against it."""
    FailedSignIn.objects.filter(account_sha256=_mark(email)).delete()


def _mark(email: str) -> str:
    """Not the address itself: people type passwords into the wrong field."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()

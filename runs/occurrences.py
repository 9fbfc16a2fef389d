"""Which occurrences are due, and what the catch-up policy makes of them. Pure: calendar, clock and policy in,
decisions out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from workflows.calendar import Calendar

# What is younger is not missed, only a little late: it starts under every policy.
PUNCTUAL = timedelta(seconds=10)
MOST_CAUGHT_UP = 100
# Of an outage with more occurrences than this the first and the latest are written down one by one.
MOST_WRITTEN = 1_000


@dataclass(frozen=True, slots=True)
class Decision:
    """Start what was due `at`, or not: then `missed` says why."""

    at: datetime
    missed: str = ""


@lru_cache(maxsize=20_000)
def following(calendar: Calendar, at: datetime) -> datetime | None:
    """The occurrence after `at`. Asked for ahead of time, so that the moment itself need not wait for the answer."""
    return calendar.next_after(at)


def decide(calendar: Calendar, first: datetime, now: datetime, catch_up: str) -> list[Decision]:
    """For every occurrence from `first`, which is one, up to `now`, oldest first."""
    due, left_out = due_between(calendar, first, now)
    late = [at for at in due if at < now - PUNCTUAL]
    kept = {"skip": 0, "latest": 1 if len(late) == len(due) else 0, "all": MOST_CAUGHT_UP}[catch_up]
    missed = late[: len(late) - kept]
    reasons = _reasons(missed, left_out, catch_up)
    return [Decision(at, reasons.get(at, "")) for at in due]


def _reasons(missed: Sequence[datetime], left_out: int | None, catch_up: str) -> dict[datetime, str]:
    then = {
        "skip": "nothing is made up for",
        "latest": "only the latest is made up for",
        "all": f"only the last {MOST_CAUGHT_UP} are made up for",
    }[catch_up]
    reasons = dict.fromkeys(missed, f"No clock was running; {then}.")
    if left_out is not None:
        reasons[missed[left_out]] += " So were all between this one and the next one listed."
    return reasons


def due_between(calendar: Calendar, first: datetime, now: datetime) -> tuple[list[datetime], int | None]:
    """All from `first` to `now`; if they are too many, the index of the one behind which some are left out."""
    due = list(islice(_from(calendar, first, now), MOST_WRITTEN + 1))
    if len(due) <= MOST_WRITTEN:
        return due, None
    head = due[: MOST_WRITTEN - MOST_CAUGHT_UP]
    tail = [at for at in _latest(calendar, head[-1], now) if at > head[-1]][-MOST_CAUGHT_UP:]
    return [*head, *tail], len(head) - 1


def _from(calendar: Calendar, first: datetime, now: datetime) -> Iterator[datetime]:
    at: datetime | None = first
    while at is not None and at <= now:
        yield at
        at = following(calendar, at)


def _latest(calendar: Calendar, after: datetime, now: datetime) -> list[datetime]:
    """At least the last `MOST_CAUGHT_UP` up to `now`: looks back twice as far until there are enough."""
    back = timedelta(seconds=MOST_CAUGHT_UP)
    while True:
        since = max(after, now - back)
        first = calendar.next_after(since)
        found = list(_from(calendar, first, now)) if first else []
        if len(found) >= MOST_CAUGHT_UP or since == after:
            return found
        back *= 2

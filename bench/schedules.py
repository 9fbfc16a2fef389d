"""How punctual the clock is: from the due instant to the start of the run, idle and with many due at once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any

from tests.provision import wait_until
from tests.servers import Api, node

IDLE_SECONDS = 60
WORKFLOWS, TRIGGERS = 100, 10
LEAD_SECONDS = 60


@dataclass(frozen=True)
class Lags:
    """Milliseconds from due to started."""

    count: int
    median_ms: float
    p99_ms: float
    worst_ms: float

    @classmethod
    def of(cls, firings: list[dict[str, Any]]) -> Lags:
        lags = sorted(_lag_ms(firing) for firing in firings)
        return cls(len(lags), median(lags), quantiles(lags, n=100)[98], lags[-1])


@dataclass(frozen=True)
class Punctuality:
    idle: Lags
    burst: Lags


def measure_schedules(api: Api) -> Punctuality:
    """One schedule that is due every second on an idle server, then a thousand that are due in the same second."""
    return Punctuality(_idle(api), _burst(api))


def _lag_ms(firing: dict[str, Any]) -> float:
    started, due = (datetime.fromisoformat(firing[name]) for name in ("started_at", "due_at"))
    return (started - due) / timedelta(milliseconds=1)


def _scheduled(api: Api, name: str, cron: str, triggers: int = 1) -> Any:
    clocks = [node(f"clock{n}", "schedule_trigger", schedule_value=cron) for n in range(triggers)]
    edges = [{"id": f"e{n}", "source": clock["id"], "target": "say"} for n, clock in enumerate(clocks)]
    return api.published(name, [*clocks, node("say", "log", message="on time")], edges, active=True)


def _firings(api: Api, **query: str) -> list[dict[str, Any]]:
    """All of them that have started."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        asked = "&".join(f"{name}={text}" for name, text in {**query, "limit": "200"}.items())
        page = api.call("GET", f"/firings?{asked}" + (f"&cursor={cursor}" if cursor else ""))
        found += page["results"]
        cursor = page["next"]
    return [firing for firing in found if firing["started_at"]]


def _idle(api: Api) -> Lags:
    workflow = _scheduled(api, "bench: every second", "* * * * * *")
    time.sleep(IDLE_SECONDS)
    api.call("POST", f"/workflows/{workflow['id']}/deactivate")
    return Lags.of(_firings(api, workflow=workflow["id"])[:-2])  # without the first, for which nothing was ready


def _burst(api: Api) -> Lags:
    due = datetime.now(UTC) + timedelta(seconds=LEAD_SECONDS)
    cron = f"{due.second} {due.minute} {due.hour} * * *"
    made = [_scheduled(api, f"bench: burst {n}", cron, TRIGGERS)["id"] for n in range(WORKFLOWS)]
    assert datetime.now(UTC) < due - timedelta(seconds=1), "it took too long to make the workflows"

    def all_started() -> bool:
        last = _firings(api, workflow=made[-1])
        return len(last) == TRIGGERS

    wait_until(all_started, "the last workflow's runs start", LEAD_SECONDS + 60)
    time.sleep(2)
    return Lags.of([firing for workflow in made for firing in _firings(api, workflow=workflow)])

"""Many runs that were accepted while no worker was there. FAULTS=full makes it 10,000."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.census import census
from tests.faults.desk import Desk
from tests.provision import Redis, wait_until
from tests.servers import Distributed, chain, node

pytestmark = pytest.mark.faults

FULL = os.environ.get("FAULTS") == "full"
QUEUED, CALLED = (9_000, 1_000) if FULL else (500, 60)
SLOTS = 20


class WithoutWorkers(Distributed):
    ROLES = ("web", "clock")


def test_a_backlog_is_accepted_quickly_and_worked_off_in_order(
    tmp_path: Path,
    new_postgres_database: Callable[[], str],
    redis_server: Redis,
    desk_of: Callable[[WithoutWorkers], Desk],
    capsys: pytest.CaptureFixture[str],
) -> None:
    nodes = [node("begin", "manual_trigger"), node("last", "set", mapping={"done": True})]
    with WithoutWorkers(tmp_path, new_postgres_database(), redis_server.url, slots=str(SLOTS)) as site:
        with site.api() as api:
            workflow = api.published("small", nodes, chain(*nodes))
        desk = desk_of(site)
        desk.start(workflow["id"], QUEUED, "mixed")
        took = sorted(times_of_starts(site, workflow["id"]))
        p99 = took[math.ceil(0.99 * len(took)) - 1]
        with capsys.disabled():
            print(f"\n{QUEUED} runs pending: a start took {took[len(took) // 2]:.3f} s, p99 {p99:.3f} s")  # noqa: T201
        assert p99 < 5, "a start waits for what is pending"
        site.launch("worker")
        wait_until(lambda: desk.statuses() == {"completed": QUEUED + CALLED}, "all runs end", 600)
        waiting = sorted(desk.runs(), key=lambda run: (-run["priority"], run["created_at"], run["id"]))
        # A worker takes up to as many as it has slots at once; none before another that had so many places before it.
        for first, later in zip(waiting, waiting[SLOTS:], strict=False):
            assert first["started_at"] <= later["started_at"], "a run was overtaken"
        census(desk)


def times_of_starts(site: WithoutWorkers, workflow_id: str) -> list[float]:
    """Of calls by eight callers at once, in seconds."""

    def call(priority: int) -> float:
        began = time.monotonic()
        body = {"context": {}, "priority": priority % 100}
        api.call("POST", f"/workflows/{workflow_id}/execute", body, status=202)
        return time.monotonic() - began

    with site.api() as api, ThreadPoolExecutor(8) as callers:
        return list(callers.map(call, range(CALLED)))

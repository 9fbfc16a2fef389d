"""A whole site while its database cannot be reached. FAULTS=full leaves it away for a minute."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import provision
from tests.faults.census import census
from tests.faults.desk import Desk
from tests.provision import Redis, wait_until
from tests.recorder import Recorder
from tests.servers import Api, Distributed, chain, node

pytestmark = pytest.mark.faults

AWAY_SECONDS = 60 if os.environ.get("FAULTS") == "full" else 6
LEASE_SECONDS = 3
BACK_WITHIN_SECONDS = 10
"""Asserted with twice the time: a busy machine takes longer to start a PostgreSQL."""


def test_a_database_that_cannot_be_reached_is_waited_for_by_everybody(
    tmp_path: Path, redis_server: Redis, outside: Recorder, desk_of: Callable[[Distributed], Desk]
) -> None:
    """Who asks is told to come again, no worker makes a call that it may not record, nobody is started by hand."""
    outside.answer("/slow", {"ok": True}, after=0.4)
    calls = [node(f"call{n}", "http_request", url=f"{outside.url}/slow") for n in range(10)]
    nodes = [node("begin", "manual_trigger"), *calls]
    settings = {"lease_seconds": str(LEASE_SECONDS)}
    with (
        provision.postgres_server() as database,
        Distributed(tmp_path, database.new_database(), redis_server.url, **settings) as site,
        site.api() as api,
    ):
        workflow = api.published("calls", nodes, chain(*nodes))
        accepted = [api.call("POST", path(workflow), {}, status=202)["id"] for _ in range(5)]
        wait_until(lambda: len(outside.calls) > 5, "the runs are under way")
        database.kill()
        away_until = time.monotonic() + AWAY_SECONDS
        wait_until(lambda: is_refused(api, workflow), "starts are refused")
        wait_until(lambda: not site.is_ready(), "the site is not ready")
        time.sleep(LEASE_SECONDS)
        made = len(outside.calls)
        while time.monotonic() < away_until:
            assert api.http.get("/workflows").status_code == 503
            time.sleep(0.2)
        assert len(outside.calls) == made, "a worker went on without a lease"
        database.start()
        wait_until(site.is_ready, "the site is ready again", 2 * BACK_WITHIN_SECONDS)
        wait_until(lambda: is_accepted(api, workflow, accepted), "starts are accepted again", 2 * BACK_WITHIN_SECONDS)
        assert {api.finished(run_id, 60)["status"] for run_id in accepted} == {"completed"}
        assert all(process.process.poll() is None for process in site.processes)
        census(desk_of(site))


def path(workflow: Any) -> str:
    return f"/workflows/{workflow['id']}/execute"


def is_refused(api: Api, workflow: Any) -> bool:
    answer = api.http.post(path(workflow), json={})
    if answer.status_code == 503:
        assert answer.headers["retry-after"]
    return answer.status_code == 503


def is_accepted(api: Api, workflow: Any, accepted: list[str]) -> bool:
    answer = api.http.post(path(workflow), json={})
    if answer.status_code == 202:
        accepted.append(answer.json()["id"])
    return answer.status_code == 202

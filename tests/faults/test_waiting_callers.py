"""Callers who wait for a webhook's run while processes die."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.provision import Redis, wait_until
from tests.recorder import Recorder
from tests.servers import Distributed, chain, node

pytestmark = pytest.mark.faults


def test_who_waits_learns_the_outcome_although_the_worker_dies(
    tmp_path: Path, new_postgres_database: Callable[[], str], redis_server: Redis, outside: Recorder
) -> None:
    outside.answer("/slow", {"ok": True}, after=1.5)
    nodes = [
        node("hook", "webhook_trigger", response="wait"),
        node("read", "http_request", url=f"{outside.url}/slow"),
        node("answer", "respond", status=201, body="{{ nodes.read.body }}"),
    ]
    settings = {"lease_seconds": "1"}
    with (
        Distributed(tmp_path, new_postgres_database(), redis_server.url, **settings) as site,
        site.api() as api,
        ThreadPoolExecutor(1) as caller,
    ):
        workflow = api.published("waited for", nodes, chain(*nodes), active=True)
        answer = caller.submit(httpx2.post, workflow["webhook_url"], json={}, timeout=60)
        wait_until(lambda: bool(outside.calls_to("/slow")), "the run is under way")
        site.processes[site.ROLES.index("worker")].kill()
        site.launch("worker")
        told = answer.result()
        assert (told.status_code, told.json()) == (201, {"ok": True})
    assert len(outside.calls_to("/slow")) == 2

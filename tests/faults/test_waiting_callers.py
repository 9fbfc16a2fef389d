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


def test_who_waits_learns_the_outcome_although_the_process_dies(
    tmp_path: Path, new_postgres_database: Callable[[], str], redis_server: Redis, outside: Recorder
) -> None:
    """The web process that took the call also works on its run. When it dies the caller's line is cut; the sender
    repeats itself, as senders do, and gets the answer of the run that another process brought to its end."""
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

        def deliver() -> httpx2.Response:
            return httpx2.post(workflow["webhook_url"], json={}, headers={"webhook-id": "msg_1"}, timeout=60)

        first = caller.submit(deliver)
        wait_until(lambda: bool(outside.calls_to("/slow")), "the run is under way")
        site.processes[site.ROLES.index("web")].kill()
        with pytest.raises(httpx2.TransportError):
            first.result()
        site.launch("web")
        wait_until(site.is_ready, "web is ready", 40)
        told = deliver()
        assert (told.status_code, told.json()) == (201, {"ok": True})
        assert told.headers["idempotent-replayed"] == "true"
    assert len(outside.calls_to("/slow")) == 2

"""Two web processes on one port: the kernel deals callers out to those that live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2

from tests.provision import Redis, wait_until
from tests.servers import Distributed, node


def test_two_web_processes_share_a_port_and_either_alone_answers_there(
    tmp_path: Path, new_postgres_database: Callable[[], str], redis_server: Redis
) -> None:
    server = Distributed(tmp_path, new_postgres_database(), redis_server.url, share_port="true")
    with server:
        first, second = server.processes[0], server.launch("web")
        wait_until(lambda: second.listens_on(server.port), "the second web listens", 120)
        with server.api() as api:
            hook = node("hook", "webhook_trigger", response="wait")
            url = api.published("Both", [hook], [], active=True)["webhook_url"]
        assert [call(url) for _ in range(20)] == 20 * [200]
        first.kill()
        assert [call(url) for _ in range(5)] == 5 * [200]
        third = server.launch("web")
        wait_until(lambda: third.listens_on(server.port), "the third web listens", 120)
        second.kill()
        assert [call(url) for _ in range(5)] == 5 * [200]


def call(url: str) -> int:
    """Each in a connection of its own."""
    return httpx2.post(url, json={"n": 1}, timeout=60, trust_env=False).status_code

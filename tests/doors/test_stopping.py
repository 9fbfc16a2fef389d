"""Who waits for a run while the server is told to stop gets an answer, and a reader of its stream the end of it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.provision import wait_until
from tests.recorder import Recorder
from tests.servers import CTRL_C_SECONDS, Api, Server, chain, node


def both_ways(api: Api, url: str) -> tuple[str, str]:
    """The addresses at which a run is started that makes one slow call: by execute, and by a webhook that waits."""
    call, last = node("call", "http_request", url=url), node("last", "set", mapping={"n": 7})
    nodes = [node("start", "manual_trigger"), node("hook", "webhook_trigger", response="wait"), call, last]
    edges = [*chain(nodes[0], call, last), *chain(nodes[1], call)]
    workflow = api.published("slow", nodes, edges, active=True)
    return f"{api.url}/api/v1/workflows/{workflow['id']}/execute?wait=60", str(workflow["webhook_url"])


def post(address: str, headers: Any = None) -> tuple[int, Any]:
    answer = httpx2.post(address, json={}, headers=headers, timeout=90)
    return answer.status_code, answer.json()


def read(address: str, headers: Any, lines: list[str]) -> None:
    """A stream, to its end."""
    with httpx2.stream("GET", address, headers=headers, timeout=90) as stream:
        lines.extend(stream.iter_lines())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_waits_is_answered_before_the_process_ends(
    new_server: Callable[..., Server], loopback_recorder: Recorder, number: signal.Signals
) -> None:
    """At Ctrl-C with the run as it stands then; a service manager's stop gives it the time to end."""
    is_quick = number == signal.SIGINT
    loopback_recorder.answer("/slow", {}, after=60 if is_quick else 8)
    server = new_server().start()
    try:
        with server.api() as api, ThreadPoolExecutor(3) as callers:
            execute, hook = both_ways(api, f"{loopback_recorder.url}/slow")
            headers = {"Authorization": api.http.headers["Authorization"]}
            executed, hooked = callers.submit(post, execute, headers), callers.submit(post, hook)
            wait_until(lambda: len(loopback_recorder.calls) == 2, "both calls")
            run_id = api.call("GET", "/runs?status=running")["results"][0]["id"]
            lines: list[str] = []
            watched = callers.submit(read, f"{server.url}/api/v1/runs/{run_id}/stream", headers, lines)
            wait_until(lambda: bool(lines), "the stream")
            took = server.up.stop(number)
            assert took < CTRL_C_SECONDS or not is_quick
            (status, run), (hook_status, body) = executed.result(), hooked.result()
            watched.result()
    finally:
        server.kill()
    assert (status, run["status"]) == ((202, "running") if is_quick else (200, "completed"))
    assert (hook_status, list(body)) == ((202, ["id"]) if is_quick else (200, ["n"]))
    assert "Traceback" not in server.up.said

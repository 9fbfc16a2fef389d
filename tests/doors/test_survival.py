"""What was accepted ends, whatever happens to the process."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.provision import wait_until
from tests.recorder import Recorder
from tests.servers import CTRL_C_SECONDS, Api, Distributed, Server, chain, node

MakeServer = Callable[..., Server]


def calling(recorder: Recorder, *, seconds: float = 3, **settings: str) -> list[dict[str, Any]]:
    """A pure node, a slow call, a pure node."""
    recorder.answer("/slow", {"done": True}, after=seconds)
    return [
        node("start", "manual_trigger"),
        node("before", "set", mapping={"n": "{{ trigger.n }}"}),
        node("call", "http_request", url=f"{recorder.url}/slow", **settings),
        node("after", "set", mapping={"n": "{{ nodes.before.n }}"}),
    ]


def start(api: Api, nodes: list[dict[str, Any]]) -> str:
    workflow = api.published("to be killed", nodes, chain(*nodes))
    run = api.call("POST", f"/workflows/{workflow['id']}/execute", {"context": {"n": 7}}, status=202)
    return str(run["id"])


def attempts(run: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(log["node_id"], log["attempt"], log["status"]) for log in run["logs"]]


@pytest.mark.parametrize("settings", [{"method": "GET"}, {"method": "POST", "repeat": "keyed"}])
def test_kill_9_in_the_middle_of_a_run_loses_nothing(
    new_server: MakeServer, loopback_recorder: Recorder, settings: dict[str, Any]
) -> None:
    server = new_server().start()
    with server.api() as api:
        run_id = start(api, calling(loopback_recorder, **settings))
    wait_until(lambda: len(loopback_recorder.calls) == 1, "the call")
    server.kill()
    with server, server.api() as api:
        run = api.finished(run_id)
    assert run["status"] == "completed"
    assert run["output"] == {"n": 7}
    assert attempts(run) == [
        ("start", 1, "completed"),
        ("before", 1, "completed"),
        ("call", 1, "interrupted"),
        ("call", 2, "completed"),
        ("after", 1, "completed"),
    ]
    first, second = loopback_recorder.calls_to("/slow")
    assert first.headers.get("idempotency-key") == second.headers.get("idempotency-key")
    assert ("idempotency-key" in first.headers) == ("repeat" in settings)


def test_an_effect_that_may_not_be_repeated_is_not(new_server: MakeServer, loopback_recorder: Recorder) -> None:
    server = new_server().start()
    with server.api() as api:
        run_id = start(api, calling(loopback_recorder, method="POST"))
    wait_until(lambda: len(loopback_recorder.calls) == 1, "the call")
    server.kill()
    with server, server.api() as api:
        run = api.finished(run_id)
    assert (run["status"], run["error"]["code"], run["error"]["node_id"]) == ("failed", "interrupted", "call")
    assert len(loopback_recorder.calls) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_the_middle_of_a_run_is_taken_up_again(
    new_server: MakeServer, loopback_recorder: Recorder, number: signal.Signals
) -> None:
    """Ctrl-C gives up after three seconds and goes on later; a service manager's stop lets the call finish."""
    server = new_server().start()
    with server.api() as api:
        run_id = start(api, calling(loopback_recorder, seconds=14 if number == signal.SIGINT else 6))
    wait_until(lambda: len(loopback_recorder.calls) == 1, "the call")
    took = server.up.stop(number)
    assert server.up.process.returncode == 0
    assert took < CTRL_C_SECONDS or number == signal.SIGTERM
    with server, server.api() as api:
        run = api.finished(run_id)
    assert run["status"] == "completed"
    assert len(loopback_recorder.calls) == (2 if number == signal.SIGINT else 1)


def test_everything_is_there_again_after_a_restart(new_server: MakeServer) -> None:
    with new_server() as server, server.api() as api:
        before = {path: api.call("GET", path) for path in ("/workflows", "/runs", "/credentials", "/projects")}
    with server, server.api() as api:
        assert {path: api.call("GET", path) for path in before} == before
        assert len(before["/workflows"]["results"]) == 3
        assert "completed" in {run["status"] for run in before["/runs"]["results"]}


def test_a_database_that_is_back_is_used_again_at_once(distributed: Distributed) -> None:
    """A restart drops all connections. Who finds that out is told to come again, and nobody after them."""
    with distributed.api() as api:
        with ThreadPoolExecutor(8) as callers:
            list(callers.map(lambda _: api.call("GET", "/workflows"), range(16)))
        with psycopg.connect(distributed.settings["database_url"], autocommit=True) as database:
            database.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        statuses = [api.http.get("/workflows").status_code for _ in range(20)]
    assert statuses[0] in (503, 200)  # something else in the process may have noticed first
    assert statuses[1:] == 19 * [200]


def test_ctrl_c_is_quick_while_somebody_watches(new_server: MakeServer) -> None:
    server = new_server().start()
    nodes = [node("start", "manual_trigger"), node("pause", "delay", duration=1, unit="hours")]
    with server.api() as api:
        run_id = start(api, nodes)
        with api.http.stream("GET", f"/runs/{run_id}/stream") as stream:
            next(stream.iter_lines())
            assert server.up.stop(signal.SIGINT) < CTRL_C_SECONDS
    assert "Cancel" not in server.up.said

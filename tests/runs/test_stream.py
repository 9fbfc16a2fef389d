"""The live stream over real HTTP against the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.provision import wait_until
from tests.servers import Api, Server, chain, node


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[Api]:
    with server.api() as api:
        yield api


Event = tuple[str, str | None, Any]


def events(api: Api, run_id: str, last_event_id: str = "") -> Iterator[Event]:
    """(event, id, data) of each event until the server ends the stream."""
    headers = {"last-event-id": last_event_id} if last_event_id else {}
    with api.http.stream("GET", f"/runs/{run_id}/stream", headers=headers) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line:
                name, _, text = line.partition(":")
                fields[name] = text.strip()
            elif "event" in fields:
                yield fields["event"], fields.get("id"), json.loads(fields["data"])
                fields = {}


@pytest.fixture(scope="module")
def waiting_workflow(api: Api) -> Any:
    nodes = [
        node("start", "manual_trigger"),
        node("pause", "delay", duration=1, unit="seconds"),
        node("end", "set", mapping={"done": True}),
    ]
    return api.published("pauses", nodes, chain(*nodes))


def test_a_run_is_seen_from_its_first_node_to_its_end(api: Api, waiting_workflow: Any) -> None:
    run = api.call("POST", f"/workflows/{waiting_workflow['id']}/execute", {"context": {"a": 1}}, status=202)
    seen = list(events(api, run["id"]))
    statuses = [data["run"]["status"] for name, _, data in seen if name == "run"]
    assert statuses[-1] == "completed"
    assert "waiting" in [
        data["run"]["node_states"].get("pause", {}).get("status") for name, _, data in seen if name == "run"
    ]
    assert {data["node_id"] for name, _, data in seen if name == "log"} == {"start", "pause", "end"}
    assert seen[-1] == ("end", None, {"status": "completed"})
    ids = [int(event_id) for name, event_id, _ in seen if name == "run" and event_id]
    assert ids == sorted(ids)


def test_who_comes_back_gets_only_what_changed(api: Api, waiting_workflow: Any) -> None:
    run = api.call("POST", f"/workflows/{waiting_workflow['id']}/execute?wait=20", {})
    everything = list(events(api, run["id"]))
    assert [name for name, _, _ in everything].count("log") >= 3
    [last] = [event_id for name, event_id, _ in everything if name == "run" and event_id]
    assert [name for name, _, _ in events(api, run["id"], last_event_id=last)] == ["run", "end"]


def test_who_watches_or_awaits_a_run_that_is_purged_is_told_so(api: Api) -> None:
    nodes = [node("start", "manual_trigger"), node("pause", "delay", duration=1, unit="hours")]
    workflow = api.published("purged", nodes, chain(*nodes))
    path = f"/workflows/{workflow['id']}/execute?wait=60"
    with ThreadPoolExecutor(1) as caller:
        awaited = caller.submit(api.http.post, path, json={"run_id": "purged"})
        wait_until(lambda: api.http.get("/runs/purged").status_code == 200, "the run")
        run_id = api.call("GET", "/runs/purged")["id"]
        watched = events(api, run_id)
        next(watched)
        api.call("POST", f"/runs/{run_id}/purge", {"force": True}, status=202)
        for _ in watched:
            """It comes to its end."""
        assert awaited.result().status_code in (404, 200)  # it may have seen that the run was ended first


def test_who_may_not_read_the_run_learns_nothing(api: Api, server: Server) -> None:
    path = f"{server.url}/api/v1/runs/fl_run_none/stream"
    assert httpx2.get(path).status_code == 401
    assert httpx2.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
    answer = api.http.get("/runs/fl_run_none/stream")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert api.http.post("/runs/fl_run_none/stream").status_code == 405

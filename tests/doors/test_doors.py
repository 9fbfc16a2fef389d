"""The four doors through which runs start, each over real HTTP against the real server, in both shapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx2
import pytest

from tests.provision import wait_until
from tests.servers import Api, Server, chain, node


@pytest.fixture(scope="module")
def api(either_shape: Server) -> Iterator[Api]:
    with either_shape.api() as api:
        yield api


def adding(trigger: dict[str, Any]) -> list[dict[str, Any]]:
    return [trigger, node("sum", "set", mapping={"total": "{{ trigger.a + trigger.b }}"})]


def test_the_editors_run_button_runs_the_draft(either_shape: Server) -> None:
    nodes = adding(node("start", "manual_trigger"))
    with either_shape.browser() as browser:
        body = {"name": "draft only", "nodes": nodes, "edges": chain(*nodes)}
        workflow = browser.call("POST", "/workflows", body, status=201)
        path = f"/workflows/{workflow['id']}/execute"
        started = browser.call("POST", path, {"context": {"a": 1, "b": 2}, "version": "draft"}, status=202)
        run = browser.finished(started["id"])
    assert (run["status"], run["output"], run["is_draft"], run["version"]) == ("completed", {"total": 3}, True, None)
    assert run["trigger_type"] == "manual"


def test_the_execute_route_runs_what_is_published(api: Api) -> None:
    nodes = adding(node("start", "manual_trigger"))
    workflow = api.published("by api", nodes, chain(*nodes))
    path = f"/workflows/{workflow['id']}/execute"
    run = api.call("POST", f"{path}?wait=20", {"context": {"a": 1, "b": 2}})
    assert (run["status"], run["output"], run["version"], run["trigger_type"]) == ("completed", {"total": 3}, 1, "api")
    assert [(log["node_id"], log["status"]) for log in run["logs"]] == [("start", "completed"), ("sum", "completed")]
    answer = api.http.post(path, json={"context": {"a": 2, "b": 2}})
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{api.url}/api/v1/runs/{answer.json()['id']}"
    assert api.finished(answer.json()["id"])["output"] == {"total": 4}


def test_a_webhook_starts_a_run_and_may_wait_for_it(api: Api) -> None:
    hook = node("hook", "webhook_trigger", response="wait")
    nodes = [hook, node("sum", "set", mapping={"total": "{{ trigger.body.a + trigger.body.b }}"})]
    workflow = api.published("by hook", nodes, chain(*nodes), active=True)
    answer = httpx2.post(workflow["webhook_url"], json={"a": 1, "b": 2}, timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"total": 3})
    [run] = api.call("GET", f"/runs?workflow={workflow['id']}")["results"]
    assert (run["status"], run["trigger_type"]) == ("completed", "webhook")


def test_a_webhook_that_does_not_wait_accepts(api: Api) -> None:
    nodes = [node("hook", "webhook_trigger"), node("got", "set", mapping={"body": "{{ trigger.body }}"})]
    workflow = api.published("by hook, later", nodes, chain(*nodes), active=True)
    assert httpx2.post(workflow["webhook_url"], json={"a": 1}).status_code == 202
    [run] = api.call("GET", f"/runs?workflow={workflow['id']}")["results"]
    assert api.finished(run["id"])["output"] == {"body": {"a": 1}}


def test_a_schedule_fires_every_second_once(api: Api) -> None:
    nodes = [
        node("clock", "schedule_trigger", schedule_type="cron", schedule_value="* * * * * *"),
        node("seen", "set", mapping={"at": "{{ trigger.scheduled_at }}"}),
    ]
    workflow = api.published("by clock", nodes, chain(*nodes), active=True)
    path = f"/runs?workflow={workflow['id']}&trigger=schedule"
    wait_until(lambda: len(api.call("GET", path)["results"]) >= 4, "four firings", 20)
    api.call("POST", f"/workflows/{workflow['id']}/deactivate", {})
    runs = [api.finished(each["id"]) for each in reversed(api.call("GET", path)["results"])]
    due = [datetime.fromisoformat(run["output"]["at"]) for run in runs]
    assert [b - a for a, b in pairwise(due)] == [timedelta(seconds=1)] * (len(due) - 1)


def test_the_live_stream_tells_each_step_as_it_happens(api: Api) -> None:
    nodes = [*adding(node("start", "manual_trigger")), node("pause", "delay", duration=0.5)]
    workflow = api.published("watched", nodes, chain(*nodes))
    run = api.call("POST", f"/workflows/{workflow['id']}/execute", {"context": {"a": 1, "b": 2}}, status=202)
    with api.http.stream("GET", f"/runs/{run['id']}/stream") as stream:
        events = [line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: ")]
    assert events[-1] == "end"
    assert events.count("log") >= 4  # the pause is seen open, then done

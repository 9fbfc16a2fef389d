"""Listening for a test request: over real HTTP against the real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.runs.hooks.hooked import deliveries_of, hooked, runs_of
from tests.servers import Api, Server, chain, node


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[Api]:
    with server.api() as api:
        yield api


def draft(api: Api, **settings: Any) -> Any:
    """Neither published nor active: listening needs neither."""
    nodes = [node("hook", "webhook_trigger", **settings), node("next", "set", mapping={})]
    return api.call("POST", "/workflows", {"name": "draft", "nodes": nodes, "edges": chain(*nodes)}, status=201)


def listening(api: Api, workflow: Any) -> Any:
    return api.call("POST", f"/workflows/{workflow['id']}/listen", status=201)


def heard(api: Api, workflow: Any, listener: Any) -> Any:
    return api.call("GET", f"/workflows/{workflow['id']}/listen/{listener['id']}")


def test_the_next_request_is_heard_and_starts_nothing(api: Api) -> None:
    workflow = draft(api, path="orders/{id}")
    listener = listening(api, workflow)
    assert listener["payload"] is None
    answer = httpx2.post(f"{listener['url']}/orders/7", json={"x": 1})
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    now = heard(api, workflow, listener)
    assert (now["node_id"], now["payload"]["body"], now["payload"]["params"]) == ("hook", {"x": 1}, {"id": "7"})
    assert httpx2.post(f"{listener['url']}/orders/8", json={}).json()["code"] == "nobody_listens"
    assert heard(api, workflow, listener)["payload"]["params"] == {"id": "7"}
    assert not runs_of(api, workflow)
    assert [row["outcome"] for row in deliveries_of(api, workflow)] == ["refused", "heard"]


def test_a_request_that_would_be_refused_is_told_and_waited_on(api: Api) -> None:
    workflow = draft(api)
    listener = listening(api, workflow)
    assert httpx2.post(listener["url"], content=b"{").status_code == 400
    now = heard(api, workflow, listener)
    assert (now["payload"], now["refusal"].startswith("Not JSON")) == (None, True)
    assert httpx2.post(listener["url"], json={}).status_code == 200
    assert heard(api, workflow, listener)["refusal"] is None


def test_what_is_published_goes_on_as_before(api: Api) -> None:
    workflow = hooked(api)
    listener = listening(api, workflow)
    assert httpx2.post(workflow["webhook_url"], json={}).status_code == 202
    assert heard(api, workflow, listener)["payload"] is None
    httpx2.post(listener["url"], json={})
    assert len(runs_of(api, workflow)) == 1


def test_nobody_listens_any_more(api: Api) -> None:
    workflow = draft(api)
    listener = listening(api, workflow)
    api.call("DELETE", f"/workflows/{workflow['id']}/listen/{listener['id']}", status=204)
    assert httpx2.post(listener["url"], json={}).json()["code"] == "nobody_listens"

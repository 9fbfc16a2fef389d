"""Webhooks over real HTTP against the real server."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.runs.hooks.hooked import hooked, runs_of
from tests.servers import Api, Server, node


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[Api]:
    with server.api() as api:
        yield api


def test_the_respond_node_says_status_headers_and_body(api: Api) -> None:
    respond = node(
        "answer", "respond", status=418, headers=[{"key": "X-Pot", "value": "tea"}], body="{{ trigger.params }}"
    )
    workflow = hooked(api, respond, path="pots/{size}", response="wait", methods=["PUT"])
    answer = httpx2.put(f"{workflow['webhook_url'].split('/pots')[0]}/pots/large", json={})
    assert (answer.status_code, answer.json(), answer.headers["x-pot"]) == (418, {"size": "large"}, "tea")


def test_a_page_that_a_workflow_answers_is_locked_in(api: Api) -> None:
    page = "<script>alert(1)</script>"
    headers = [{"key": "Content-Type", "value": "text/html"}, {"key": "Set-Cookie", "value": "sessionid=x"}]
    workflow = hooked(api, node("answer", "respond", headers=headers, body=page), response="wait")
    answer = httpx2.post(workflow["webhook_url"])
    assert (answer.text, answer.headers["content-type"]) == (page, "text/html")
    assert answer.headers["content-security-policy"] == "sandbox"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("status", [204, 205, 304])
@pytest.mark.parametrize("more", [False, True])
def test_an_answer_without_a_body_leaves_nothing_on_the_connection(api: Api, status: int, more: bool) -> None:
    respond = node("answer", "respond", status=status, body={"left": "over"}, more=more)
    workflow = hooked(api, respond, response="wait")
    with httpx2.Client() as caller:
        for _ in range(2):
            answer = caller.post(workflow["webhook_url"])
            assert (answer.status_code, answer.content) == (status, b"")


def test_where_to_go_is_said_once(api: Api) -> None:
    headers = [{"key": "Location", "value": "/elsewhere"}, {"key": "X-Content-Type-Options", "value": "no"}]
    workflow = hooked(api, node("answer", "respond", status=302, headers=headers), response="wait")
    answer = httpx2.post(workflow["webhook_url"])
    assert answer.headers.get_list("location") == ["/elsewhere"]
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


def test_a_header_that_cannot_be_sent_fails_the_run_and_not_the_connection(api: Api) -> None:
    headers = [{"key": "X-Split", "value": "{{ trigger.query.x }}"}]
    workflow = hooked(api, node("answer", "respond", headers=headers), response="wait")
    answer = httpx2.post(workflow["webhook_url"], params={"x": "a\r\nSet-Cookie: a=b"})
    assert (answer.status_code, answer.json()["code"]) == (500, "run_failed")
    assert runs_of(api, workflow)[0]["error"]["code"] == "invalid_header"


def test_a_failed_run_is_no_success_for_who_waits(api: Api) -> None:
    workflow = hooked(api, node("end", "stop", status="failed", message="no"), response="wait")
    answer = httpx2.post(workflow["webhook_url"])
    assert (answer.status_code, answer.json()["code"]) == (500, "run_failed")
    assert answer.headers["location"].endswith(runs_of(api, workflow)[0]["id"])


def test_equal_requests_without_an_id_are_two(api: Api) -> None:
    workflow = hooked(api)
    for _ in range(2):
        assert httpx2.post(workflow["webhook_url"], json={"ping": 1}).status_code == 202
    assert len(runs_of(api, workflow)) == 2


def test_a_hook_that_is_not_there_or_not_on_says_so(api: Api, server: Server) -> None:
    workflow = hooked(api, path="a")
    url = workflow["webhook_url"]
    assert httpx2.post(f"{server.url}/hooks/whsec_none").status_code == 404
    assert httpx2.post(f"{url}/b").status_code == 404
    wrong = httpx2.get(url if url.endswith("/a") else f"{url}/a")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    off = hooked(api, active=False)
    answer = httpx2.post(off["webhook_url"])
    assert (answer.status_code, answer.json()["code"]) == (409, "workflow_inactive")


def test_an_answer_in_parts_is_sent_as_it_is_said(api: Api) -> None:
    headers = [{"key": "Content-Type", "value": "application/x-ndjson"}]
    workflow = hooked(
        api,
        node("first", "respond", status=201, headers=headers, body={"n": 1}, more=True),
        node("pause", "delay", duration=1.5),
        node("second", "respond", body={"n": 2}, more=True),
        node("last", "respond", body="done", more=False),
        node("unheard", "respond", body="too late"),
        response="wait",
    )
    with httpx2.stream("POST", workflow["webhook_url"], json={}) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (201, "application/x-ndjson")
        parts = [(part, runs_of(api, workflow)[0]["status"]) for part in answer.iter_text() if part]
    assert "".join(part for part, _ in parts) == '{"n":1}\n{"n":2}\ndone'
    assert parts[0][0] == '{"n":1}\n'
    assert parts[0][1] in ("running", "waiting"), "the first part came before the run's end"


def test_an_answer_in_parts_ends_with_its_run(api: Api) -> None:
    workflow = hooked(
        api,
        node("first", "respond", body="a", more=True),
        node("pause", "delay", duration=0.2),
        node("end", "stop", status="failed", message="no"),
        response="wait",
    )
    answer = httpx2.post(workflow["webhook_url"], json={})
    assert (answer.status_code, answer.text) == (200, "a")

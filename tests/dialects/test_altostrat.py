"""The Altostrat dialect, driven as its clients do: by HTTP alone, against the real server in both shapes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.provision import wait_until
from tests.recorder import Recorder
from tests.servers import ADMIN, PASSWORD, Server, chain, node

HELLO = [node("start", "manual_trigger"), node("greet", "data_mapper", mapping={"text": "hello {{ start.who }}"})]


@pytest.fixture(scope="module")
def client(either_shape: Server) -> Iterator[httpx2.Client]:
    body = {"email": ADMIN, "password": PASSWORD}
    token = httpx2.post(f"{either_shape.url}/api/v1/token", json=body).json()["access"]
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=either_shape.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


def made(client: httpx2.Client, nodes: list[Any] | None = None, **more: Any) -> Any:
    nodes = nodes or HELLO
    answer = client.post("/workflows", json={"name": "Hello", "nodes": nodes, "edges": chain(*nodes), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def ended(client: httpx2.Client, run_id: str) -> Any:
    seen: dict[str, Any] = {}

    def is_over() -> bool:
        seen.update(client.get(f"/workflows/runs/{run_id}").json())
        return seen["status"] not in ("pending", "running")

    wait_until(is_over, "the run ends", 30)
    return seen


def test_a_saved_workflow_is_published_and_active(client: httpx2.Client) -> None:
    workflow = made(client, description="Greets.")
    assert workflow["is_active"] is True
    assert workflow["nodes"][1]["data"] == HELLO[1]["data"]
    assert workflow["authorization"]["email"] == ADMIN
    listed = client.get("/workflows").json()
    assert workflow["id"] in [each["id"] for each in listed]
    assert all("nodes" not in each for each in listed)
    changed = client.put(f"/workflows/{workflow['id']}", json={"name": "Hello again", "is_active": False}).json()
    assert (changed["name"], changed["is_active"]) == ("Hello again", False)
    assert client.delete(f"/workflows/{workflow['id']}").status_code == 204
    assert client.get(f"/workflows/{workflow['id']}").status_code == 404


def test_execute_answers_the_whole_record_and_the_run_ends(client: httpx2.Client) -> None:
    workflow = made(client)
    answer = client.post(f"/workflows/{workflow['id']}/execute", json={"context": {"who": "you"}})
    run = answer.json()
    assert (answer.status_code, run["status"], run["logs"], run["started_at"]) == (202, "pending", [], None)
    assert run["workflow"]["id"] == workflow["id"]
    seen = ended(client, run["id"])
    assert (seen["status"], seen["trigger_payload"]) == ("completed", {"who": "you"})
    assert [(log["node_id"], log["status"]) for log in seen["logs"]] == [("start", "success"), ("greet", "success")]
    assert seen["logs"][1]["output"] == {"text": "hello you"}
    page = client.get(f"/workflows/{workflow['id']}/executions").json()
    assert ([each["id"] for each in page["data"]], page["meta"]["total"]) == ([run["id"]], 1)
    assert "workflow" not in page["data"][0]
    beyond = client.get(f"/workflows/{workflow['id']}/executions?page=9").json()
    assert (beyond["data"], beyond["meta"]["from"]) == ([], None)


def test_a_key_gives_the_first_answer_byte_for_byte(client: httpx2.Client) -> None:
    workflow = made(client)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    path = f"/workflows/{workflow['id']}/execute"
    first = client.post(path, json={"context": {"who": "a"}}, headers=key)
    ended(client, first.json()["id"])
    again = client.post(
        path, content=b'{"context":  {"who": "a"}}', headers={**key, "content-type": "application/json"}
    )
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    other = client.post(path, json={"context": {"who": "b"}}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    bad = client.post(path, json={}, headers={"Idempotency-Key": "x"})
    assert (bad.status_code, bad.json()["code"]) == (400, "parameter_invalid")


def test_equal_starts_at_once_make_one_run(client: httpx2.Client) -> None:
    workflow = made(client)
    key = {"Idempotency-Key": str(uuid.uuid4())}

    def start(_: int) -> bytes:
        return client.post(f"/workflows/{workflow['id']}/execute", json={}, headers=key).content

    with ThreadPoolExecutor(20) as callers:
        assert len(set(callers.map(start, range(20)))) == 1
    assert client.get(f"/workflows/{workflow['id']}/executions").json()["meta"]["total"] == 1


def test_sync_answers_the_output_of_the_last_node(client: httpx2.Client) -> None:
    nodes = [node("start", "api_trigger"), node("sum", "data_mapper", mapping={"n": "{{ start.payload.a + 1 }}"})]
    workflow = made(client, nodes)
    answer = client.post(f"/workflows/sync/{workflow['id']}", json={"a": 41})
    assert (answer.status_code, answer.json()) == (200, {"n": 42})


def test_the_webhook_needs_no_token_but_its_own(client: httpx2.Client) -> None:
    seen = {"who": "{{ hook.who }}", "whole": "{{ hook.webhook_payload }}", "body": "{{ trigger.body }}"}
    workflow = made(client, [node("hook", "webhook_trigger"), node("seen", "data_mapper", mapping=seen)])
    answer = httpx2.post(workflow["webhook_url"], json={"who": "me"})
    assert answer.status_code == 202
    run = ended(client, answer.json()["run_id"])
    assert run["logs"][-1]["output"] == {"who": "me", "whole": {"who": "me"}, "body": {"who": "me"}}
    client.put(f"/workflows/{workflow['id']}", json={"is_active": False})
    off = httpx2.post(workflow["webhook_url"], json={})
    assert (off.status_code, off.json()["code"]) == (409, "workflow_inactive")
    assert client.post(f"/workflows/{workflow['id']}/execute", json={}).status_code == 202


def test_a_failed_run_can_be_run_again(client: httpx2.Client) -> None:
    nodes = [node("start", "manual_trigger"), node("end", "terminate", status="failed", message="no stock")]
    workflow = made(client, nodes)
    run = client.post(f"/workflows/{workflow['id']}/execute", json={"context": {"a": 1}}).json()
    assert ended(client, run["id"])["status"] == "failed"
    answer = client.post(f"/workflows/runs/{run['id']}/rerun")
    again = answer.json()["new_run"]
    assert (answer.status_code, again["trigger_payload"]) == (202, {"a": 1})
    assert again["id"] != run["id"]


def test_logs_can_be_looked_for_in_all_runs_of_a_workflow(client: httpx2.Client) -> None:
    end = node("end", "terminate", status="failed", message="{{ nodes.sum.missing }}")
    workflow = made(client, [node("start", "manual_trigger"), node("sum", "data_mapper", mapping={"n": 1}), end])
    first, second = (client.post(f"/workflows/{workflow['id']}/execute", json={}).json()["id"] for _ in range(2))
    for run_id in (first, second):
        ended(client, run_id)

    def seen(**query: str) -> list[tuple[str, str, str]]:
        answer = client.get(f"/workflows/{workflow['id']}/logs", params=query)
        assert answer.status_code == 200, answer.text
        return [(log["execution_id"], log["node_id"], log["status"]) for log in answer.json()["data"]]

    assert len(seen()) == 6
    assert seen(run=first, level="error") == [(first, "end", "error")]
    assert seen(node="sum") == [(second, "sum", "success"), (first, "sum", "success")]
    assert seen(to="2020-01-01") == []
    assert client.get(f"/workflows/{workflow['id']}/logs?level=loud").json()["code"] == "parameter_invalid"
    page = client.get("/workflows/logs/recent?per_page=1&level=error").json()
    assert page["data"][0]["execution_id"] == second
    assert page["links"]["next"].endswith("/workflows/logs/recent?level=error&page=2&per_page=1")


def test_authorizations_are_the_members(client: httpx2.Client) -> None:
    [member] = client.get("/workflows/authorization").json()
    assert (member["id"], member["status"]) == (made(client)["authorization"]["id"], "active")
    assert client.delete(f"/workflows/authorization/{member['id']}").json()["code"] == "resource_in_use"
    assert client.delete("/workflows/authorization/auth_none").status_code == 404


def test_a_failed_run_goes_on_behind_a_node_that_succeeded(client: httpx2.Client) -> None:
    first = node("first", "data_mapper", mapping={"n": 1})
    second = node("second", "data_mapper", mapping={"n": "{{ nodes.first.n + 1 }}"})
    end = node("end", "terminate", status="failed", message="{{ nodes.second.n }}")
    workflow = made(client, [node("start", "manual_trigger"), first, second, end])
    run = client.post(f"/workflows/{workflow['id']}/execute", json={}).json()
    assert ended(client, run["id"])["status"] == "failed"
    path = f"/workflows/runs/{run['id']}/resume-from"
    again = client.post(f"{path}/first").json()["new_run"]
    seen = ended(client, again["id"])
    assert (again["id"] != run["id"], seen["status"]) == (True, "failed")
    assert [(log["node_id"], log["output"]) for log in seen["logs"]][1:3] == [("first", {"n": 1}), ("second", {"n": 2})]
    kept = {log["node_id"]: log["created_at"] for log in ended(client, run["id"])["logs"]}
    assert seen["logs"][1]["created_at"] == kept["first"]
    assert seen["logs"][2]["created_at"] > kept["second"]
    refused = [client.post(f"{path}/{node_id}") for node_id in ("nope", "a%00b")]
    assert [answer.status_code for answer in refused] == [404, 404]
    good = made(client)
    done = ended(client, client.post(f"/workflows/{good['id']}/execute", json={"context": {"who": "you"}}).json()["id"])
    assert client.post(f"/workflows/runs/{done['id']}/resume-from/start").json()["code"] == "run_not_failed"


def test_a_node_is_tried_by_itself_on_what_the_context_says(client: httpx2.Client) -> None:
    before = len(client.get("/workflows").json())

    def tried(kind: str, context: Any = None, **settings: Any) -> Any:
        body = {"node": node("greet", kind, **settings), "context": context or {}}
        answer = client.post("/workflows/test-node", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    context = {"who": "you", "node_1": {"body": {"n": 20}}, "not a name": 1}
    mapping = {"text": "hello {{ trigger.who }}", "n": "{{ node_1.body.n + 1 }}"}
    assert tried("data_mapper", context, mapping=mapping) == {
        "status": "success",
        "output": {"text": "hello you", "n": 21},
    }
    assert tried("manual_trigger", {"a": 1})["output"].items() >= {"a": 1, "trigger_type": "api"}.items()
    failed = tried("data_mapper", mapping={"x": "{{ trigger.missing }}"})
    assert (failed["status"], failed["output"]["error"]["node_id"]) == ("error", "greet")
    assert "missing" in failed["output"]["error"]["message"]
    for body, status, code in (
        ({}, 400, "parameter_missing"),
        ({"node": node("a", "no_such_thing")}, 422, "validation_failed"),
        ({"node": node("a", "webhook")}, 422, "validation_failed"),
        ({"node": HELLO[1], "context": []}, 422, "validation_failed"),
        ({"node": HELLO[1], "authorization_id": "auth_none"}, 404, "resource_missing"),
    ):
        answer = client.post("/workflows/test-node", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(client.get("/workflows").json()) == before


def test_a_header_may_be_an_item_of_the_vault(client: httpx2.Client, loopback_recorder: Recorder) -> None:
    name = f"token {uuid.uuid4()}"
    item = client.post("/workflows/vault", json={"name": name, "secret": "s3cret-token"}).json()["id"]
    headers = [{"key": "X-Token", "value": item}]
    call = node("call", "webhook", method="GET", url=f"{loopback_recorder.url}/in", headers=headers)
    answer = client.post("/workflows/test-node", json={"node": call})
    assert answer.json()["status"] == "success", answer.text
    assert "s3cret-token" not in answer.text
    [asked] = loopback_recorder.calls_to("/in")
    assert asked.headers["x-token"] == "s3cret-token"
    call["data"]["headers"][0]["value"] = "vlt_" + "0" * 26
    failed = client.post("/workflows/test-node", json={"node": call}).json()
    assert (failed["status"], len(loopback_recorder.calls)) == ("error", 1)


def test_its_components_for_data_work_in_a_row(client: httpx2.Client) -> None:
    template = "{% for line in read.lines %}{{ line.title | upcase }}, {% endfor %}due {{ due }}"
    nodes = [
        node("start", "workflow_trigger"),
        node("read", "json_parser", text="{{ start.order }}"),
        node("due", "date_transform", date="{{ read.at }}", operation="add", amount=3, unit="days", format="%d.%m."),
        node("mail", "text_transform", template=template),
    ]
    order = json.dumps({"at": "2026-01-30T09:00:00Z", "lines": [{"title": "tea"}, {"title": "pots"}]})
    workflow = made(client, nodes)
    assert client.post(f"/workflows/sync/{workflow['id']}", json={"order": order}).json() == "TEA, POTS, due 02.02."
    failed = client.post(f"/workflows/sync/{workflow['id']}", json={"order": "no order"})
    assert (failed.status_code, failed.json()["code"]) == (422, "run_failed")


def test_a_workflow_calls_the_api_in_its_members_name(client: httpx2.Client) -> None:
    hello = made(client)
    nodes = [
        node("start", "manual_trigger"),
        node("look", "altostrat_api", endpoint="/workflows/{{ start.id }}"),
        node("run", "altostrat_api", method="POST", endpoint="/workflows/{{ start.id }}/execute", body={"context": {}}),
    ]
    caller = made(client, nodes)
    output = client.post(f"/workflows/sync/{caller['id']}", json={"id": hello["id"]}).json()
    assert (output["status"], output["body"]["workflow"]["id"]) == (202, hello["id"])
    assert output["body"]["workflow"]["authorization"]["email"] == ADMIN
    assert ended(client, output["body"]["id"])["status"] in ("completed", "failed")
    missing = client.post(f"/workflows/sync/{caller['id']}", json={"id": "fl_none"})
    assert (missing.status_code, "404" in missing.json()["message"]) == (422, True)


def test_what_is_made_here_has_the_limits_of_its_page(client: httpx2.Client) -> None:
    start = node("start", "manual_trigger")
    drawing = [start, node("wait", "delay", duration=16, unit="minutes")]
    body = {"name": "Slow", "nodes": drawing, "edges": chain(*drawing)}
    refused = client.post("/workflows", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["node_id"]) == (422, "wait")
    assert client.post("/workflows/validate", json=body).json()["errors"] == refused.json()["errors"]
    for nodes, code in (
        ([start, node("wait", "delay", duration="{{ start.n }}", unit="minutes")], "delay_too_long"),
        ([start, node("each", "iterator", items="{{ start.many }}", workflow=made(client)["id"])], "too_many_items"),
    ):
        workflow = made(client, nodes)
        assert client.put(f"/workflows/{workflow['id']}", json=body).status_code == 422
        shown = client.get(f"/api/v1/workflows/{workflow['id']}").json()
        assert (shown["deadline_seconds"], shown["run_days"]) == (3600, 90)
        run = client.post(f"/workflows/{workflow['id']}/execute", json={"context": {"n": 16, "many": [0] * 1001}})
        failed = ended(client, run.json()["id"])
        assert (failed["status"], failed["logs"][-1]["output"]["error"]["code"]) == ("failed", code)
        assert "at most" in failed["error_message"]


def test_a_run_that_waits_for_a_person_says_so(client: httpx2.Client) -> None:
    workflow = made(client, [node("start", "manual_trigger"), node("ask", "approve", message="May I?")])
    run = client.post(f"/workflows/{workflow['id']}/execute").json()["id"]

    def is_asking() -> bool:
        return bool(client.get(f"/workflows/runs/{run}").json()["status"] == "awaiting_ui_interaction")

    wait_until(is_asking, "it asks")
    [listed] = client.get(f"/workflows/{workflow['id']}/executions").json()["data"]
    assert listed["status"] == "awaiting_ui_interaction"


def test_conditions_and_error_exits_work_in_its_words(client: httpx2.Client) -> None:
    nodes = [
        node("start", "manual_trigger"),
        node("big", "number_condition", operand="{{ start.n }}", operator="gt", value=10),
        node("call", "webhook", method="GET", url="http://127.0.0.1:9/", continue_on_error=True),
        node("yes", "data_mapper", mapping={"size": "big"}),
        node("caught", "data_mapper", mapping={"caught": True}),
    ]
    edges = [
        {"id": "a", "source": "start", "target": "big"},
        {"id": "b", "source": "big", "target": "yes", "sourceHandle": "true"},
        {"id": "c", "source": "big", "target": "call", "sourceHandle": "false"},
        {"id": "d", "source": "call", "target": "caught", "sourceHandle": "error"},
    ]
    workflow = made(client, nodes, edges=edges)
    for n, last in ((11, "yes"), (9, "caught")):
        run = client.post(f"/workflows/{workflow['id']}/execute", json={"context": {"n": n}}).json()
        seen = ended(client, run["id"])
        assert (seen["status"], seen["logs"][-1]["node_id"]) == ("completed", last)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": None}, 422, "validation_failed"),
        ({"nodes": []}, 422, "validation_failed"),
        ({"nodes": [node("a", "no_such_thing")]}, 422, "validation_failed"),
        ({"nodes": [*HELLO, HELLO[0]]}, 422, "validation_failed"),
        ({"edges": [{"id": "x", "source": "start", "target": "nowhere"}]}, 422, "validation_failed"),
        ({"edges": [{"id": "x", "source": "greet", "target": "start"}]}, 422, "validation_failed"),
        ({"schedule_type": "cron"}, 422, "validation_failed"),
        ({"schedule_type": "cron", "schedule_value": "often"}, 422, "validation_failed"),
        ({"authorization_id": "auth_none"}, 404, "resource_missing"),
    ],
)
def test_what_is_wrong_is_refused_in_its_shape(
    client: httpx2.Client, change: dict[str, Any], status: int, code: str
) -> None:
    before = len(client.get("/workflows").json())
    answer = client.post("/workflows", json={"name": "Hello", "nodes": HELLO, "edges": chain(*HELLO), **change})
    error = answer.json()
    assert (answer.status_code, error["code"]) == (status, code)
    assert (error["type"], set(error) - {"errors"}) == (
        "invalid_request_error",
        {"type", "code", "message", "doc_url"},
    )
    if status == 422:
        assert all(set(each) == {"node_id", "edge_id", "field", "message"} for each in error["errors"])
    assert len(client.get("/workflows").json()) == before


def test_other_errors_have_its_shape_too(client: httpx2.Client, either_shape: Server) -> None:
    missing = client.post("/workflows", json={"nodes": HELLO, "edges": []})
    assert (missing.status_code, missing.json()["code"]) == (400, "parameter_missing")
    broken = client.post("/workflows", content=b"{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_json")
    for path in ("/workflows/fl_none", "/workflows/runs/fl_run_none", "/workflows/a/b/c", "/workflows/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "resource_missing"), path
    assert client.patch("/workflows").status_code == 405
    large = client.post(
        "/workflows", content=b'"' + b"x" * 1_100_000 + b'"', headers={"content-type": "application/json"}
    )
    assert (large.status_code, large.json()["code"]) == (413, "payload_too_large")
    for headers in ({}, {"authorization": "Bearer wrong"}):
        answer = httpx2.get(f"{either_shape.url}/workflows", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized or invalid token provided."})


def test_validate_tells_and_stores_nothing(client: httpx2.Client) -> None:
    good = client.post("/workflows/validate", json={"name": "x", "nodes": HELLO, "edges": chain(*HELLO)})
    assert (good.status_code, good.json()) == (200, {"valid": True, "errors": []})
    bad = client.post("/workflows/validate", json={"name": "x", "nodes": [node("a", "webhook")], "edges": []}).json()
    assert bad["valid"] is False
    assert {"node_id": "a", "field": "url"}.items() <= bad["errors"][0].items()


@pytest.mark.parametrize(
    "nodes",
    [
        ["node"],
        [None],
        [{"id": "a"}],
        [{"id": "a", "data": []}],
        [{"id": 5, "data": {"componentId": "delay", "duration": 10**30}}],
        [{"id": "a", "data": {"componentId": ["delay"], "duration": 1}}],
        [{"id": "a", "data": {"componentId": "delay", "parameters": {"duration": 1, "unit": ["days"]}}}],
    ],
)
def test_what_is_no_node_is_refused(client: httpx2.Client, nodes: Any) -> None:
    body = {"name": "x", "nodes": nodes, "edges": []}
    assert client.post("/workflows", json=body).status_code == 422
    assert client.put(f"/workflows/{made(client)['id']}", json=body).status_code == 422
    checked = client.post("/workflows/validate", json=body)
    assert checked.status_code == 422 or checked.json()["valid"] is False


def test_integers_come_back_exactly(client: httpx2.Client) -> None:
    big = 10**40 + 1
    workflow = made(client)
    path = f"/workflows/{workflow['id']}/execute"
    run = client.post(path, content=json.dumps({"context": {"who": big}}), headers={"content-type": "application/json"})
    assert run.json()["trigger_payload"]["who"] == big
    assert ended(client, run.json()["id"])["logs"][-1]["output"] == {"text": f"hello {big}"}

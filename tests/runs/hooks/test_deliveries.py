"""Every request at a hook's address is on record: over real HTTP, in both shapes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from tests.provision import wait_until
from tests.runs.hooks.hooked import deliveries_of, hooked, runs_of
from tests.servers import Api, Server, chain, node

OUTCOME = ("outcome", "code", "status")


@pytest.fixture(scope="module")
def api(either_shape: Server) -> Iterator[Api]:
    with either_shape.api() as api:
        yield api


def post(workflow: Any, body: Any = None, **more: Any) -> httpx2.Response:
    return httpx2.post(workflow["webhook_url"], json={} if body is None else body, timeout=60, **more)


def told(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def test_what_started_a_run_is_on_record_with_the_runs_own_payload(api: Api) -> None:
    workflow = hooked(api, path="orders/{id}")
    url = f"{workflow['webhook_url'].split('/orders')[0]}/orders/7?a=1"
    answer = httpx2.post(url, json={"x": 1}, headers={"X-Api-Key": "canary", "X-Github-Delivery": "d-1"})
    [row] = deliveries_of(api, workflow)
    assert told(row, *OUTCOME, "run_id") == ("started", None, 202, answer.json()["id"])
    assert told(row, "method", "path", "query", "delivery_id") == ("POST", "/orders/7", "a=1", "d-1")
    assert (row["body_size"], row["client_address"], row["duration_ms"] > 0) == (len(b'{"x":1}'), "127.0.0.1", True)
    record = api.call("GET", f"/deliveries/{row['id']}")
    assert told(record, "body", "body_is_raw", "body_is_cut") == ({"x": 1}, False, False)
    assert (record["headers"]["x-api-key"], record["headers"]["x-github-delivery"]) == ("[hidden]", "d-1")
    api.finished(row["run_id"])


def test_fifty_copies_at_once_make_one_run_and_fifty_deliveries(api: Api) -> None:
    workflow = hooked(api)
    with ThreadPoolExecutor(50) as senders:
        answers = {
            (answer.status_code, answer.text)
            for answer in senders.map(lambda _: post(workflow, headers={"webhook-id": "msg_1"}), range(50))
        }
    [run] = runs_of(api, workflow)
    assert answers == {(202, f'{{"id":"{run["id"]}"}}')}
    page = api.call("GET", f"/deliveries?workflow={workflow['id']}&limit=200")["results"]
    assert sorted(row["outcome"] for row in page) == ["duplicate"] * 49 + ["started"]
    assert {row["run_id"] for row in page} == {run["id"]}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "invalid_json"),
        (b"[" * 100_000, {}, 400, "too_deep"),
        (b'{"a": "\xff"}', {}, 400, "invalid_utf8"),
        (b'{"a": "\\u0000"}', {}, 422, "validation_failed"),
        (b"x", {"content-type": "multipart/form-data; boundary=b"}, 400, "invalid_multipart"),
        (b"a=%ff", {"content-type": "application/x-www-form-urlencoded"}, 400, "invalid_encoding"),
        (b"<a>", {"content-type": "text/xml"}, 400, "invalid_xml"),
        (b" " * 10_000_001, {}, 413, "payload_too_large"),
        (b"{}", {f"x-{number}": "1" for number in range(10_000)}, 431, "headers_too_large"),
        (b"{}", {"x-long": "a" * 40_000}, 431, "headers_too_large"),
        (b"{}", {"webhook-id": "a" * 201}, 400, "delivery_id_too_long"),
    ],
)
def test_what_cannot_be_taken_starts_nothing_and_is_on_record(
    api: Api, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    workflow = hooked(api)
    named = {"content-type": "application/json", **headers}
    answer = httpx2.post(workflow["webhook_url"], content=body, headers=named, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    [row] = deliveries_of(api, workflow)
    assert told(row, *OUTCOME) == ("refused", code, status)
    assert row["reason"]
    assert not runs_of(api, workflow)


def test_a_hundred_megabytes_are_turned_away_and_on_record(api: Api) -> None:
    workflow = hooked(api)

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000_000

    try:
        answer = httpx2.post(workflow["webhook_url"], content=endless(), timeout=60)
        assert answer.status_code == 413
    except httpx2.TransportError:
        pass  # the server stopped listening before the sender stopped sending
    assert told(deliveries_of(api, workflow)[0], *OUTCOME) == ("refused", "payload_too_large", 413)


def test_a_caller_that_hangs_up_is_on_record(api: Api, either_shape: Server) -> None:
    workflow = hooked(api)
    path = workflow["webhook_url"].removeprefix(either_shape.url)
    with socket.create_connection(("127.0.0.1", either_shape.port)) as caller:
        caller.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n{{".encode())
    wait_until(lambda: bool(deliveries_of(api, workflow)), "it is on record", 10)
    assert deliveries_of(api, workflow)[0]["code"] == "caller_gone"


def test_wrong_addresses_are_on_record(api: Api, either_shape: Server) -> None:
    off = hooked(api, active=False)
    assert post(off).status_code == 409
    assert told(deliveries_of(api, off)[0], *OUTCOME) == ("refused", "workflow_inactive", 409)
    on = hooked(api, path="a")
    base = on["webhook_url"].removesuffix("/a")
    assert httpx2.post(f"{base}/b").status_code == 404
    assert httpx2.get(f"{base}/a").status_code == 405
    assert [told(row, *OUTCOME) for row in deliveries_of(api, on)] == [
        ("refused", "method_not_allowed", 405),
        ("refused", "unknown_path", 404),
    ]


def test_a_scanner_is_seen_and_cannot_fill_the_disk(api: Api, either_shape: Server) -> None:
    with httpx2.Client(base_url=either_shape.url) as scanner:
        for number in range(150):
            assert scanner.post(f"/hooks/nobodys-{number}", content=b"x" * 1_000).status_code == 404
    seen = api.call("GET", "/deliveries?search=/hooks/nobodys-&limit=200")["results"]
    assert 30 < len(seen) < 150
    assert told(seen[-1], "path", "code", "workflow_id") == ("/hooks/nobodys-0", "unknown_address", None)


def test_a_filter_keeps_requests_from_starting_a_run(api: Api) -> None:
    workflow = hooked(api, filter='trigger.body.get("action") == "opened"')
    assert post(workflow, {"action": "closed"}).json() == {"id": None, "filtered": True}
    assert post(workflow, {"action": "opened"}).status_code == 202
    failed = post(workflow, [])
    assert (failed.status_code, failed.json()["code"]) == (422, "filter_failed")
    outcomes = [told(row, *OUTCOME) for row in deliveries_of(api, workflow)]
    assert outcomes == [("refused", "filter_failed", 422), ("started", None, 202), ("filtered", None, 200)]
    assert len(runs_of(api, workflow)) == 1


@pytest.mark.parametrize("asked", ["X-Event", "$.event.id"])
def test_the_delivery_id_may_be_anywhere(api: Api, asked: str) -> None:
    workflow = hooked(api, delivery_id=asked)
    for number in (1, 1, 2):
        post(workflow, {"event": {"id": number}}, headers={"X-Event": str(number)})
    assert len(runs_of(api, workflow)) == 2


def test_a_readable_address_is_unique_in_the_project(api: Api, either_shape: Server) -> None:
    workflow = hooked(api, name="new-orders", path="{id}")
    project = api.call("GET", "/projects")["results"][0]["id"]
    url = f"{either_shape.url}/hooks/{project}/new-orders/7"
    assert httpx2.post(url, json={}).status_code == 202
    assert told(deliveries_of(api, workflow)[0], "path", "outcome") == ("/7", "started")
    assert httpx2.post(f"{either_shape.url}/hooks/{project}/no-such/7").status_code == 404
    body = {"name": "rival", "nodes": [node("hook", "webhook_trigger", name="new-orders")], "edges": []}
    rival = api.call("POST", "/workflows", body, status=201)
    refused = api.call("POST", f"/workflows/{rival['id']}/publish", {}, status=409)
    assert refused["code"] == "hook_name_taken"
    api.call("DELETE", f"/workflows/{workflow['id']}", status=204)
    assert httpx2.post(url).status_code == 404
    api.call("POST", f"/workflows/{rival['id']}/publish", {})


def test_a_fixed_answer(api: Api) -> None:
    workflow = hooked(api, response="fixed", answer_status=201, answer_type="text/xml", answer_body="<Response/>")
    answer = post(workflow)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (201, "<Response/>", "text/xml")
    assert answer.headers["content-security-policy"] == "sandbox"
    assert deliveries_of(api, workflow)[0]["status"] == 201
    assert len(runs_of(api, workflow)) == 1


def test_who_waits_longer_than_the_trigger_says_gets_the_runs_id(api: Api) -> None:
    workflow = hooked(api, node("pause", "delay", duration=5), response="wait", wait_seconds=1)
    answer = post(workflow)
    assert (answer.status_code, answer.json()["id"]) == (202, runs_of(api, workflow)[0]["id"])
    assert deliveries_of(api, workflow)[0]["status"] is None
    api.finished(answer.json()["id"])
    assert deliveries_of(api, workflow)[0]["status"] == 200


def test_replay_starts_a_new_run_with_what_came(api: Api) -> None:
    workflow = hooked(api, node("echo", "set", mapping={"x": "{{ trigger.body.x }}"}))
    post(workflow, {"x": 7}, headers={"webhook-id": "a"})
    [first] = deliveries_of(api, workflow)
    [result] = api.call("POST", "/deliveries/replay", {"ids": [first["id"]]}, status=202)["results"]
    assert told(result["delivery"], "replay_of", "outcome") == (first["id"], "started")
    assert api.finished(result["delivery"]["run_id"])["output"] == {"x": 7}
    assert len(runs_of(api, workflow)) == 2


def test_replay_of_what_was_refused(api: Api) -> None:
    workflow = hooked(api, active=False)
    post(workflow, {"x": 7})
    httpx2.post(workflow["webhook_url"], content=b"{", headers={"content-type": "application/json"})
    httpx2.post(workflow["webhook_url"], content=b"1" * 70_000, headers={"content-type": "text/plain"})
    rows = deliveries_of(api, workflow)
    ids = [*(row["id"] for row in rows), "dlv_none"]
    large, broken, fine, missing = api.call("POST", "/deliveries/replay", {"ids": ids}, status=202)["results"]
    assert api.finished(fine["delivery"]["run_id"])["trigger_payload"]["body"] == {"x": 7}
    codes = [each["error"]["code"] for each in (large, broken, missing)]
    assert codes == ["body_not_kept", "invalid_json", "not_found"]
    assert api.call("GET", f"/deliveries/{rows[0]['id']}")["body_is_cut"]
    assert len(runs_of(api, workflow)) == 1


def test_a_delivery_outlives_its_run(api: Api) -> None:
    workflow = hooked(api)
    run_id = post(workflow, {"x": 7}).json()["id"]
    api.finished(run_id)
    api.call("POST", f"/runs/{run_id}/purge", {}, status=202)
    [row] = deliveries_of(api, workflow)
    assert told(row, "run_id", "run_status", "status") == (run_id, None, 202)
    assert api.call("GET", f"/deliveries/{row['id']}")["body"] is None
    [result] = api.call("POST", "/deliveries/replay", {"ids": [row["id"]]}, status=202)["results"]
    assert result["error"]["code"] == "body_not_kept"


def test_lists_filter_and_page(api: Api) -> None:
    workflow = hooked(api)
    for number in range(3):
        post(workflow, headers={"webhook-id": f"msg-{number}"})
    httpx2.put(workflow["webhook_url"])
    of_it = f"/deliveries?workflow={workflow['id']}"
    assert len(api.call("GET", f"{of_it}&outcome=started")["results"]) == 3
    assert [row["method"] for row in api.call("GET", f"{of_it}&search=method_not_allowed")["results"]] == ["PUT"]
    assert [row["delivery_id"] for row in api.call("GET", f"{of_it}&search=msg-1")["results"]] == ["msg-1"]
    first = api.call("GET", f"{of_it}&limit=3")
    rest = api.call("GET", f"{of_it}&limit=3&cursor={first['next']}")
    assert (len(first["results"]), len(rest["results"]), rest["next"]) == (3, 1, None)


def waiting_for(api: Api, order: str) -> str:
    """The id of a new run that waits to hear that the order was paid."""
    nodes = [node("start", "manual_trigger"), node("paid", "wait_for_event", name="order.paid", correlation=order)]
    workflow = api.published("waits", nodes, chain(*nodes))
    run_id = str(api.call("POST", f"/workflows/{workflow['id']}/execute", {}, status=202)["id"])
    wait_until(lambda: api.call("GET", f"/runs/{run_id}")["status"] == "waiting", "the run waits")
    return run_id


def test_a_webhook_may_tell_a_run_that_waits(api: Api) -> None:
    run_id, other = waiting_for(api, "order-1"), waiting_for(api, "order-2")
    workflow = hooked(api, action="event", event="order.paid", correlation="'order-' + str(trigger.body.order)")
    answer = post(workflow, {"order": 1})
    assert (answer.status_code, answer.json()) == (202, {"runs": [run_id]})
    assert api.finished(run_id)["output"]["body"] == {"order": 1}
    assert post(workflow, {"order": 3}).json() == {"runs": []}
    refused = post(workflow, [])
    assert (refused.status_code, refused.json()["code"]) == (422, "correlation_failed")
    assert api.call("GET", f"/runs/{other}")["status"] == "waiting"
    assert not runs_of(api, workflow)
    assert [told(row, "outcome", "reason") for row in deliveries_of(api, workflow)[1:]] == [
        ("raised", "0 runs were told “order-3”."),
        ("raised", "1 run was told “order-1”."),
    ]
    api.call("POST", f"/workflows/{workflow['id']}/deactivate", {})
    assert post(workflow, {"order": 2}).status_code == 409
    assert api.call("GET", f"/runs/{other}")["status"] == "waiting"
    api.call("POST", f"/runs/{other}/terminate", {}, status=202)

"""Conductor's real client against the real server, embedded and distributed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx2

from tests.dialects.driving import drive, drive_javascript
from tests.recorder import Recorder
from tests.servers import Server, chain, node


def key_pair(server: Server) -> tuple[str, str]:
    """An API key's id and secret, with workflows to start in its project."""
    gate = [node("start", "manual_trigger"), node("gate", "wait_for_event", name="Approval")]
    shaky = [node("start", "manual_trigger"), node("fail", "http_request", url="http://127.0.0.1:9/")]
    with server.api() as api:
        known = {each["key"] for each in api.call("GET", "/workflows")["results"]}
        for name, nodes in (("gate", gate), ("shaky", shaky)):
            if name not in known:
                api.published(name, nodes, chain(*nodes))
        key = api.call("POST", "/api-keys", {"name": "conductor"}, status=201)
    return key["id"], key["secret"]


def test_conductors_client_works_unchanged(either_shape: Server) -> None:
    drive("conductor_client", either_shape.url, *key_pair(either_shape))


def test_conductors_javascript_client_works_unchanged(either_shape: Server) -> None:
    drive_javascript("conductor_client", either_shape.url, *key_pair(either_shape))


def test_a_definition_that_conductors_client_registers_runs_to_its_end(
    either_shape: Server, loopback_recorder: Recorder
) -> None:
    loopback_recorder.answer("/kind", {"kind": "big"})
    drive("conductor_definitions_client", either_shape.url, *key_pair(either_shape), loopback_recorder.url)
    assert len(loopback_recorder.calls_to("/count/3")) == 1


def test_tasks_are_completed_from_outside(either_shape: Server) -> None:
    drive("conductor_tasks_client", either_shape.url, *key_pair(either_shape))


def test_programs_that_conductors_client_builds_run_to_their_end(
    either_shape: Server, loopback_recorder: Recorder
) -> None:
    drive("conductor_programs_client", either_shape.url, *key_pair(either_shape), loopback_recorder.url)
    assert len(loopback_recorder.calls_to("/asked")) == 1


def test_tasks_are_completed_and_done_by_javascript(either_shape: Server) -> None:
    drive_javascript("conductor_tasks_client", either_shape.url, *key_pair(either_shape))


def test_workers_do_tasks_and_another_one_does_what_a_killed_one_had(either_shape: Server) -> None:
    drive("conductor_workers_client", either_shape.url, *key_pair(either_shape))


def test_what_conductors_client_composes_runs_and_is_tested(either_shape: Server, loopback_recorder: Recorder) -> None:
    drive("conductor_composed_client", either_shape.url, *key_pair(either_shape), loopback_recorder.url)
    assert not loopback_recorder.calls_to("/never")
    assert loopback_recorder.calls_to("/within")


def test_equal_starts_at_once_make_one_run(either_shape: Server) -> None:
    _, secret = key_pair(either_shape)
    headers = {"X-Authorization": secret, "X-Idempotency-key": "k1", "X-on-conflict": "RETURN_EXISTING"}

    def start(_: int) -> tuple[int, str]:
        answer = httpx2.post(f"{either_shape.url}/api/workflow/gate", json={}, headers=headers, timeout=60)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(20) as callers:
        [(status, run)] = set(callers.map(start, range(20)))
    assert (status, run[:7]) == (200, "fl_run_")

"""Nodes that kill their process, or never come back. The engine bears them, and everything beside them goes on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults import unruly
from tests.faults.conftest import Plant
from tests.provision import wait_until
from tests.recorder import Recorder
from tests.servers import chain, node

pytestmark = pytest.mark.faults

COROUTINE = node("coroutine", "deaf", way="coroutine")
THREAD = node("thread", "deaf", way="thread")
SANDBOX = node("sandbox", "code", source="while True:\n    pass", seconds=60)


@pytest.fixture(autouse=True)
def _plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every worker that the test starts."""
    monkeypatch.setenv("PYTHONPATH", unruly.installed(tmp_path))


def keep_alive(plant: Plant, count: int) -> None:
    """As a service manager does: who died is started again."""
    plant.workers[:] = [worker for worker in plant.workers if worker.process.poll() is None]
    for _ in range(count - len(plant.workers)):
        plant.start_worker()


@pytest.mark.parametrize(("site", "workers"), [("sqlite_plant", 1), ("postgres_plant", 2)])
def test_a_run_that_kills_its_process_is_given_up_and_its_neighbours_complete(
    site: str, workers: int, request: pytest.FixtureRequest, outside: Recorder
) -> None:
    """The neighbours' calls take longer than the killer lives, so that it is their deaths too."""
    plant: Plant = request.getfixturevalue(site)
    outside.answer("/slow", {"ok": True}, after=0.5)
    killing = [node("begin", "manual_trigger"), node("kill", "killer"), node("after", "set", mapping={"n": 1})]
    calling = [node("begin", "manual_trigger"), node("call", "http_request", url=f"{outside.url}/slow")]
    [killer] = plant.desk.start(plant.desk.publish("killing", killing, chain(*killing)), 1)
    neighbours = plant.desk.start(plant.desk.publish("calling", calling, chain(*calling)), 4)
    found: dict[str, Any] = {}

    def all_ended() -> bool:
        keep_alive(plant, workers)
        found.update({run["id"]: run for run in plant.desk.runs()})
        return all(found[run_id]["status"] in ("completed", "failed") for run_id in (killer, *neighbours))

    wait_until(all_ended, "all runs end", 300)
    assert {found[run_id]["status"] for run_id in neighbours} == {"completed"}
    assert (found[killer]["status"], found[killer]["error"]["code"]) == ("failed", "worker_lost")
    plant.census()
    attempts = [(log["attempt"], log["status"]) for log in plant.desk.logs() if log["node_id"] == "kill"]
    assert attempts == [(n, "interrupted") for n in range(1, 6)], "it was given up after five deaths"


def side_by_side(first: dict[str, Any], between: list[dict[str, Any]], last: dict[str, Any]) -> list[dict[str, Any]]:
    """Edges from the first node to each of those between, and from their error exits to the last."""
    edges = [edge for each in between for edge in chain(first, each)]
    exits = [{"source": each["id"], "sourceHandle": "error", "target": last["id"]} for each in between]
    return edges + [{"id": f"exit-{n}", **edge} for n, edge in enumerate(exits)]


def test_nodes_that_never_return_are_left_and_the_run_goes_on_by_their_error_exits(plant: Plant) -> None:
    begin, caught = node("begin", "manual_trigger"), node("caught", "set", mapping={"caught": True})
    bounded = {"timeout": 1, "on_error": "error"}
    between = [{**each, "data": {**each["data"], **bounded}} for each in (COROUTINE, THREAD, SANDBOX)]
    plant.start_worker()
    edges = side_by_side(begin, between, caught)
    [run_id] = plant.desk.start(plant.desk.publish("hanging", [begin, *between, caught], edges), 1)
    found = plant.wait_for_ends([run_id], 60)
    assert (found[run_id]["status"], found[run_id]["output"]) == ("completed", {"caught": True})
    plant.census()
    left = {log["node_id"]: log for log in plant.desk.logs() if log["node_id"] in {each["id"] for each in between}}
    assert {(log["status"], log["handle"]) for log in left.values()} == {("failed", "error")}
    assert all(log["took"] < 1 + 10 for log in left.values()), left


def test_a_run_is_ended_within_two_seconds_whatever_its_node_does(plant: Plant, outside: Recorder) -> None:
    """Two of three each: a machine that has much else to do may be late once."""
    outside.answer("/slow", {"ok": True}, after=30)
    call = node("call", "http_request", url=f"{outside.url}/slow")
    begin, after = node("begin", "manual_trigger"), node("after", "http_request", url=f"{outside.url}/after")
    plant.start_worker()
    for hanging in (call, COROUTINE, THREAD, SANDBOX):
        nodes = [begin, hanging, after]
        workflow = plant.desk.publish(hanging["id"], nodes, chain(*nodes))
        took = []
        for _ in range(3):
            [run_id] = plant.desk.start(workflow, 1)
            wait_until(lambda run_id=run_id: is_open(plant, run_id), "the node is under way")  # type: ignore[misc]
            asked_at = time.time()
            plant.desk.terminate(run_id)
            ended = plant.wait_for_ends([run_id], 30)[run_id]
            assert ended["status"] == "terminated"
            took.append(ended["completed_at"] - asked_at)
        assert sorted(took)[1] < 2, f"{hanging['id']}: {took}"
    plant.census()
    assert outside.calls_to("/after") == []


def is_open(plant: Plant, run_id: str) -> bool:
    return (run_id, "started") in {(log["run_id"], log["status"]) for log in plant.desk.logs()}

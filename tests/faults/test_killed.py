"""Workers that are killed, frozen or told to stop, seen from outside."""

import random
import signal
import time
from collections import Counter
from typing import Any

import psycopg
import pytest

from tests.faults.conftest import Plant
from tests.provision import wait_until
from tests.recorder import Recorder
from tests.servers import chain, node

pytestmark = pytest.mark.faults


def calling(outside: Recorder) -> dict[str, Any]:
    """A pure node, a read that may be repeated, a pure node, a write that may not, and a way on in either case."""
    where = f"{outside.url}/%s?run={{{{ run.id }}}}"
    nodes = [
        node("begin", "manual_trigger"),
        node("first", "set", mapping={"n": 1}),
        node("read", "http_request", url=where % "read"),
        node("between", "set", mapping={"status": "{{ nodes.read.status }}"}),
        node("write", "http_request", method="POST", url=where % "write", on_error="continue"),
        node("last", "set", mapping={"done": True}),
    ]
    return {"nodes": nodes, "edges": chain(*nodes)}


def calls_by_run(outside: Recorder, path: str) -> Counter[str]:
    return Counter(call.path.partition("run=")[2] for call in outside.calls_to(path))


def test_kill_minus_nine_in_the_middle_of_runs(plant: Plant, outside: Recorder) -> None:
    outside.answer("/read", {"ok": True}, after=0.15)
    outside.answer("/write", {"ok": True}, after=0.15)
    runs = plant.desk.start(plant.desk.publish("calls", *calling(outside).values()), 30)
    chance = random.Random(7)
    for _ in range(3):
        before = len(outside.calls)
        worker = plant.start_worker()
        wait_until(lambda before=before: len(outside.calls) > before + 5, "the worker makes calls")  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.2))
        worker.kill()
    plant.start_worker()
    found = plant.wait_for_ends(runs)
    assert {run["status"] for run in found.values()} == {"completed"}
    plant.census()
    assert set(calls_by_run(outside, "/read")) == set(runs)
    writes = calls_by_run(outside, "/write")
    assert max(writes.values()) == 1, "a write that may not be repeated was repeated"
    interrupted = {
        log["run_id"] for log in plant.desk.logs() if (log["node_id"], log["status"]) == ("write", "interrupted")
    }
    assert set(runs) - set(writes) <= interrupted, "a write is missing and nothing says why"


def test_pure_runs_survive_their_worker(plant: Plant) -> None:
    nodes = [node("begin", "manual_trigger"), *(node(f"n{n}", "set", mapping={"n": n}) for n in range(20))]
    runs = plant.desk.start(plant.desk.publish("pure", nodes, chain(*nodes)), 200)
    worker = plant.start_worker()
    wait_until(lambda: any(run["status"] == "completed" for run in plant.desk.runs()), "the first run ends")
    worker.kill()
    plant.start_worker()
    found = plant.wait_for_ends(runs)
    assert {run["output"]["n"] for run in found.values()} == {19}
    plant.census()
    assert len(plant.desk.logs()) == 200 * 21


def test_a_frozen_worker_writes_nothing_when_it_wakes(postgres_plant: Plant, outside: Recorder) -> None:
    """Its lease runs out while it holds a call; another worker takes over and the first one's outcome is refused."""
    plant = postgres_plant
    outside.answer("/slow", {"ok": True}, after=2)
    nodes = [node("begin", "manual_trigger"), node("call", "http_request", url=f"{outside.url}/slow")]
    frozen = plant.start_worker()
    runs = plant.desk.start(plant.desk.publish("slow", nodes, chain(*nodes)), 3)
    wait_until(lambda: len(outside.calls) == 3, "the calls are made")
    frozen.process.send_signal(signal.SIGSTOP)
    plant.start_worker()
    wait_until(lambda: len(outside.calls) == 6, "the other worker makes the calls again", 15)
    frozen.process.send_signal(signal.SIGCONT)
    plant.wait_for_ends(runs)
    time.sleep(1)
    plant.census()
    for run_id in runs:
        [first, second] = [log for log in plant.desk.logs() if (log["run_id"], log["node_id"]) == (run_id, "call")]
        assert (first["status"], second["status"]) == ("interrupted", "completed")
        assert second["epoch"] > first["epoch"]
    wait_until(lambda: plant.desk.workers() >= 2, "the woken worker has signed on anew")
    assert frozen.process.poll() is None


def test_terminate_during_a_slow_call(plant: Plant, outside: Recorder) -> None:
    outside.answer("/slow", {"ok": True}, after=30)
    nodes = [
        node("begin", "manual_trigger"),
        node("call", "http_request", url=f"{outside.url}/slow"),
        node("after", "http_request", url=f"{outside.url}/after"),
    ]
    plant.start_worker()
    [run_id] = plant.desk.start(plant.desk.publish("slow", nodes, chain(*nodes)), 1)
    wait_until(lambda: outside.calls, "the call is made")  # type: ignore[arg-type,return-value]
    asked_at = time.monotonic()
    plant.desk.terminate(run_id)
    found = plant.wait_for_ends([run_id], 25)
    assert time.monotonic() - asked_at < 20
    assert found[run_id]["status"] == "terminated"
    plant.census()
    time.sleep(1)
    assert outside.calls_to("/after") == []


def test_a_worker_told_to_stop_finishes_first(plant: Plant, outside: Recorder) -> None:
    outside.answer("/read", {"ok": True}, after=0.7)
    worker = plant.start_worker()
    runs = plant.desk.start(plant.desk.publish("calls", *calling(outside).values()), 5)
    wait_until(lambda: len(outside.calls) == 5, "the calls are made")
    assert worker.stop(signal.SIGTERM) < 15
    assert {run["status"] for run in plant.desk.runs()} == {"completed"}
    plant.census()
    assert max(calls_by_run(outside, "/read").values()) == 1
    assert len(runs) == 5


def test_a_worker_interrupted_by_a_person_gives_its_runs_back(plant: Plant, outside: Recorder) -> None:
    outside.answer("/read", {"ok": True}, after=12)
    worker = plant.start_worker()
    runs = plant.desk.start(plant.desk.publish("calls", *calling(outside).values()), 3)
    wait_until(lambda: len(outside.calls) == 3, "the calls are made")
    assert worker.stop(signal.SIGINT) < 8
    assert {(run["owner"], run["crashes"]) for run in plant.desk.runs()} == {(None, 0)}
    outside.answer("/read", {"ok": True})
    plant.start_worker()
    plant.wait_for_ends(runs)
    plant.census()


def test_a_database_that_breaks_every_connection_again_and_again(postgres_plant: Plant, outside: Recorder) -> None:
    plant = postgres_plant
    outside.answer("/read", {"ok": True}, after=0.1)
    plant.start_worker()
    runs = plant.desk.start(plant.desk.publish("calls", *calling(outside).values()), 40)
    wait_until(lambda: len(outside.calls) > 5, "the worker makes calls")
    cut = 0
    while cut < 5:
        cut += plant.desk.cut_connections()
        time.sleep(0.1)
    found = plant.wait_for_ends(runs)
    assert {run["status"] for run in found.values()} == {"completed"}
    plant.census()
    assert max(calls_by_run(outside, "/write").values()) == 1


def test_a_row_that_a_frozen_stranger_has_locked_holds_up_its_own_run_alone(
    postgres_plant: Plant, outside: Recorder
) -> None:
    plant = postgres_plant
    outside.answer("/read", {"ok": True}, after=0.5)
    plant.start_worker()
    locked, *others = plant.desk.start(plant.desk.publish("calls", *calling(outside).values()), 6)
    wait_until(lambda: len(outside.calls) == 6, "the calls are made")
    with psycopg.connect(plant.database_url) as stranger:
        stranger.execute("SELECT id FROM runs_run WHERE id = %s FOR UPDATE", [locked])
        found = plant.wait_for_ends(others, 15)
        assert {run["status"] for run in found.values()} == {"completed"}
        [standing] = [run for run in plant.desk.runs() if run["id"] == locked]
        assert standing["status"] == "running"
    plant.wait_for_ends([locked])
    plant.census()
    assert {run["status"] for run in plant.desk.runs()} == {"completed"}


def test_without_a_broker_a_worker_looks_by_itself_and_stops_when_it_is_told(postgres_plant: Plant) -> None:
    plant = postgres_plant
    worker = plant.start_worker(broker_url="redis://127.0.0.1:1")
    nodes = [node("begin", "manual_trigger"), node("last", "set", mapping={"done": True})]
    workflow = plant.desk.publish("small", nodes, chain(*nodes))
    wait_until(lambda: plant.desk.workers() == 1, "the worker has signed on")
    plant.wait_for_ends(plant.desk.start(workflow, 3), 5)
    assert worker.stop(signal.SIGTERM) < 15
    assert plant.desk.workers() == 0

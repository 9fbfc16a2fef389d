"""Workers that are killed, frozen or told to stop, seen from outside."""

import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
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


def test_an_embedded_engine_that_was_frozen_begins_anew_by_itself(sqlite_plant: Plant, outside: Recorder) -> None:
    """Nobody else may take over here. It has lost its lease all the same, and what it had begun is tried again."""
    plant = sqlite_plant
    outside.answer("/read", {"ok": True}, after=0.5)
    frozen = plant.start_worker()
    runs = plant.desk.start(plant.desk.publish("calls", *calling(outside).values()), 5)
    wait_until(lambda: len(outside.calls) >= 5, "the calls are made")
    frozen.process.send_signal(signal.SIGSTOP)
    time.sleep(3)
    frozen.process.send_signal(signal.SIGCONT)
    found = plant.wait_for_ends(runs)
    assert {run["status"] for run in found.values()} == {"completed"}
    assert frozen.process.poll() is None
    assert max(calls_by_run(outside, "/write").values()) == 1, "a write that may not be repeated was repeated"
    plant.census()


def test_a_worker_told_to_stop_finishes_first(plant: Plant, outside: Recorder) -> None:
    """With the lease of a real site: one of a second runs out on a busy machine, and then nothing is finished."""
    outside.answer("/read", {"ok": True}, after=0.7)
    worker = plant.start_worker(lease_seconds="30")
    runs = plant.desk.start(plant.desk.publish("calls", *calling(outside).values()), 5)
    wait_until(lambda: len(outside.calls) == 5, "the calls are made")
    assert worker.stop(signal.SIGTERM) < 15
    assert {run["status"] for run in plant.desk.runs()} == {"completed"}
    plant.census()
    assert max(calls_by_run(outside, "/read").values()) == 1
    assert len(runs) == 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_stop_while_it_still_starts_signs_off(
    postgres_plant: Plant, number: signal.Signals
) -> None:
    """Its engine is at work before Celery listens to signals."""
    plant = postgres_plant
    for _ in range(3):
        worker = plant.start_worker(lease_seconds="30")
        wait_until(lambda: plant.desk.workers() == 1, "the worker has signed on")
        assert worker.stop(number) < 15
        assert plant.desk.has_signed_off(), worker.said


def test_a_worker_interrupted_by_a_person_gives_its_runs_back(plant: Plant, outside: Recorder) -> None:
    outside.answer("/read", {"ok": True}, after=12)
    worker = plant.start_worker(lease_seconds="30")
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
    runs = [run for _ in range(5) for run in plant.wait_for_ends(plant.desk.start(workflow, 1), 20).values()]
    delays = sorted(run["started_at"] - run["created_at"] for run in runs)
    assert delays[2] < 2, f"starts were delayed by {delays} s"
    plant.census()
    assert worker.stop(signal.SIGTERM) < 15
    assert plant.desk.has_signed_off()


def test_several_that_sweep_up_at_once_take_each_run_from_the_dead_once(postgres_plant: Plant) -> None:
    """Each death counts once against a run, and every run is there to be taken again. What they cannot have at the
    moment they pass over."""
    plant = postgres_plant
    nodes = [node("begin", "manual_trigger"), node("last", "set", mapping={"done": True})]
    runs = plant.desk.start(plant.desk.publish("small", nodes, chain(*nodes)), 600)
    sweepers = [plant.another_desk() for _ in range(3)]
    dead, (overdue, stalled) = runs[2:], runs[:2]
    plant.desk.leave_behind(dead)
    plant.desk.forget_about(overdue, stalled)
    with ThreadPoolExecutor(3) as threads:
        with psycopg.connect(plant.database_url) as stranger:
            stranger.execute("SELECT id FROM runs_run FOR UPDATE")
            sweeping = [threads.submit(desk.sweep, 3) for desk in sweepers]
            wait(sweeping, 20)
        assert all(each.done() for each in sweeping), "a sweeper waits for what somebody else has locked"
        list(threads.map(lambda desk: desk.sweep(20), sweepers))
    for desk in sweepers:
        desk.close()
    left = {run["id"]: (run["owner"], run["epoch"], run["crashes"], bool(run["ready_at"])) for run in plant.desk.runs()}
    assert {left[run_id] for run_id in dead} == {(None, 2, 1, True)}
    assert {left[run_id] for run_id in (overdue, stalled)} == {(None, 0, 0, True)}
    plant.start_worker()
    found = plant.wait_for_ends(runs)
    assert {(found[run_id]["status"], found[run_id]["epoch"]) for run_id in dead} == {("completed", 3)}
    assert [found[run_id]["status"] for run_id in (overdue, stalled)] == ["failed", "completed"]
    plant.census()


def test_tasks_outlive_the_engine_while_workers_outside_have_them(plant: Plant) -> None:
    """Some are reported while no engine is there, some to the next one; one whose worker falls silent goes to another.
    The first report of each counts, and none after it."""
    nodes = [
        node("begin", "manual_trigger"),
        node("task", "worker_task", task_type="mail", respond_within=1),
        node("last", "set", mapping={"told": "{{ input }}"}),
    ]
    worker = plant.start_worker()
    runs = plant.desk.start(plant.desk.publish("tasks", nodes, chain(*nodes)), 12)
    leased = tasks_taken(plant, 12)
    worker.kill()
    for task, run_id, _ in leased[:4]:
        assert plant.desk.report_task(task, run_id)
        assert not plant.desk.report_task(task, "another")
    again = tasks_taken(plant, 8)
    assert {polls for *_, polls in again} == {2}
    for task, run_id, _ in again[:4]:
        assert plant.desk.report_task(task, run_id)
    plant.start_worker()
    wait_until(lambda: Counter(run["status"] for run in plant.desk.runs())["completed"] == 8, "what was reported ends")
    for task, run_id, _ in again[4:]:
        assert plant.desk.report_task(task, run_id)
    found = plant.wait_for_ends(runs)
    assert {run_id: run["output"] for run_id, run in found.items()} == {run_id: {"told": run_id} for run_id in runs}
    plant.census()


def tasks_taken(plant: Plant, count: int) -> list[Any]:
    taken: list[Any] = []

    def all_taken() -> bool:
        taken.extend(plant.desk.take_tasks(count - len(taken)))
        return len(taken) == count

    wait_until(all_taken, "a worker outside gets its tasks")
    return taken

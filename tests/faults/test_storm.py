"""Everything dies, again and again, while runs of every sort are under way. FAULTS=full takes its time."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import provision
from tests.faults import mixed
from tests.faults.conftest import Plant
from tests.provision import Redis, wait_until
from tests.recorder import Recorder
from tests.servers import Server, chain, node

pytestmark = pytest.mark.faults

FULL = os.environ.get("FAULTS") == "full"


def start_mixed(plant: Plant, outside: Recorder, count: int) -> list[str]:
    """`count` runs, the sorts taking turns; without those that these start."""
    workflows = mixed.publish_all(plant, outside)
    return [run for workflow in workflows for run in plant.desk.start(workflow, count // len(workflows))]


def test_workers_killed_at_random(postgres_plant: Plant, outside: Recorder) -> None:
    plant, chance = postgres_plant, random.Random(11)
    runs = start_mixed(plant, outside, 2_004 if FULL else 156)
    for _ in range(3):
        plant.start_worker()
    for _ in range(100 if FULL else 6):
        time.sleep(chance.uniform(0.3, 1.2))
        victim = plant.workers.pop(chance.randrange(len(plant.workers)))
        victim.kill()
        plant.start_worker()
    plant.wait_for_ends(runs, 600 if FULL else 120)
    mixed.check(plant, outside)


def test_the_embedded_engine_killed_at_random(sqlite_plant: Plant, outside: Recorder) -> None:
    plant, chance = sqlite_plant, random.Random(12)
    runs = start_mixed(plant, outside, 600 if FULL else 72)
    for _ in range(20 if FULL else 3):
        worker = plant.start_worker()
        wait_until(lambda: plant.desk.workers() > 0, "the worker has signed on")
        time.sleep(chance.uniform(0.2, 1.5))
        worker.kill()
    plant.start_worker()
    plant.wait_for_ends(runs, 300 if FULL else 120)
    mixed.check(plant, outside)


def test_a_rolling_restart(postgres_plant: Plant, outside: Recorder) -> None:
    """A deployment: every worker is told to stop and another one started, and no run suffers by it. With the
    lease of a real site: nobody dies here, and one of a second runs out on a busy machine."""
    plant = postgres_plant
    plant.start_worker(lease_seconds="30")
    plant.start_worker(lease_seconds="30")
    runs = start_mixed(plant, outside, 1_008 if FULL else 120)
    for _ in range(8 if FULL else 2):
        plant.start_worker(lease_seconds="30")
        assert plant.workers.pop(0).stop(signal.SIGTERM) < 70
    plant.wait_for_ends(runs, 300 if FULL else 120)
    mixed.check(plant, outside)
    assert "interrupted" not in {log["status"] for log in plant.desk.logs()}, "the restart cut a node off"
    assert {run["crashes"] for run in plant.desk.runs()} == {0}


def test_a_postgresql_that_is_killed_and_comes_back(tmp_path: Path, outside: Recorder) -> None:
    with provision.postgres_server() as database:
        plant = Plant(tmp_path, database.new_database())
        try:
            plant.start_worker()
            plant.start_worker()
            runs = start_mixed(plant, outside, 336 if FULL else 72)
            wait_until(lambda: len(outside.calls) > 10, "the workers make calls")
            database.kill()
            time.sleep(20 if FULL else 3)
            database.start()
            plant.desk.reconnect()
            plant.wait_for_ends(runs, 120)
            mixed.check(plant, outside)
            assert all(worker.process.poll() is None for worker in plant.workers), "a worker had to be restarted"
        finally:
            plant.close()


def test_a_broker_that_is_emptied_and_gone(postgres_plant: Plant, outside: Recorder) -> None:
    """Work is delayed by a look at the table, never lost and never done twice."""
    plant = postgres_plant
    with provision.redis_server() as broker:
        for _ in range(2):
            plant.start_worker(broker_url=broker.url)
        runs = start_mixed(plant, outside, 72)
        _empty(broker)
        broker.stop()
        time.sleep(60 if FULL else 2)
        nodes = [node("begin", "manual_trigger"), node("last", "set", mapping={"done": True})]
        late = plant.desk.start(plant.desk.publish("late", nodes, chain(*nodes)), 5)
        plant.wait_for_ends(late, 20)
        broker.start()
        plant.wait_for_ends(runs, 60)
    mixed.check(plant, outside)


def _empty(broker: Redis) -> None:
    import redis

    with redis.Redis.from_url(broker.url) as connection:
        connection.flushall()


def test_a_whole_server_killed_again_and_again(new_server: Callable[..., Server], outside: Recorder) -> None:
    """Every run that was accepted ends, and none was accepted without being there after the crash."""
    outside.answer("/slow", {"ok": True}, after=0.2)
    server = new_server().start()
    accepted: list[str] = []
    nodes = [
        node("begin", "manual_trigger"),
        node("call", "http_request", url=f"{outside.url}/slow"),
        node("last", "set", mapping={"n": "{{ trigger.n }}"}),
    ]
    with server.api() as api:
        workflow = api.published("calls", nodes, chain(*nodes))
    for round_ in range(10 if FULL else 2):
        with server.api() as api:
            for n in range(20):
                body = {"context": {"n": n}}
                accepted.append(api.call("POST", f"/workflows/{workflow['id']}/execute", body, status=202)["id"])
        server.kill()
        server.start()
        assert len(accepted) == 20 * (round_ + 1)
    with server.api() as api:
        ended = [api.finished(run_id) for run_id in accepted]
    assert [(run["status"], run["output"]["n"]) for run in ended] == [
        ("completed", n % 20) for n in range(len(accepted))
    ]

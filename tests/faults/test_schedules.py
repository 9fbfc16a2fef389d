"""Occurrences of schedules, while clocks and workers are killed at the very moment in which runs start."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from typing import Any

import pytest

from tests.faults.census import TERMINAL
from tests.faults.conftest import Plant
from tests.provision import wait_until
from tests.servers import ManagePy, chain, node

pytestmark = pytest.mark.faults

# What the runs of a schedule may come to, by its rule for a run that goes on when the next one is due.
OUTCOMES = {
    "allow": {"started"},
    "skip": {"started", "skipped"},
    "queue": {"started", "skipped"},
    "replace": {"started"},
}
LONGER_THAN_A_SECOND = 1.4


def every_second(rule: str) -> list[Any]:
    about = {"schedule_value": "* * * * * *", "catch_up": "all", "overlap": rule}
    nodes = [node("clock", "schedule_trigger", **about), node("work", "delay", duration=LONGER_THAN_A_SECOND)]
    return [nodes, chain(*nodes)]


def kill_at_a_start(chance: random.Random, *victims: ManagePy) -> None:
    """Runs start on the second; the rows are written a moment before."""
    moment = int(time.time() + 1.2) + 1 + chance.uniform(-0.03, 0.05)
    time.sleep(moment - time.time())
    for victim in victims:
        victim.kill()


def test_no_occurrence_is_lost_or_doubled_whoever_is_killed(postgres_plant: Plant) -> None:
    plant, chance = postgres_plant, random.Random(5)
    flows = {rule: plant.desk.publish(f"{rule} overlap", *every_second(rule)) for rule in OUTCOMES}
    clocks, workers = [plant.start_clock(), plant.start_clock()], [plant.start_worker(), plant.start_worker()]
    for clock in clocks:
        clock.says("the clock runs")
    wait_until(lambda: plant.desk.workers() == 2, "both workers have signed on")
    plant.desk.switch([*flows.values()], True)
    for victims in ([clocks[0]], [workers[0]], [clocks[1], workers[1]]):
        kill_at_a_start(chance, *victims)
    plant.start_worker()
    plant.start_clock().says("the clock runs")
    seen = len(plant.desk.firings())
    wait_until(lambda: len(plant.desk.firings()) >= seen + 2 * len(flows), "it goes on")
    plant.desk.switch([*flows.values()], False)
    wait_until(lambda: not is_something_left(plant), "all runs end")

    plant.census()
    firings, runs = plant.desk.firings(), {run["id"]: run for run in plant.desk.runs()}
    started = [firing["run_id"] for firing in firings if firing["outcome"] == "started"]
    assert sorted(started) == sorted(runs), "a run without an occurrence, or two of the same one"
    for rule, flow in flows.items():
        mine = [firing for firing in firings if firing["workflow_id"] == flow]
        due = [firing["due_at"] for firing in mine]
        assert due == [due[0] + n for n in range(len(due))], f"{rule}: not every second has its firing"
        assert {firing["outcome"] for firing in mine} == OUTCOMES[rule]
        check_overlap(rule, [runs[firing["run_id"]] for firing in mine if firing["run_id"]])


def is_something_left(plant: Plant) -> bool:
    waits = any(firing["outcome"] == "queued" for firing in plant.desk.firings())
    return waits or any(run["status"] not in TERMINAL for run in plant.desk.runs())


def check_overlap(rule: str, runs: list[dict[str, Any]]) -> None:
    """`runs` of one schedule, in the order in which they were due."""
    statuses = {run["status"] for run in runs}
    if rule == "replace":
        assert "terminated" in statuses
        assert statuses <= {"completed", "terminated"}
    else:
        assert statuses == {"completed"}
    if rule in ("skip", "queue"):
        for before, after in pairwise(runs):
            assert before["completed_at"] <= after["created_at"], f"{rule}: two at the same time"

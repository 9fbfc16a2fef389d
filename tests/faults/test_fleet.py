"""Workers that do not know the same node kinds, side by side: as in the middle of a deployment, or where a plug-in is
installed on some machines only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import unruly
from tests.faults.conftest import Plant
from tests.provision import wait_until
from tests.servers import chain, node

pytestmark = pytest.mark.faults

REASON = "No worker knows all that it needs. Missing: node kind “greeter”."


def test_runs_go_to_the_workers_that_know_their_node_kinds(
    postgres_plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = postgres_plant
    begin, last = node("begin", "manual_trigger"), node("last", "set", mapping={"done": True})
    greeting = [begin, node("greet", "greeter"), last]
    plain = plant.desk.publish("plain", [begin, last], chain(begin, last))
    greeter = plant.desk.publish("greeter", greeting, chain(*greeting))

    plant.start_worker()
    [stuck] = plant.desk.start(greeter, 1)
    plant.wait_for_ends(plant.desk.start(plain, 20))
    wait_until(lambda: plant.desk.reason(stuck) == REASON, "the run says why it does not start", 60)

    monkeypatch.setenv("PYTHONPATH", unruly.installed(tmp_path))
    plant.start_worker()
    found = plant.wait_for_ends([stuck, *plant.desk.start(plain, 20), *plant.desk.start(greeter, 20)])
    assert {run["status"] for run in found.values()} == {"completed"}
    # A worker that cannot run it takes it and gives it back, which counts one; a lease that ran out counts two.
    assert {run["epoch"] % 2 for run in found.values()} == {1}, "a run was in the hands of a worker that cannot run it"
    plant.census()

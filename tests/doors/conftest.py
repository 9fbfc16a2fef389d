"""The doors' servers: when all their tests are over, everything that was accepted there is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.faults.census import TERMINAL, census
from tests.faults.desk import Desk
from tests.provision import wait_until
from tests.servers import Distributed, Server


@pytest.fixture(scope="session")
def server(server: Server) -> Iterator[Server]:
    yield server
    take_census(server)


@pytest.fixture(scope="session")
def distributed(distributed: Distributed) -> Iterator[Distributed]:
    yield distributed
    take_census(distributed)


def take_census(server: Server) -> None:
    """Schedules are switched off and what still waits is ended first."""
    with server.api() as api, closing(Desk(server.settings)) as desk:
        for workflow in api.call("GET", "/workflows?limit=200")["results"]:
            api.call("POST", f"/workflows/{workflow['id']}/deactivate")
        for run in desk.runs():
            if run["status"] not in TERMINAL:
                desk.terminate(run["id"])
        wait_until(lambda: set(desk.statuses()) <= set(TERMINAL), "all runs end", 60)
        census(desk)

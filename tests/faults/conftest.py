"""A worker as a process of its own, on either database, and the desk beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.census import TERMINAL, census
from tests.faults.desk import Desk
from tests.provision import wait_until
from tests.recorder import Recorder
from tests.servers import ManagePy, Server


class Plant:
    """Workers with a lease of one second, killed and started at will. No broker: they look once a second."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._settings = {
            "data": str(folder / "data"),
            "database_url": database_url,
            "lease_seconds": "1",
            "outbound_allow": "127.0.0.1",
        }
        self.workers: list[ManagePy] = []
        self._clocks: list[ManagePy] = []
        migrating = ManagePy("migrate", folder, self._settings)
        assert migrating.process.wait(60) == 0, migrating.said
        self.desk = Desk(self._settings)

    @property
    def database_url(self) -> str:
        return self._settings["database_url"]

    def another_desk(self) -> Desk:
        return Desk(self._settings)

    def start_worker(self, **settings: str) -> ManagePy:
        worker = ManagePy("worker", self._folder, {**self._settings, **settings})
        self.workers.append(worker)
        return worker

    def start_clock(self) -> ManagePy:
        clock = ManagePy("clock", self._folder, self._settings)
        self._clocks.append(clock)
        return clock

    def wait_for_ends(self, run_ids: list[str], seconds: float = 45) -> dict[str, dict[str, Any]]:
        def all_ended() -> bool:
            found.update({run["id"]: run for run in self.desk.runs()})
            return all(found[run_id]["status"] in TERMINAL for run_id in run_ids)

        found: dict[str, dict[str, Any]] = {}
        wait_until(all_ended, "all runs end", seconds)
        return {run_id: found[run_id] for run_id in run_ids}

    def census(self) -> None:
        census(self.desk)

    def kill_all(self) -> None:
        for process in (*self.workers, *self._clocks):
            process.kill()
        self.workers.clear()
        self._clocks.clear()

    def close(self) -> None:
        self.kill_all()
        self.desk.close()


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    plant = Plant(tmp_path_factory.mktemp("plant"), "")
    yield plant
    plant.close()


@pytest.fixture(scope="session")
def postgres_site(
    new_postgres_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    plant = Plant(tmp_path_factory.mktemp("plant"), new_postgres_database())
    yield plant
    plant.close()


@pytest.fixture(params=["sqlite_site", "postgres_site"])
def plant(request: pytest.FixtureRequest) -> Iterator[Plant]:
    yield from _cleared(request.getfixturevalue(request.param))


@pytest.fixture
def sqlite_plant(sqlite_site: Plant) -> Iterator[Plant]:
    yield from _cleared(sqlite_site)


@pytest.fixture
def postgres_plant(postgres_site: Plant) -> Iterator[Plant]:
    """For what takes two workers at once: SQLite belongs to one process."""
    yield from _cleared(postgres_site)


def _cleared(plant: Plant) -> Iterator[Plant]:
    plant.desk.forget()
    try:
        yield plant
    finally:
        plant.kill_all()


@pytest.fixture
def desk_of() -> Iterator[Callable[[Server], Desk]]:
    """A desk on a whole server's database."""
    with ExitStack() as opened:
        yield lambda server: opened.enter_context(closing(Desk(server.settings)))


@pytest.fixture
def outside(loopback_recorder: Recorder) -> Recorder:
    """The world outside: every call that reaches it is counted."""
    return loopback_recorder

"""A disk that is full while everything runs, and has room again: a real file system of a few megabytes. FAULTS=full
puts the tables of a PostgreSQL on it too.

Who may not mount one takes the embedded shape alone, and limits how long files of its process may become.
"""

from __future__ import annotations

import os
import resource
import secrets
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest

from tests import provision
from tests.faults.census import census
from tests.faults.desk import Desk
from tests.provision import Redis, wait_until
from tests.recorder import Recorder
from tests.servers import Api, Distributed, Server, chain, node

pytestmark = pytest.mark.faults

MEGABYTES = 48


class Disk(Protocol):
    def fill(self) -> None: ...

    def make_room(self) -> None: ...


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                return

    def make_room(self) -> None:
        self._ballast.unlink()


class ShortFiles:
    """What a process writes beyond the first bytes of any file fails."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def fill(self) -> None:
        self._limit(1)

    def make_room(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, length: int) -> None:
        process = psutil.Process(self._server.up.process.pid)
        process.rlimit(psutil.RLIMIT_FSIZE, (length, resource.RLIM_INFINITY))


def mount(folder: Path) -> bool:
    folder.mkdir()
    options = f"size={MEGABYTES}m,mode=755"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def small_folder() -> Iterator[Path | None]:
    with provision.scratch("full") as folder:
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        is_mounted = mount(folder / "disk")
        yield folder / "disk" if is_mounted else None
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder / "disk")], check=True)


@pytest.fixture
def embedded_on_a_small_disk(tmp_path: Path, small_folder: Path | None) -> Iterator[tuple[Server, Disk]]:
    data = {} if small_folder is None else {"data": str(small_folder / "data")}
    with Server(tmp_path, **data) as server:
        yield server, ShortFiles(server) if small_folder is None else SmallDisk(small_folder)


@pytest.fixture
def postgresql_on_a_small_disk(
    tmp_path: Path, small_folder: Path, redis_server: Redis
) -> Iterator[tuple[Server, Disk]]:
    tables = small_folder / "tables"
    tables.mkdir()
    with provision.postgres_server() as postgres:
        database_url = postgres.new_database_in(tables)
        with Distributed(tmp_path, database_url, redis_server.url) as server:
            yield server, SmallDisk(small_folder)


TABLES_TOO = os.environ.get("FAULTS") == "full" and os.geteuid() == 0
SHAPES = ["embedded_on_a_small_disk", *(["postgresql_on_a_small_disk"] if TABLES_TOO else [])]


def started(api: Api, workflow: Any) -> tuple[int, dict[str, Any]]:
    """One more start, with as much in its payload as no page of a database holds."""
    context = {"text": secrets.token_hex(50_000)}
    answer = api.http.post(f"/workflows/{workflow['id']}/execute", json={"context": context}, timeout=20)
    if answer.status_code == 503:
        assert answer.headers["retry-after"]
    return answer.status_code, answer.json()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_full_disk_refuses_starts_and_loses_nothing(
    shape: str, request: pytest.FixtureRequest, outside: Recorder, desk_of: Callable[[Server], Desk]
) -> None:
    server, disk = request.getfixturevalue(shape)
    outside.answer("/slow", {"ok": True}, after=1)
    nodes = [
        node("begin", "manual_trigger"),
        node("call", "http_request", url=f"{outside.url}/slow"),
        node("last", "set", mapping={"done": True}),
    ]
    with server.api() as api:
        workflow = api.published("calls", nodes, chain(*nodes))
        accepted = [started(api, workflow)[1]["id"] for _ in range(5)]
        wait_until(lambda: len(outside.calls) > 0, "the runs are under way")
        disk.fill()
        told: list[int] = []
        while Counter(told)[507] + Counter(told)[503] < 3:
            status, body = started(api, workflow)
            told.append(status)
            if status == 202:
                accepted.append(body["id"])
            else:
                assert body["code"], body
            assert len(told) < 500, "so much cannot have had room"
        assert set(told) <= {202, 503, 507}, Counter(told)
        assert 507 in told or not isinstance(disk, SmallDisk), "nobody was told what is the matter"
        disk.make_room()
        wait_until(lambda: started_again(api, workflow, accepted), "starts are accepted again", 30)
        ended = [api.finished(run_id, 60) for run_id in accepted]
    assert {run["status"] for run in ended} == {"completed"}
    desk = desk_of(server)
    mine = {run["id"] for run in desk.runs()} & {log["run_id"] for log in desk.logs() if log["node_id"] == "call"}
    assert mine == set(accepted), "something of a refused start was kept"
    census(desk)


def started_again(api: Api, workflow: Any, accepted: list[str]) -> bool:
    status, body = started(api, workflow)
    if status == 202:
        accepted.append(body["id"])
    return status == 202

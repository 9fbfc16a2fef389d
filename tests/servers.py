"""The real server as real processes, and a person or a program that calls it over HTTP."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil

from tests.provision import free_port, wait_until

ROOT = Path(__file__).resolve().parents[1]
ADMIN = "admin@example.com"
PASSWORD = "a long enough password"
# Ctrl-C is to take five seconds at most, and does on a machine that is free; a busy one gets twice that.
CTRL_C_SECONDS = 10
START_SECONDS = 120
"""A start takes a few seconds, and many times that on a machine that has much else to do."""


def surroundings(settings: dict[str, str]) -> dict[str, str]:
    """The environment of a `manage.py`: ours, but for what is set there for Penstock."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PENSTOCK_", "DJANGO_"))}
    return kept | {f"PENSTOCK_{name.upper()}": text for name, text in settings.items()}


class ManagePy:
    """One `manage.py COMMAND` with an environment of its own. What it prints is in `log`."""

    def __init__(self, command: str, folder: Path, settings: dict[str, str]) -> None:
        self.command = command
        self.log = folder / f"{command}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=ROOT,
                env=surroundings(settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def says(self, text: str, seconds: float = 120) -> None:
        """Waits until it has printed `text`."""

        def heard() -> bool:
            assert self.process.poll() is None or text in self.said, f"{self.command} ended:\n{self.said}"
            return text in self.said

        wait_until(heard, f"{self.command} says {text!r}", seconds)

    def listens_on(self, port: int) -> bool:
        sockets = psutil.Process(self.process.pid).net_connections("tcp")
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)

    def stop(self, number: signal.Signals = signal.SIGINT, seconds: float = 40) -> float:
        """Asks it to stop as Ctrl-C does; gives how long that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(seconds)
        return time.monotonic() - began

    def kill(self) -> None:
        """kill -9 of the whole process group, as when the power goes."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


class Server:
    """A Penstock that answers on `url`: the embedded one, `manage.py up`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.grpc_port = free_port()
        self.settings = {
            "data": str(folder / "data"),
            "port": str(self.port),
            "dapr_grpc_port": str(self.grpc_port),
            "admin_email": ADMIN,
            "admin_password": PASSWORD,
            "outbound_allow": "127.0.0.1",
            **settings,
        }
        self.processes: list[ManagePy] = []

    @property
    def up(self) -> ManagePy:
        return self.processes[0]

    @property
    def sign_in_link(self) -> str:
        [link] = re.findall(r"http://\S+/sign-in/\S+", self.up.said)
        return str(link)

    def launch(self, command: str, **settings: str) -> ManagePy:
        process = ManagePy(command, self.folder, {**self.settings, **settings})
        self.processes.append(process)
        return process

    def start(self) -> Self:
        self.processes = []
        self.launch("up").says("Penstock is ready", START_SECONDS)
        return self

    def is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self) -> None:
        for process in self.processes:
            process.stop()

    def kill(self) -> None:
        for process in self.processes:
            process.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self.kill()

    def do(self, code: str) -> None:
        """Runs lines of Python beside the server, on its database: for what no door does yet."""
        command = [sys.executable, "manage.py", "shell", "--command", code]
        subprocess.run(command, cwd=ROOT, env=surroundings(self.settings), check=True, timeout=120)

    def api(self) -> Api:
        """The administrator as a program, by JWT."""
        answer = httpx2.post(f"{self.url}/api/v1/token", json={"email": ADMIN, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return Api(self.url, {"Authorization": f"Bearer {answer.json()['access']}"})

    def browser(self) -> Api:
        """The administrator as the browser app, by session cookie."""
        browser = Api(self.url, {})
        token = browser.call("GET", "/session")["csrf_token"]
        body = {"email": ADMIN, "password": PASSWORD}
        token = browser.call("POST", "/session", body, X_CSRFToken=token)["csrf_token"]
        browser.http.headers["X-CSRFToken"] = token
        return browser


class Distributed(Server):
    """The other shape: web, worker and clock as processes of their own on PostgreSQL and Redis."""

    ROLES: tuple[str, ...] = ("web", "worker", "clock")

    def __init__(self, folder: Path, database_url: str, broker_url: str, **settings: str) -> None:
        super().__init__(folder, database_url=database_url, broker_url=broker_url, **settings)

    def start(self) -> Self:
        self.processes = []
        self.launch("migrate").process.wait()
        assert self.processes.pop().process.returncode == 0
        for role in self.ROLES:
            self.launch(role)
        wait_until(self.is_ready, "web is ready", START_SECONDS)
        return self


class Api:
    """Calls of the native API, and the few steps that many tests take."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.url = url
        self.http = httpx2.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        """Makes the call, wants `status`, and gives the JSON that came back."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        answer = self.http.request(method, path, json=body, headers=named)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def published(self, name: str, nodes: list[Any], edges: list[Any], *, active: bool = False) -> Any:
        """A new workflow, published and perhaps active."""
        workflow = self.call("POST", "/workflows", {"name": name, "nodes": nodes, "edges": edges}, status=201)
        path = f"/workflows/{workflow['id']}"
        workflow = self.call("POST", f"{path}/publish", {})
        return self.call("POST", f"{path}/activate", {}) if active else workflow

    def finished(self, run_id: str, seconds: float = 30) -> Any:
        """The run as it is in the end."""
        seen: dict[str, Any] = {}

        def ended() -> bool:
            seen.update(self.call("GET", f"/runs/{run_id}"))
            return seen["status"] in ("completed", "failed", "terminated")

        wait_until(ended, f"{run_id} ends", seconds)
        return seen


def node(node_id: str, kind: str, **settings: Any) -> dict[str, Any]:
    return {"id": node_id, "data": {"componentId": kind, **settings}}


def chain(*nodes: dict[str, Any]) -> list[dict[str, Any]]:
    """Edges that lead from each node to the next."""
    return [{"id": f"{a['id']}-{b['id']}", "source": a["id"], "target": b["id"]} for a, b in pairwise(nodes)]

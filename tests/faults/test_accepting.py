"""The process that takes runs in, and runs them itself while somebody waits, is killed in the middle of it.

What was answered is on record and ends; what is delivered or asked for again makes no second run; no effect that may
not be repeated is repeated.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.provision import Redis, wait_until
from tests.recorder import Recorder
from tests.servers import Api, Distributed, Server, chain, node

pytestmark = pytest.mark.faults

TERMINAL = ("completed", "failed", "terminated")


class Embedded(Server):
    """One process that does it all."""

    def kill_and_restart(self) -> None:
        self.up.kill()
        self.start()


class OnlyWeb(Distributed):
    """The web process dies; the worker lives on and takes over."""

    def kill_and_restart(self) -> None:
        self.processes.pop(0).kill()
        self.processes.insert(0, self.launch("web"))
        self.processes.pop()
        wait_until(self.is_ready, "web is ready", 40)


Shape = Embedded | OnlyWeb


@pytest.fixture
def embedded_shape(tmp_path: Path) -> Iterator[Shape]:
    with Embedded(tmp_path, lease_seconds="1") as server:
        yield server


@pytest.fixture
def distributed_shape(tmp_path: Path, new_postgres_database: Callable[[], str], redis_server: Redis) -> Iterator[Shape]:
    with OnlyWeb(tmp_path, new_postgres_database(), redis_server.url, lease_seconds="1") as server:
        yield server


@pytest.fixture(params=["embedded_shape", "distributed_shape"])
def shape(request: pytest.FixtureRequest) -> Shape:
    server: Shape = request.getfixturevalue(request.param)
    return server


class Sender:
    """Delivers numbered messages, each again and again under one id until it is answered."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count()
        self.answered: dict[int, str] = {}
        """The run that each answer named, by the message's number."""
        self.stopping = False

    def work(self) -> None:
        while not self.stopping:
            number = next(self._numbers)
            while number not in self.answered:
                try:
                    answer = self._ask(number)
                except httpx2.TransportError:
                    time.sleep(0.05)
                    continue
                assert answer.status_code in (200, 202, 500, 503), answer.text
                if answer.status_code != 503:
                    self.answered[number] = answer.headers["location"].rpartition("/")[2]

    def _ask(self, number: int) -> httpx2.Response:
        return httpx2.post(self._url, json={"n": number}, headers={"webhook-id": f"msg-{number}"}, timeout=20)

    def number_of(self, run: dict[str, Any]) -> int:
        return int(run["trigger_payload"]["body"]["n"])


class Program(Sender):
    """Starts numbered runs by the API and waits for them, each again and again under one key until it is answered."""

    def __init__(self, api: Api, workflow: Any) -> None:
        super().__init__(f"{api.url}/api/v1/workflows/{workflow['id']}/execute?wait=20")
        self._authorization = str(api.http.headers["Authorization"])

    def _ask(self, number: int) -> httpx2.Response:
        headers = {"Authorization": self._authorization, "Idempotency-Key": f"start {number}"}
        return httpx2.post(self._url, json={"context": {"n": number}}, headers=headers, timeout=20)

    def number_of(self, run: dict[str, Any]) -> int:
        return int(run["trigger_payload"]["n"])


def ended_runs(api: Api, workflow: Any) -> list[dict[str, Any]]:
    """All runs of the workflow, in full, once every one of them is over."""

    def heads() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = api.call("GET", f"/runs?workflow={workflow['id']}&limit=100{cursor}")
            found += page["results"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    wait_until(lambda: all(run["status"] in TERMINAL for run in heads()), "all runs end", 45)
    return [api.call("GET", f"/runs/{run['id']}") for run in heads()]


def pure(response: str) -> list[dict[str, Any]]:
    return [
        node("hook", "webhook_trigger", response=response),
        node("order", "set", mapping={"n": "{{ trigger.body.n }}"}),
        node("reply", "respond", body={"n": "{{ input.n }}"}),
    ]


def writing(outside: Recorder) -> list[dict[str, Any]]:
    """A write that may not be repeated, between two pure nodes."""
    outside.answer("/write", {"ok": True}, after=0.5)
    return [
        node("hook", "webhook_trigger", response="wait"),
        node("order", "set", mapping={"n": "{{ trigger.body.n }}"}),
        node("write", "http_request", method="POST", url=f"{outside.url}/write?n={{{{ input.n }}}}"),
        node("last", "set", mapping={"done": True}),
    ]


def reading(outside: Recorder) -> list[dict[str, Any]]:
    """A call that may be repeated, and takes long enough for the process to be killed meanwhile."""
    outside.answer("/read", {"ok": True}, after=0.5)
    return [node("start", "manual_trigger"), node("read", "http_request", url=f"{outside.url}/read")]


def test_kill_minus_nine_while_runs_are_taken_in(shape: Shape, loopback_recorder: Recorder) -> None:
    drawings = [pure("wait"), pure("accepted"), writing(loopback_recorder)]
    plain = reading(loopback_recorder)
    with shape.api() as api:
        workflows = [api.published("killed", nodes, chain(*nodes), active=True) for nodes in drawings]
        workflows.append(api.published("killed", plain, chain(*plain)))
        senders = [Sender(workflow["webhook_url"]) for workflow in workflows[:-1]]
        senders.append(Program(api, workflows[-1]))
    kill_while_they_deliver(shape, senders, loopback_recorder)
    with shape.api() as api:
        waited, accepted, written, started = (ended_runs(api, workflow) for workflow in workflows)
    for runs, sender in zip((waited, accepted, written, started), senders, strict=True):
        numbers = Counter(sender.number_of(run) for run in runs)
        assert max(numbers.values()) == 1, "what was asked for once made two runs"
        assert {sender.number_of(run): run["id"] for run in runs} == sender.answered
    assert {run["status"] for run in started} == {"completed"}
    for run in waited + accepted:
        lines = [(log["node_id"], log["status"]) for log in run["logs"]]
        assert lines == [(name, "completed") for name in ("hook", "order", "reply")]
    judge_writes(written, loopback_recorder)


def kill_while_they_deliver(shape: Shape, senders: list[Sender], outside: Recorder) -> None:
    """Each time in the middle of a call, which takes half a second."""
    chance = random.Random(3)
    with ThreadPoolExecutor(3 * len(senders)) as threads:
        working = [threads.submit(sender.work) for sender in senders for _ in range(3)]
        for _ in range(2):
            before = [len(sender.answered) for sender in senders]
            wait_until(
                lambda before=before: all(len(s.answered) > b + 3 for s, b in zip(senders, before, strict=True)),  # type: ignore[misc]
                "messages are answered",
            )
            made = len(outside.calls)
            wait_until(lambda made=made: len(outside.calls) > made, "a call is made")  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.1))
            shape.kill_and_restart()
        for sender in senders:
            sender.stopping = True
        for each in working:
            each.result(60)


def judge_writes(runs: list[dict[str, Any]], outside: Recorder) -> None:
    calls = Counter(int(call.path.partition("n=")[2]) for call in outside.calls if call.path.startswith("/write"))
    assert max(calls.values()) == 1, "a write that may not be repeated was repeated"
    for run in runs:
        [write] = [log for log in run["logs"] if log["node_id"] == "write"]
        if run["status"] == "completed":
            assert (calls[run["trigger_payload"]["body"]["n"]], write["status"]) == (1, "completed")
        else:
            assert (run["error"]["code"], write["status"]) == ("interrupted", "interrupted")
    assert any(run["status"] == "failed" for run in runs), "nobody was killed in the middle of a call"

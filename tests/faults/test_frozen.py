"""A database that neither answers nor goes away: its processes stand still, or the network swallows what is sent. And
a broker that does. FAULTS=full takes a minute for each."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests import provision
from tests.faults.census import census
from tests.faults.desk import Desk
from tests.provision import Postgres, Redis, wait_until
from tests.recorder import Recorder, recording
from tests.relay import Relay
from tests.servers import Api, Distributed, chain, node

pytestmark = pytest.mark.faults

FULL = os.environ.get("FAULTS") == "full"
LEASE_SECONDS = 3
FROZEN_SECONDS, SILENT_SECONDS = (60, 60) if FULL else (13, 5)
"""The first is longer than any answer is waited for, the second shorter."""
BOUND_SECONDS = 60
"""What is asked has its answer in twenty seconds at the latest; a busy machine gets three times that."""
BACK_WITHIN_SECONDS = 20
"""Ten are promised; a busy machine gets twice that."""


class Site:
    """Web, worker and clock, with runs under way, a schedule that is due each second, and a reader who watches."""

    def __init__(self, server: Distributed, api: Api, outside: Recorder) -> None:
        self.server, self.api, self.outside = server, api, outside
        outside.answer("/slow", {"ok": True}, after=0.4)
        calls = [node(f"call{n}", "http_request", url=f"{outside.url}/slow") for n in range(10)]
        hook = node("hook", "webhook_trigger", response="wait")
        last = node("last", "set", mapping={"done": True})
        tick = node("tick", "schedule_trigger", schedule_value="* * * * * *", catch_up="all")
        self.calls = api.published("calls", [hook, *calls], chain(hook, *calls), active=True)
        self.hook = api.published("hook", [hook, last], chain(hook, last), active=True)
        self.ticks = api.published("ticks", [tick, last], chain(tick, last))
        self.accepted: list[str] = []

    def begin(self) -> None:
        self.api.call("POST", f"/workflows/{self.ticks['id']}/activate", {})
        for _ in range(5):
            assert self.start()
        with ThreadPoolExecutor(8) as callers:  # web then has connections in hand that will be silent
            assert {asked.result(BOUND_SECONDS).status_code for asked in self.ask(callers)} <= {200, 202}
        self.watching = Watching(self.api, self.accepted[-1])
        self.is_called()

    def start(self) -> bool:
        """Whether one more start is accepted."""
        answer = self._execute()
        if answer.status_code == 202:
            self.accepted.append(answer.json()["id"])
        return answer.status_code == 202

    def ask(self, callers: ThreadPoolExecutor) -> list[Future[httpx2.Response]]:
        """At every door, twice at once."""
        return [callers.submit(door) for door in [self._execute, self._deliver, self._read, self._look] * 2]

    def _execute(self) -> httpx2.Response:
        return self.api.http.post(f"/workflows/{self.calls['id']}/execute", json={})

    def _deliver(self) -> httpx2.Response:
        return httpx2.post(self.hook["webhook_url"], json={}, timeout=BOUND_SECONDS)

    def _read(self) -> httpx2.Response:
        return self.api.http.get("/workflows")

    def _look(self) -> httpx2.Response:
        return httpx2.get(f"{self.server.url}/readyz", timeout=BOUND_SECONDS)

    def is_called(self) -> None:
        before = len(self.outside.calls)
        wait_until(lambda: len(self.outside.calls) > before, "the runs are under way", 60)

    def goes_on(self) -> None:
        """By itself, and soon."""
        wait_until(self.server.is_ready, "the site is ready again", BACK_WITHIN_SECONDS)
        wait_until(self.start, "starts are accepted again", BACK_WITHIN_SECONDS)
        self.is_called()
        back_at = datetime.now(UTC)
        wait_until(lambda: self._has_fired(back_at), "the clock goes on", BACK_WITHIN_SECONDS)

    def _has_fired(self, since: datetime) -> bool:
        found = self.api.call("GET", f"/firings?workflow={self.ticks['id']}&limit=1")["results"]
        return any(datetime.fromisoformat(firing["due_at"]) > since for firing in found)

    def ends_well(self, desk: Desk) -> None:
        assert {self.api.finished(run_id, 120)["status"] for run_id in self.accepted} == {"completed"}
        assert self.watching.has_ended(), "who watched a run waits for ever"
        assert all(process.process.poll() is None for process in self.server.processes), "one had to be restarted"
        self.api.call("POST", f"/workflows/{self.ticks['id']}/deactivate", {})
        wait_until(lambda: desk.statuses().keys() == {"completed"}, "all runs end", 60)
        census(desk)


class Watching:
    """A reader of a run's live stream, who comes back when the line breaks, as browsers do."""

    def __init__(self, api: Api, run_id: str) -> None:
        self._api, self._path = api, f"/runs/{run_id}/stream"
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def has_ended(self) -> bool:
        self._thread.join(BOUND_SECONDS)
        return not self._thread.is_alive()

    def _watch(self) -> None:
        while not self._has_seen_the_end():
            time.sleep(0.5)

    def _has_seen_the_end(self) -> bool:
        try:
            with self._api.http.stream("GET", self._path) as answer:
                return any(line == "event: end" for line in answer.iter_lines())
        except httpx2.TransportError:
            return False


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    with provision.postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def relay(database: Postgres) -> Iterator[Relay]:
    [folder] = parse_qs(urlsplit(database.new_database()).query)["host"]
    with Relay(f"{folder}/.s.PGSQL.5432") as between:
        yield between


@pytest.fixture(scope="module")
def broker() -> Iterator[Redis]:
    with provision.redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def whole_site(
    database: Postgres, relay: Relay, broker: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    url = f"postgresql://postgres:@127.0.0.1:{relay.port}{urlsplit(database.new_database()).path}"
    settings = {"lease_seconds": str(LEASE_SECONDS)}
    with (
        recording() as outside,
        Distributed(tmp_path_factory.mktemp("frozen"), url, broker.url, **settings) as server,
        server.api() as api,
    ):
        yield Site(server, api, outside)


@pytest.fixture
def site(whole_site: Site) -> Site:
    whole_site.begin()
    return whole_site


@pytest.fixture
def desk(whole_site: Site, desk_of: Callable[[Distributed], Desk]) -> Desk:
    return desk_of(whole_site.server)


def test_a_database_that_stands_still_is_given_up_and_found_again(site: Site, desk: Desk, database: Postgres) -> None:
    """Everybody is told to come again within a bounded time, and no worker makes a call that it may not record."""
    with database.frozen(), ThreadPoolExecutor(8) as callers:
        end = time.monotonic() + FROZEN_SECONDS
        time.sleep(LEASE_SECONDS)
        made = len(site.outside.calls)
        for asked in site.ask(callers):
            answer = asked.result(BOUND_SECONDS)
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
        while time.monotonic() < end:
            assert not site.server.is_ready()
            time.sleep(0.2)
        assert len(site.outside.calls) == made, "a worker went on without a lease"
    site.goes_on()
    site.ends_well(desk)


def test_a_network_that_swallows_what_is_said_is_given_up(site: Site, desk: Desk, relay: Relay) -> None:
    """Who asked meanwhile hears nothing more, and is told so in time; who asks afterwards gets through."""
    with ThreadPoolExecutor(8) as callers:
        with relay.silent():
            time.sleep(LEASE_SECONDS)
            made, asked = len(site.outside.calls), site.ask(callers)
            time.sleep(SILENT_SECONDS - LEASE_SECONDS)
            assert len(site.outside.calls) == made, "a worker went on without a lease"
        site.goes_on()
        told = [each.result(BOUND_SECONDS) for each in asked]
    assert {answer.status_code for answer in told} <= {200, 202, 503}
    site.ends_well(desk)


def test_a_broker_that_stands_still_keeps_nobody_waiting(site: Site, desk: Desk, broker: Redis) -> None:
    """Starts are accepted as ever, workers find them by themselves, and one that is told to stop does."""
    with broker.frozen():
        took, started = [], []
        for _ in range(5):
            began = time.monotonic()
            assert site.start()
            took.append(time.monotonic() - began)
            started.append(site.accepted[-1])
            site.api.finished(started[-1], 60)
        runs = {run["id"]: run for run in desk.runs()}
        delays = [runs[run_id]["started_at"] - runs[run_id]["created_at"] for run_id in started]
        place = site.server.ROLES.index("worker")
        assert site.server.processes[place].stop(signal.SIGTERM, 60) < 45
        site.server.processes[place] = site.server.launch("worker")
        site.server.processes.pop()
        assert site.start()
        site.api.finished(site.accepted[-1], 60)
    # A machine that has much else to do may be late twice.
    assert sorted(took)[2] < 2, took
    assert sorted(delays)[2] < 2, delays
    site.ends_well(desk)

"""Each occurrence once and on time: with a second clock, with clocks that are wrong, and after an outage."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.provision import wait_until
from tests.servers import ROOT, Api, Distributed, Server, chain, node

HOUR = 3600


def scheduled(api: Api, name: str, value: str, **settings: Any) -> str:
    clock = node("clock", "schedule_trigger", schedule_value=value, **settings)
    nodes = [clock, node("say", "log", message="hi")]
    return str(api.published(name, nodes, chain(*nodes), active=True)["id"])


def firings(api: Api, workflow: str) -> list[dict[str, Any]]:
    """All of them, oldest first."""
    return list(reversed(api.call("GET", f"/firings?workflow={workflow}&limit=200")["results"]))


def outcomes(api: Api, workflow: str) -> list[str]:
    return [firing["outcome"] for firing in firings(api, workflow)]


def each_once(api: Api, workflow: str) -> None:
    """As many runs as occurrences that started, none before it was due."""
    found = firings(api, workflow)
    assert len({firing["due_at"] for firing in found}) == len(found)
    started = {firing["run_id"] for firing in found if firing["outcome"] == "started"}
    runs = api.call("GET", f"/runs?workflow={workflow}&limit=200")["results"]
    assert started == {run["id"] for run in runs}


@contextmanager
def another_clock(server: Server, seconds: float) -> Iterator[None]:
    """One more clock process; its host's own clock is wrong by so much."""
    settings = {f"PENSTOCK_{name.upper()}": text for name, text in server.settings.items()}
    command = [sys.executable, "-m", "tests.moved_clock", str(seconds)]
    surroundings = {"PATH": "/usr/bin:/bin", **settings}
    with subprocess.Popen(command, cwd=ROOT, env=surroundings, stderr=subprocess.DEVNULL) as process:
        try:
            yield
            assert process.poll() is None, "the second clock ended by itself"
        finally:
            process.kill()


def test_two_clocks_start_each_occurrence_once_and_on_time(either_shape: Server) -> None:
    with either_shape.api() as api, another_clock(either_shape, 0):
        workflow = scheduled(api, "two clocks", "* * * * * *")
        wait_until(lambda: len(firings(api, workflow)) >= 8, "eight occurrences")
        api.call("POST", f"/workflows/{workflow}/deactivate")
        wait_until(lambda: all(firing["started_at"] for firing in firings(api, workflow)), "all start")
        found = firings(api, workflow)
        each_once(api, workflow)
    due = [datetime.fromisoformat(firing["due_at"]) for firing in found]
    assert due == [due[0] + timedelta(seconds=n) for n in range(len(due))]
    assert all(firing["lag_ms"] >= 0 for firing in found)


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_on_postgresql_a_clock_that_is_an_hour_wrong_changes_nothing(distributed: Distributed, seconds: int) -> None:
    """The database's time counts."""
    with distributed.api() as api, another_clock(distributed, seconds):
        often = scheduled(api, "wrong clock", "*/2 * * * * *")
        soon = scheduled(api, "not due yet", in_minutes(30))
        wait_until(lambda: len(firings(api, often)) >= 3, "three occurrences")
        for workflow in (often, soon):
            api.call("POST", f"/workflows/{workflow}/deactivate")
        each_once(api, often)
        assert set(outcomes(api, often)) == {"started"}
        assert firings(api, soon) == []


def in_minutes(minutes: int) -> str:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return f"{at.minute} {at.hour} * * *"


def test_on_sqlite_a_clock_set_forward_and_back_starts_nothing_twice(server: Server) -> None:
    """The host's time counts: what is due by it starts, and is past when the clock is right again."""
    with server.api() as api:
        workflow = scheduled(api, "set forward", in_minutes(30))
        with another_clock(server, HOUR):
            wait_until(lambda: len(firings(api, workflow)) == 1, "it starts by the wrong clock")
        time.sleep(2)
        each_once(api, workflow)
        assert len(firings(api, workflow)) == 1
        with another_clock(server, HOUR):
            time.sleep(3)
        assert len(firings(api, workflow)) == 1
        assert api.call("GET", f"/workflows/{workflow}")["next_run_at"] > datetime.now(UTC).isoformat()
        api.call("POST", f"/workflows/{workflow}/deactivate")


def test_a_clock_that_is_killed_again_and_again_loses_and_doubles_nothing(distributed: Distributed) -> None:
    with distributed.api() as api, outage(distributed):
        workflow = scheduled(api, "killed clocks", "* * * * * *", catch_up="all")
        for _ in range(3):
            clock = distributed.launch("clock")
            clock.says("the clock runs")
            time.sleep(1.2)
            clock.kill()
            distributed.processes.remove(clock)
    with distributed.api() as api:
        seen = len(firings(api, workflow))
        wait_until(lambda: len(firings(api, workflow)) > seen + 2, "it goes on")
        api.call("POST", f"/workflows/{workflow}/deactivate")
        each_once(api, workflow)
        found = firings(api, workflow)
    due = [datetime.fromisoformat(firing["due_at"]) for firing in found]
    assert due == [due[0] + timedelta(seconds=n) for n in range(len(due))]
    assert {firing["outcome"] for firing in found} == {"started"}


# --- ten minutes without a clock ---

POLICIES = {"skip": {"missed"}, "latest": {"missed", "started"}, "all": {"started"}}


def put_back(server: Server) -> None:
    """As if nobody had looked for ten minutes."""
    rows = "UPDATE workflows_schedule SET {} WHERE next_due_at IS NOT NULL AND schedule_value = '* * * * *'"
    if url := server.settings.get("database_url"):
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(rows.format("next_due_at = next_due_at - interval '10 minutes'"))
        return
    [path] = Path(server.settings["data"]).glob("*.sqlite3")
    with sqlite3.connect(path) as file:
        file.execute(rows.format("next_due_at = datetime(next_due_at, '-10 minutes') || '.000000'"))
    file.close()


@contextmanager
def outage(server: Server) -> Iterator[None]:
    """No clock runs meanwhile; in the embedded shape nothing does."""
    if isinstance(server, Distributed):
        [clock] = [process for process in server.processes if process.command == "clock"]
        clock.stop()
        server.processes.remove(clock)
        yield
        server.launch("clock").says("the clock runs")
    else:
        server.stop()
        yield
        server.start()


def seen_late(firing: dict[str, Any]) -> bool:
    seen_at, due_at = (datetime.fromisoformat(firing[name]) for name in ("seen_at", "due_at"))
    return seen_at - due_at > timedelta(seconds=10)


def check_outage(server: Server) -> None:
    with server.api() as api:
        made = {policy: scheduled(api, f"after: {policy}", "* * * * *", catch_up=policy) for policy in POLICIES}
    with outage(server):
        put_back(server)
    with server.api() as api:
        wait_until(lambda: all(len(outcomes(api, each)) >= 10 for each in made.values()), "they are made up for", 30)
        for policy, workflow in made.items():
            # What a clock sees up to ten seconds late still counts as punctual, and starts under every policy.
            found = [firing for firing in firings(api, workflow) if seen_late(firing) or policy != "skip"]
            assert {firing["outcome"] for firing in found} == POLICIES[policy]
            assert all(firing["reason"] for firing in found if firing["outcome"] == "missed")
            alarm = api.call("GET", f"/workflows/{workflow}")["alarm"]
            assert alarm["missed"] >= 8
            each_once(api, workflow)
            api.call("POST", f"/workflows/{workflow}/deactivate")


def test_after_ten_minutes_without_a_clock_embedded(new_server: Callable[..., Server]) -> None:
    check_outage(new_server().start())


def test_after_ten_minutes_without_a_clock_distributed(distributed: Distributed) -> None:
    check_outage(distributed)


# --- alerts ---


def test_a_failure_is_told_once_by_the_alert_workflow(either_shape: Server) -> None:
    with either_shape.api() as api:
        start = node("start", "manual_trigger")
        teller = api.published("told", [start], [])["id"]
        nodes = [node("start", "manual_trigger"), node("end", "stop", status="failed", message="Out of paper.")]
        failing = api.published("fails", nodes, chain(*nodes))["id"]
        api.call("PUT", f"/workflows/{failing}/alerts/settings", {"alert_workflow": teller})
        run = api.call("POST", f"/workflows/{failing}/execute", {"context": {}}, status=202)
        wait_until(lambda: bool(api.call("GET", f"/workflows/{failing}/alerts")["results"]), "the alert")
        time.sleep(2)
        [alert] = api.call("GET", f"/workflows/{failing}/alerts")["results"]
        assert (alert["kind"], alert["subject_id"], alert["message"]) == ("failed", run["id"], "Out of paper.")
        told = api.finished(alert["run_id"])
        assert told["trigger_payload"]["run"]["id"] == run["id"]
        assert told["trigger_type"] == "alert"

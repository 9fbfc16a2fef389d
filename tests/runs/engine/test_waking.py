"""Whoever makes a run ready that nobody has in hand says so at once: else it would lie until somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from runs.engine import wake
from runs.engine.journal import Journal
from runs.engine.lines import Close, Entry, Release
from runs.models import Run
from tests.runs.engine.making import begun, ended, engine, published, until
from tests.runs.engine.rows import ago, now, runs_that, soon, wait

pytestmark = pytest.mark.django_db(transaction=True)

HELD = {"status": "running", "owner": "wrk_1"}


@contextmanager
def heard() -> Iterator[list[bool]]:
    """Fills when somebody is woken."""
    rung: list[bool] = []
    unlisten = wake.listen(lambda: rung.append(True))
    yield rung
    unlisten()


def wakes(run: Run, **said: Any) -> bool:
    """Says this to the journal of the run's owner."""

    async def say() -> None:
        journal = Journal("wrk_1", asyncio.get_running_loop())
        journal.submit(Entry(run.id, 1, lambda entry, verdict: None, **said))
        journal.start()
        await journal.stop(30)

    with heard() as rung:
        asyncio.run(say())
    return bool(rung)


@pytest.mark.parametrize(
    ("end", "is_ready"),
    [(Release(seen=2), True), (Release(seen=3), False), (Release(at_once=True, seen=3), True)],
)
def test_a_run_that_is_ready_when_it_is_given_back(end: Release, is_ready: bool) -> None:
    """Because more events came than its owner has seen."""
    run = runs_that(run={**HELD, "events": 3})["run"]
    assert wakes(run, end=end) is is_ready
    assert now({"run": run}, "owner", "ready_at") == {"run": (None, is_ready)}


@pytest.mark.parametrize("is_held", [False, True])
def test_a_child_that_is_to_stop_and_that_nobody_has(is_held: bool) -> None:
    """Its owner would hear of it by itself."""
    child = HELD if is_held else {}
    runs = runs_that(ends=HELD, goes_on=HELD, child=child, unwanted=child)
    wait(runs["ends"], kind="child", child=runs["child"])
    assert wakes(runs["ends"], end=Close("completed")) is not is_held
    assert wakes(runs["goes_on"], unwanted=[runs["unwanted"].id]) is not is_held


def test_a_parent_whose_child_has_ended() -> None:
    parent = runs_that(parent={})["parent"]
    child = runs_that(child={**HELD, "parent": parent})["child"]
    assert wakes(child, end=Close("completed"), parent_id=parent.id)
    assert now({"parent": parent}, "ready_at") == {"parent": (True,)}


def test_a_run_that_ends_or_waits_wakes_nobody() -> None:
    runs = runs_that(ends=HELD, waits=HELD)
    wait(runs["waits"], kind="timer", wake_at=soon())
    assert not wakes(runs["ends"], end=Close("completed"))
    assert not wakes(runs["waits"], end=Release(seen=0))


def test_what_the_sweeper_finds() -> None:
    """Also where it sweeps in a process that claims nothing itself."""
    run = begun(published("a"))
    lost = {"status": "running", "owner": "wrk_dead", "ready_at": None, "epoch": 1, "started_at": ago()}
    Run.objects.filter(id=run.id).update(**lost)
    with heard() as rung, engine(claims=False):
        until(lambda: rung)
    with engine():
        ended(run)

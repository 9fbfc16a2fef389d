"""When more runs come in than are run meanwhile, what comes in goes first."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.db.models import QuerySet

from runs.engine import reception, rush, worker
from runs.engine.claimed import Adoption
from runs.engine.claiming import Claiming
from runs.engine.database import Database
from runs.engine.reception import Reception, Taken
from runs.engine.rush import CALM_SECONDS, HOLD_SECONDS, Rush
from runs.models import Run
from tests.runs.engine.making import engine, forget_connections, published, until
from tests.runs.engine.test_born_in_hand import take, wanted
from workflows.models import Workflow


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_rush_is_over_a_moment_after_the_last_one_came_in() -> None:
    clock = Clock()
    rush = Rush(clock)
    assert not rush.is_on
    with rush.one_more():
        clock.at += 10 * CALM_SECONDS
        assert (rush.is_on, rush.holds) == (True, True)
    clock.at += CALM_SECONDS / 2
    assert (rush.is_on, rush.holds) == (True, True)
    clock.at += CALM_SECONDS
    assert (rush.is_on, rush.holds) == (False, False)


def test_a_rush_that_does_not_end_holds_back_nothing_for_longer_than_its_time() -> None:
    clock = Clock()
    rush = Rush(clock)
    held = 0.0
    while clock.at < 100 + 3 * HOLD_SECONDS:
        with rush.one_more():
            clock.at += CALM_SECONDS / 3
            held += CALM_SECONDS / 3 if rush.holds else 0
        clock.at += CALM_SECONDS / 3
        held += CALM_SECONDS / 3 if rush.holds else 0
    assert (rush.is_on, rush.holds) == (True, False)
    assert held == pytest.approx(HOLD_SECONDS, rel=0.01)
    clock.at += 2 * CALM_SECONDS
    with rush.one_more():
        assert rush.holds, "the next rush has its own time"


def _count(runs: QuerySet[Run]) -> int:
    """In a thread of its own, whose connection nobody else would close."""
    count = runs.count()
    forget_connections()
    return count


@asynccontextmanager
async def _rush(here: Reception) -> AsyncIterator[None]:
    """Somebody is always just coming in."""

    async def come() -> None:
        while True:
            with here.rush.one_more():
                await asyncio.sleep(CALM_SECONDS / 10)

    coming = asyncio.create_task(come())
    await asyncio.sleep(CALM_SECONDS)
    try:
        yield
    finally:
        coming.cancel()


@pytest.mark.django_db(transaction=True)
def test_in_a_rush_runs_are_written_down_and_begin_when_it_is_over() -> None:
    workflow = published("a>b>c", c={"value": 7})
    asked = [wanted(workflow) for _ in range(5)]

    async def all_in_a_rush() -> tuple[list[Taken], int]:
        here = reception.here()
        async with _rush(here):
            taken = [await here.take(each, waits=False) for each in asked]
            begun = await asyncio.to_thread(_count, Run.objects.exclude(status="pending"))
        return taken, begun

    with engine():
        taken, begun = asyncio.run_coroutine_threadsafe(all_in_a_rush(), reception.here().loop).result(30)
        until(lambda: Run.objects.filter(workflow=workflow, status="completed").count() == 5)
    assert begun == 0
    assert {run.id for run in Run.objects.all()} == {each.run_id for each in taken}


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_run_has_it_begun_in_a_rush_too() -> None:
    asked = wanted(published("a>b>c", c={"value": 7}))

    async def in_a_rush() -> Taken:
        here = reception.here()
        async with _rush(here):
            return await here.take(asked, waits=True)

    with engine():
        taken = asyncio.run_coroutine_threadsafe(in_a_rush(), reception.here().loop).result(30)
    assert taken.sight is not None
    assert taken.sight.output == 7


@pytest.mark.django_db(transaction=True)
def test_runs_begin_in_a_rush_that_does_not_end() -> None:
    asked = wanted(published("a>b>c", c={"value": 7}))

    async def until_begun() -> None:
        here = reception.here()
        async with _rush(here):
            await here.take(asked, waits=False)
            while await asyncio.to_thread(_count, Run.objects.filter(status="completed")) == 0:
                await asyncio.sleep(0.02)

    with engine():
        asyncio.run_coroutine_threadsafe(until_begun(), reception.here().loop).result(30)


def _pending(workflow: Workflow, count: int) -> None:
    async def take_all() -> None:
        await asyncio.gather(*(reception.here().take(each, waits=False) for each in asked))

    with engine(claims=False):
        asked = [wanted(workflow) for _ in range(count)]
        asyncio.run_coroutine_threadsafe(take_all(), reception.here().loop).result(60)
    assert Run.objects.filter(status="pending").count() == count


@pytest.mark.django_db(transaction=True)
def test_more_wait_than_are_claimed_at_once() -> None:
    workflow = published("a>b>c", c={"value": 7})
    _pending(workflow, 230)
    with engine():
        until(lambda: Run.objects.filter(status="completed", epoch=1).count() == 230)
        assert take(wanted(workflow)).sight


@pytest.mark.django_db(transaction=True)
def test_what_is_claimed_when_a_rush_begins_begins_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else can: it would lie there, and be given back as a run that nobody works on."""
    workflow = published("a>b>c", c={"value": 7})
    _pending(workflow, 230)
    claimed = threading.Event()
    find = Claiming.find

    def find_and_say(self: Claiming, database: Database, owner: str, wanted: int) -> list[Adoption]:
        found = find(self, database, owner, wanted)
        reception.here().rush._coming_in += 0 if claimed.is_set() else 1  # from now on, without an end
        reception.here().rush._began = time.monotonic()
        claimed.set()
        return found

    monkeypatch.setattr(Claiming, "find", find_and_say)
    monkeypatch.setattr(rush, "HOLD_SECONDS", 5.0)
    with engine():
        assert claimed.wait(30)
        until(lambda: Run.objects.filter(status="completed").count() == worker.CLAIM_AT_ONCE, 4)
        assert not Run.objects.filter(status="running").exists()

"""When more runs come in than are run meanwhile, what comes in goes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from runs.engine import reception
from runs.engine.reception import Reception, Taken
from runs.engine.rush import CALM_SECONDS, HOLD_SECONDS, Rush
from runs.models import Run
from tests.runs.engine.making import engine, published, until
from tests.runs.engine.test_born_in_hand import take, wanted


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
            begun = await asyncio.to_thread(Run.objects.exclude(status="pending").count)
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
            while await asyncio.to_thread(Run.objects.filter(status="completed").count) == 0:
                await asyncio.sleep(0.02)

    with engine():
        asyncio.run_coroutine_threadsafe(until_begun(), reception.here().loop).result(30)


@pytest.mark.django_db(transaction=True)
def test_more_wait_than_are_claimed_at_once() -> None:
    workflow = published("a>b>c", c={"value": 7})
    with engine(claims=False):
        asked = [wanted(workflow) for _ in range(230)]

        async def all_of_them() -> None:
            await asyncio.gather(*(reception.here().take(each, waits=False) for each in asked))

        asyncio.run_coroutine_threadsafe(all_of_them(), reception.here().loop).result(60)
        assert Run.objects.filter(status="pending").count() == 230
    with engine():
        until(lambda: Run.objects.filter(status="completed", epoch=1).count() == 230)
        assert take(wanted(workflow)).sight

"""Accepting runs through the reception of this process: one commit for all callers of that moment, and no queue for a
run that may begin here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from runs.engine import reception
from runs.engine.reception import Sight, Wanted, row_of
from runs.models import Run
from runs.services.starting import StartOptions, as_run, start_run, version_to_run
from runs.waiting import may_wait, wait_for_answer
from workflows.models import Workflow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Taken:
    run: Run
    """As it was accepted: nothing has happened in it yet."""
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    run: Run
    """As it will have been accepted."""
    take: Callable[[], Awaitable[object]] | None = None
    """In the event loop; the run is accepted when this comes back. None: it is already."""


def wait_for_news(run_id: str, seconds: float, sight: Sight | None) -> None:
    """Blocks a thread until the run has ended or a respond node has answered, or the time is over."""
    if sight is None or not _in_loop(sight.first_news(seconds)):
        wait_for_answer(run_id, seconds)


def take_run(workflow: Workflow, payload: Any, options: StartOptions, *, waits: bool) -> Taken:
    """Like `start_run`, for callers in a thread and without a transaction: on disk when it comes back, and in hand at
    once if somebody `waits` or this process runs everything. What the reception does not know goes the usual way."""
    wanted = _wanted(workflow, payload, options)
    if wanted is None:
        return Taken(start_run(workflow, payload, options))
    taken = _in_loop(reception.here().take(wanted, waits=waits))
    return Taken(_as_run(wanted, options), taken.sight)


def offer_run(workflow: Workflow, payload: Any, options: StartOptions) -> Offer:
    """The same without holding up the thread, for callers who do not wait for the run."""
    wanted = _wanted(workflow, payload, options)
    if wanted is None:
        return Offer(start_run(workflow, payload, options))
    return Offer(_as_run(wanted, options), partial(reception.here().take, wanted, waits=False))


def _wanted(workflow: Workflow, payload: Any, options: StartOptions) -> Wanted | None:
    """None: it is not for the reception."""
    if not reception.is_open() or not may_wait() or not _is_plain(options):
        return None
    version_id, _ = version_to_run(workflow, options)
    return Wanted(
        project_id=workflow.project_id,
        workflow_id=workflow.id,
        version_id=version_id,
        trigger_type=options.trigger_type,
        trigger_node=options.trigger_node,
        payload=payload,
        correlation_id=options.correlation_id,
        priority=options.priority,
        deadline_seconds=workflow.deadline_seconds,
        at=reception.here().now(),
    )


def _as_run(wanted: Wanted, options: StartOptions) -> Run:
    assert wanted.at is not None  # noqa: S101 - we said it
    return as_run(row_of(replace(wanted, payload=None), wanted.at), wanted.payload, options)


def _is_plain(options: StartOptions) -> bool:
    """Says nothing but what the reception writes."""
    known = StartOptions(
        trigger_type=options.trigger_type,
        version=options.version,
        trigger_node=options.trigger_node,
        correlation_id=options.correlation_id,
        priority=options.priority,
    )
    return options.version != "draft" and options == known


def _in_loop(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, reception.here().loop).result()

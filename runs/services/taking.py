"""Accepting runs through the reception of this process: one commit for all callers of that moment, and no queue for a
run that may begin here."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db import connection

from runs.engine import reception
from runs.engine.reception import Sight, Wanted, row_of
from runs.models import Run
from runs.services.starting import StartOptions, as_run, start_run, version_to_run
from runs.waiting import wait_for_answer
from workflows.models import Workflow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Taken:
    run: Run
    """As it was accepted: nothing has happened in it yet."""
    sight: Sight | None = None


def wait_for_news(run_id: str, seconds: float, sight: Sight | None) -> None:
    """Blocks a thread until the run has ended or a respond node has answered, or the time is over."""
    if sight is None or not _in_loop(sight.first_news(seconds)):
        wait_for_answer(run_id, seconds)


def take_run(workflow: Workflow, payload: Any, options: StartOptions, *, waits: bool) -> Taken:
    """Like `start_run`, for callers in a thread and without a transaction: on disk when it comes back, and in hand at
    once if somebody `waits` or this process runs everything. What the reception does not know goes the usual way."""
    if not reception.is_open() or connection.in_atomic_block or not _is_plain(options):
        return Taken(start_run(workflow, payload, options))
    version_id, _ = version_to_run(workflow, options)
    wanted = Wanted(
        project_id=workflow.project_id,
        workflow_id=workflow.id,
        version_id=version_id,
        trigger_type=options.trigger_type,
        trigger_node=options.trigger_node,
        payload=payload,
        correlation_id=options.correlation_id,
        priority=options.priority,
        deadline_seconds=workflow.deadline_seconds,
    )
    taken = _in_loop(reception.here().take(wanted, waits=waits))
    assert taken.created_at is not None  # noqa: S101 - it has no key under which another run could be known
    row = row_of(replace(wanted, payload=None), taken.created_at)
    return Taken(as_run(row, payload, options), taken.sight)


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

"""What a node says of how far it is: seen while it runs, and not written more often than anybody looks."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, ClassVar

import pytest

from runs.engine import queries
from runs.engine.database import Postgres, Sqlite
from runs.models import Log
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, published, until
from workflows.nodes import base
from workflows.nodes.base import Context, Output, Result

pytestmark = pytest.mark.django_db(transaction=True)


class Reporter(making.Kind):
    """Says `times` times how far it is, then waits for its gate."""

    kind = "reporter"
    category: ClassVar[base.Category] = "action"

    async def run(self, params: making.Value, ctx: Context) -> Result:
        for number in range(params.times):
            ctx.progress((number + 1) / params.times, f"{number + 1} of {params.times}")
        while not making.calls.gates["r"].is_set():
            await asyncio.sleep(0.005)
        ctx.progress(params.value, "done")
        return Output(None)


@pytest.fixture(autouse=True)
def reporter(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    monkeypatch.setitem(making.Kinds.table, "reporter", Reporter())
    gate = making.calls.gates["r"] = threading.Event()
    return gate


def shown(run: Any) -> Any:
    return Log.objects.get(run=run, node_id="r").progress


def test_it_is_on_record_while_the_node_runs_and_after(reporter: threading.Event) -> None:
    run = begun(published("r:reporter", r={"times": 4, "value": 1}))
    with engine():
        until(lambda: shown_if_any(run) == {"fraction": 1.0, "message": "4 of 4"})
        before = run.seq
        run.refresh_from_db()
        assert (run.status, run.seq > before) == ("running", True)
        reporter.set()
        ended(run)
    assert shown(run) == {"fraction": 1.0, "message": "done"}


def shown_if_any(run: Any) -> Any:
    return Log.objects.filter(run=run, node_id="r").values_list("progress", flat=True).first()


def test_many_reports_are_few_writes(reporter: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    for database in (Sqlite, Postgres):
        change_each = database.change_each

        def counted(self: Any, statement: Any, rows: Any, change_each: Any = change_each) -> None:
            if statement is queries.SET_PROGRESS:
                written.append(len(rows))
            change_each(self, statement, rows)

        monkeypatch.setattr(database, "change_each", counted)
    run = begun(published("r:reporter", r={"times": 10_000, "value": 1}))
    with engine():
        until(lambda: (shown_if_any(run) or {}).get("message") == "10000 of 10000")
        reporter.set()
        ended(run)
    assert sum(written) == 2


@pytest.mark.parametrize(
    ("said", "fraction"), [(float("nan"), None), (float("inf"), None), (-3, 0.0), (7, 1.0), (None, None), (0.25, 0.25)]
)
def test_odd_fractions(reporter: threading.Event, said: Any, fraction: float | None) -> None:
    class Odd(Reporter):
        async def run(self, params: making.Value, ctx: Context) -> Result:
            ctx.progress(said, "\0" + "x" * 1000)
            return Output(None)

    making.Kinds.table["reporter"] = Odd()
    run = begun(published("r:reporter"))
    with engine():
        ended(run)
    assert run.status == "completed"
    assert shown(run) == {"fraction": fraction, "message": "�" + "x" * 199}


def test_code_says_it_too() -> None:
    source = "progress(0.25, 'a quarter')\nfor i in range(10**9):\n    pass"
    run = begun(published("r:code", r={"source": source, "seconds": 60}))
    with engine():
        until(lambda: shown_if_any(run) == {"fraction": 0.25, "message": "a quarter"})
        run.refresh_from_db()
        assert run.status == "running"
        type(run).objects.filter(id=run.id).update(intent="terminate")
        ended(run)

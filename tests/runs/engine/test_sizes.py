"""How much one run may hold, and a database that is full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from runs.engine import ledger
from runs.models import Run
from tests.people import Person
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, published
from tests.runs.engine.test_takeover import left_behind
from tests.workflows.api.drawings import made

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_that_holds_too_much_fails_and_its_neighbour_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_RUN_CHARS", 10_000)
    big = {"value": "x" * 4_000}
    large, small = begun(published("a>b>c>d:effect", a=big, b=big, c=big)), begun(published("a>b", a=big, b=big))
    with engine():
        ended(large)
        ended(small)
    assert (large.status, large.error["code"], large.error["node_id"]) == ("failed", "run_too_large", "c")
    assert (small.status, making.calls.begun) == ("completed", [])


def test_what_was_recorded_before_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_RUN_CHARS", 10_000)
    run = left_behind(begun(published("a:effect>b:effect>c")), ("a", "completed", "x" * 9_000))
    with engine():
        ended(run)
    assert run.error["code"] == "run_too_large"


def test_items_that_a_loop_makes_and_failures_that_are_handled_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_RUN_CHARS", 10_000)
    around = {"items": [1, 2, 3, 4, 5], "on_failure": "collect"}
    loops = published(
        "each:for_each inner@each:for_each a@inner",
        each=around,
        inner={"items": "{{ ['x' * 3_000] }}"},
        a={"value": 1},
    )
    failures = published("each:for_each a@each:refuse", each=around, a={"name": "no", "value": "x" * 3_000})
    shared = published(
        "a>each:for_each b@each", a={"value": ["x" * 6_000]}, each={"items": "{{ input }}"}, b={"value": 1}
    )
    runs = [begun(loops), begun(failures), begun(shared)]
    with engine():
        for run in runs:
            ended(run)
    told = [run.error and (run.error["code"], run.error["node_id"], run.error["iteration"]) for run in runs]
    assert told == [("run_too_large", "inner", "3"), ("run_too_large", "a", "3"), None]


def test_so_do_those_that_were_recorded_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_RUN_CHARS", 10_000)
    workflow = published("each:for_each a@each:effect", each={"items": "{{ ['x' * 6_000] }}"}, a={"value": "y" * 5_000})
    run = left_behind(begun(workflow), ("each", "started", None))
    run.logs.update(passes={"items": ["x" * 6_000], "at_once": 1, "keep_going": False})
    with engine():
        ended(run)
    assert (run.error["code"], run.error["iteration"]) == ("run_too_large", "0")


@contextmanager
def full_database() -> Iterator[None]:
    """SQLite's file may not grow; PostgreSQL says what it says when a tablespace is full."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")  # what earlier tests left is room too
            cursor.execute("PRAGMA page_count")
            [(pages,)] = cursor.fetchall()
            full, room = [f"PRAGMA max_page_count = {pages}"], ["PRAGMA max_page_count = 1073741823"]
        else:
            full, room = [_REFUSE, _REFUSE_RUNS], ["DROP FUNCTION refuse() CASCADE"]
        for statement in full:
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in room:
                cursor.execute(statement)


_REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"""
_REFUSE_RUNS = "CREATE TRIGGER full_disk BEFORE INSERT ON runs_run FOR EACH ROW EXECUTE FUNCTION refuse()"


def test_a_full_database_takes_nothing_and_goes_on_when_there_is_room(alice: Person) -> None:
    client = alice.client()
    path = f"/workflows/{made(client, published=True)['id']}/execute"
    body: Any = {"context": {"text": "x" * 500_000}}
    with full_database():
        answer = client.post(path, body, Idempotency_Key="k")
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        assert not Run.objects.exists()
    answer = client.post(path, body, Idempotency_Key="k")
    assert (answer.status_code, "Idempotent-Replayed" in answer) == (202, False)

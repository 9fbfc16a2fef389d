"""Tests that hold the engine's promises, and for each a mutation of the engine that it must notice.

A guard that stays green when what it guards is gone guards nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runs.engine import queries
from runs.engine.database import Statement
from runs.engine.journal import Journal
from runs.engine.lines import Entry, Release, Verdict
from runs.engine.state import State
from runs.models import Event, Log, Run
from runs.services import events, raise_event, resume_run, suspend_run, terminate_run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, published, until

pytestmark = pytest.mark.django_db(transaction=True)


# --- the promises ---


def nothing_is_written_in_another_epoch() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect"))
    with engine():
        until(lambda: making.calls.begun == ["a"])
        Run.objects.filter(id=run.id).update(epoch=7)
        making.calls.gates["a"].set()
        until(lambda: making.calls.ended == ["a"])
    assert Log.objects.get(run=run).status == "started", "an outcome of an old epoch was written"


def branches_are_begun_together() -> None:
    making.calls.gates = {"a": threading.Event(), "b": threading.Event()}
    run = begun(published("t:manual_trigger>a:effect t>b:effect"))
    with engine():
        try:
            until(lambda: sorted(making.calls.begun) == ["a", "b"], 2)
        finally:
            for gate in making.calls.gates.values():
                gate.set()
        ended(run)


def a_node_begins_after_what_it_depends_on_is_on_disk() -> None:
    """Looked at from inside the second node, through a connection of its own."""
    seen: dict[str, list[tuple[str, str]]] = {}
    run = begun(published("a:effect>p>b:effect"))

    def look(node_id: str) -> None:
        def read() -> None:
            seen[node_id] = list(Log.objects.filter(run=run).order_by("seq").values_list("node_id", "status"))
            making.forget_connections()

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()

    making.calls.before = look
    with engine():
        ended(run)
    assert seen["a"] == [("a", "started")], "its start line was not on disk"
    assert seen["b"] == [("a", "completed"), ("p", "completed"), ("b", "started")], "its past was not on disk"


def an_event_wakes_who_waits_for_it() -> None:
    """The sweeper would not: a run that waits for an event may wait for ever."""
    run = begun(published("a:wait_for_event", a={"name": "go"}))
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        until(lambda: Run.objects.get(id=run.id).owner is None)
        raise_event(run, "go", {"n": 1})
        until(lambda: Run.objects.get(id=run.id).is_terminal, 7)


def what_comes_while_a_run_is_given_back_is_heard() -> None:
    """It is told between its owner's last look at the inbox and the commit that gives it back."""
    run = begun(published("a:wait_for_event", a={"name": "go"}))
    write = Journal._write

    def told_before(self: Journal, entries: list[Entry]) -> None:
        if any(isinstance(entry.end, Release) for entry in entries) and not Event.objects.exists():
            raise_event(run, "go", {"n": 1})
            making.forget_connections()
        write(self, entries)

    with pytest.MonkeyPatch.context() as patch, engine():
        patch.setattr(Journal, "_write", told_before)
        until(lambda: Run.objects.get(id=run.id).is_terminal, 10)


def what_has_ended_stays_as_it_is() -> None:
    run = begun(published("a:effect"))
    with engine():
        ended(run)
        for steer in (suspend_run, resume_run, terminate_run):
            assert steer(run).run.status == "completed", "a terminal status was changed"


@pytest.mark.parametrize(
    "promise",
    [
        nothing_is_written_in_another_epoch,
        branches_are_begun_together,
        a_node_begins_after_what_it_depends_on_is_on_disk,
        an_event_wakes_who_waits_for_it,
        what_comes_while_a_run_is_given_back_is_heard,
        what_has_ended_stays_as_it_is,
    ],
)
def test_the_engine_keeps_its_promise(promise: Callable[[], None]) -> None:
    promise()


# --- the mutations ---


def without_the_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(text: str) -> str:
        for condition in ("AND run.epoch = json_extract(line.value, '$.epoch')", "AND run.epoch = x.epoch"):
            text = text.replace(condition, "")
        return text.replace("run.seq, run.epoch", "run.seq, json_extract(line.value, '$.epoch')")

    guard = queries.GUARD
    mutant = Statement(cut(guard.sqlite), cut(guard.postgresql))
    assert mutant.sqlite != guard.sqlite
    assert mutant.postgresql != guard.postgresql
    monkeypatch.setattr(queries, "GUARD", mutant)


def one_node_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = State.ready
    monkeypatch.setattr(State, "ready", lambda self: [] if self.open else ready(self)[:1])


def starts_before_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    submit = Journal.submit

    def early(self: Journal, entry: Entry) -> None:
        then, entry.then = entry.then, lambda entry, verdict: None
        self._loop.call_soon(then, entry, Verdict.RECORDED)
        self._loop.call_later(0.3, submit, self, replace(entry))

    monkeypatch.setattr(Journal, "submit", early)


def without_the_wake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "Now", lambda: None)


def without_a_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    release = queries.RELEASE
    mutant = Statement(
        release.sqlite.replace("events > :seen", "events < 0"),
        release.postgresql.replace("events > x.seen", "events < 0"),
    )
    assert mutant.sqlite != release.sqlite
    assert mutant.postgresql != release.postgresql
    monkeypatch.setattr(queries, "RELEASE", mutant)


def without_the_guard_of_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "LIVE", (*Run.LIVE, *Run.TERMINAL))


@pytest.mark.parametrize(
    ("promise", "mutate", "complaint"),
    [
        (nothing_is_written_in_another_epoch, without_the_epoch, "old epoch was written"),
        (branches_are_begun_together, one_node_at_a_time, "never came true"),
        (a_node_begins_after_what_it_depends_on_is_on_disk, starts_before_the_commit, "not on disk"),
        (an_event_wakes_who_waits_for_it, without_the_wake, "never came true"),
        (what_comes_while_a_run_is_given_back_is_heard, without_a_second_look, "never came true"),
        (what_has_ended_stays_as_it_is, without_the_guard_of_the_status, "a terminal status was changed"),
    ],
)
def test_a_mutated_engine_is_found_out(
    promise: Callable[[], None],
    mutate: Callable[[pytest.MonkeyPatch], Any],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError, match=complaint):
        promise()

"""Nodes that are left out before the run reaches them."""

from __future__ import annotations

import threading

import pytest

from runs.models import Run
from runs.services import pending_waits, skip_node, skipping, suspend_run, tell_outcome
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, forget_connections, logs, published, until
from wire.problems import Conflict, NotFound

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_does_not_run_and_what_follows_has_what_was_said() -> None:
    run = begun(published("a:await>b:effect>c:effect", a={"name": "x"}))
    with engine():
        until(lambda: pending_waits(run).exists())
        skip_node(run, "b", {"said": 1})
        tell_outcome(pending_waits(run).get(), 0)
        ended(run)
    assert (making.calls.begun, run.output) == (["c"], {"said": 1})
    assert logs(run)[1] == ("b", 1, "completed", "out")
    assert not run.inbox.filter(delivered_at=None).exists()


def test_one_is_left_out_before_anybody_works_on_the_run() -> None:
    run = begun(published("a:effect>b:set", b={"value": 2}))
    skip_node(run, "a", 1)
    skip_node(run, "b", 1)
    with engine():
        ended(run)
    assert (making.calls.begun, run.output) == ([], 1)


def test_a_run_at_work_is_held_until_its_worker_knows() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect>b:effect>c:set"))

    def skip() -> None:
        try:
            skip_node(Run.objects.get(pk=run.pk), "b", "said")
        finally:
            forget_connections()

    with engine():
        until(lambda: making.calls.begun)
        skipping_it = threading.Thread(target=skip)
        skipping_it.start()
        until(lambda: Run.objects.filter(pk=run.pk, status="suspended").exists())
        making.calls.gates["a"].set()
        skipping_it.join()
        ended(run)
    assert (making.calls.begun, run.output) == (["a"], "said")


def test_a_node_that_takes_long_refuses_it_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skipping, "HOLD_SECONDS", 0.2)
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("a:effect>b:effect"))
    with engine():
        until(lambda: making.calls.begun)
        with pytest.raises(Conflict) as refused:
            skip_node(run, "b", "said")
        making.calls.gates["a"].set()
        ended(run)
    assert (refused.value.code, making.calls.begun) == ("run_busy", ["a", "b"])


def test_what_cannot_be_left_out() -> None:
    drawing = "t:manual_trigger>a:await>i:if i.true>b:set a>each:for_each c@each:set"
    run = begun(published(drawing, a={"name": "x"}))
    with pytest.raises(NotFound):
        skip_node(run, "nope", None)
    for node_id in ("t", "i", "c"):
        with pytest.raises(Conflict) as refused:
            skip_node(run, node_id, None)
        assert refused.value.code == "not_skippable"
    suspend_run(run)
    with pytest.raises(Conflict) as refused:
        skip_node(run, "b", None)
    assert refused.value.code == "not_running"

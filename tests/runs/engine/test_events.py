"""Events: kept until a node takes them, each delivered once, the oldest first."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from runs.models import Event, Run
from runs.services import events, raise_by_correlation, raise_event, resume_run, suspend_run, terminate_run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, forget_connections, logs, new_project, published, until
from wire.problems import Conflict, Invalid, TooManyRequests

pytestmark = pytest.mark.django_db(transaction=True)


def waits(run: Run) -> bool:
    return Run.objects.filter(id=run.id, status="waiting", owner=None).exists()


def delivered(run: Run) -> list[Any]:
    return [event.payload for event in run.inbox.order_by("id") if event.delivered_at]


def test_a_waiting_run_goes_on_with_what_it_is_told() -> None:
    run = begun(published("a:await>b:effect", a={"name": "paid"}))
    with engine():
        until(lambda: waits(run))
        assert raise_event(run, "paid", {"sum": 3}).is_new
        ended(run, 5)
    assert (run.output, delivered(run)) == ({"sum": 3}, [{"sum": 3}])
    assert logs(run)[0] == ("a", 1, "completed", "out")
    assert run.waits.get().done_at is not None


def test_an_event_before_its_wait_is_kept() -> None:
    run = begun(published("a:await", a={"name": "paid"}))
    raise_event(run, "other", 0)
    raise_event(run, "paid", 1)
    raise_event(run, "paid", 2)
    with engine():
        ended(run, 5)
    assert (run.output, delivered(run)) == (1, [1])


def test_one_that_comes_while_the_run_is_busy_is_heard() -> None:
    making.calls.gates = {"z": threading.Event()}
    run = begun(published("a:await z:effect", a={"name": "paid"}))
    with engine():
        until(lambda: making.calls.begun)
        raise_event(run, "paid", 1)
        until(lambda: delivered(run), 5)
        making.calls.gates["z"].set()
        ended(run, 5)
    assert run.epoch == 1


def test_each_goes_to_one_node_and_the_oldest_first() -> None:
    run = begun(published("a:await>b:await>c:await", a={"name": "x"}, b={"name": "x"}, c={"name": "x"}))
    with engine():
        until(lambda: waits(run))
        for number in range(3):
            raise_event(run, "x", number)
        ended(run, 10)
    assert [log.output for log in run.logs.order_by("node_id")] == [0, 1, 2]


def test_two_that_wait_at_the_same_time_get_one_each() -> None:
    run = begun(published("a:await b:await", a={"name": "x"}, b={"name": "x"}))
    with engine():
        until(lambda: waits(run))
        raise_event(run, "x", 1)
        until(lambda: waits(run) and delivered(run))
        raise_event(run, "x", 2)
        ended(run, 10)
    outputs: list[Any] = [log.output for log in run.logs.all()]
    assert sorted(outputs) == [1, 2]


def test_the_same_event_twice_is_one() -> None:
    run = begun(published("a:await>b:await", a={"name": "x"}, b={"name": "x"}))
    assert raise_event(run, "x", 1, event_id="e").is_new
    assert not raise_event(run, "x", 1, event_id="e").is_new
    with pytest.raises(Invalid):
        raise_event(run, "x", 2, event_id="e")
    with engine():
        until(lambda: waits(run))
        assert not raise_event(run, "x", 1, event_id="e").is_new
        time.sleep(0.3)
        assert waits(run)
        terminate_run(run)
        ended(run)


def test_without_an_event_the_time_runs_out() -> None:
    run = begun(published("a:await a.timeout>b:set", a={"name": "x", "seconds": 0.2}, b={"value": "late"}))
    with engine():
        ended(run, 5)
    assert (run.output, logs(run)[0]) == ("late", ("a", 1, "completed", "timeout"))


def test_an_event_that_came_before_the_time_ran_out_counts() -> None:
    """The owner has not heard of it when its timer rings."""
    making.calls.gates = {"z": threading.Event()}
    run = begun(published("a:await z:effect", a={"name": "x", "seconds": 0.4}))
    with engine():
        until(lambda: run.waits.exists())
        Event.objects.create(run=run, event_id="e", name="x", payload="1", received_at=run.created_at)
        until(lambda: run.logs.filter(node_id="a", status="completed").exists(), 5)
        making.calls.gates["z"].set()
        ended(run)
    assert run.logs.get(node_id="a").handle == "out"


def test_a_long_time_is_waited_for_without_a_worker() -> None:
    run = begun(published("a:await a.timeout>b", a={"name": "x", "seconds": 1.6}))
    with engine(slots=1):
        until(lambda: waits(run))
        ended(run, 10)
    assert (run.status, run.epoch) == ("completed", 2)


def test_a_suspended_run_hears_after_its_resume() -> None:
    run = begun(published("a:await", a={"name": "x"}))
    with engine():
        until(lambda: waits(run))
        suspend_run(run)
        raise_event(run, "x", 1)
        time.sleep(0.3)
        assert delivered(run) == []
        resume_run(run)
        ended(run, 5)
    assert run.output == 1


def test_nothing_is_told_to_a_run_that_ends() -> None:
    run = begun(published("a:await", a={"name": "x"}))
    terminate_run(run)
    with pytest.raises(Conflict) as refused:
        raise_event(run, "x", 1)
    assert refused.value.code == "run_ended"
    assert not Event.objects.exists()


def test_the_inbox_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_INBOX", 3)
    run = begun(published("a:await", a={"name": "x"}))
    for number in range(3):
        raise_event(run, "x", number)
    with pytest.raises(TooManyRequests):
        raise_event(run, "x", 3)
    with engine():
        ended(run)
    assert delivered(run) == [0]


def test_by_correlation_it_finds_who_waits_for_it() -> None:
    project = new_project()
    drawing = published("a:await", project, a={"name": "x"})
    explicit = published("a:await", project, "other", a={"name": "x", "value": "order-1"})
    mine, other = begun(drawing, correlation_id="order-1"), begun(drawing, correlation_id="order-2")
    named, stranger = begun(explicit), begun(published("a:await", a={"name": "x"}), correlation_id="order-1")
    with engine():
        until(lambda: all(map(waits, (mine, other, named, stranger))))
        told = raise_by_correlation(project, "x", "order-1", 5)
        assert [each.event.run_id for each in told] == [mine.id, named.id]
        assert (ended(mine).output, ended(named).output) == (5, 5)
        assert waits(other)
        assert waits(stranger)
        raise_by_correlation(project, "x", "order-2", 6)
        assert ended(other).output == 6


def test_by_correlation_everybody_is_told_however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BATCH", 2)
    project = new_project()
    drawing = published("a:await", project, a={"name": "x"})
    runs = [begun(drawing, correlation_id="order-1") for _ in range(5)]
    payload = ["long" * 100_000]
    with engine():
        told = raise_by_correlation(project, "x", "order-1", payload, event_id="e")
        assert [(each.event.run_id, each.is_new) for each in told] == [(run.id, True) for run in runs]
        assert [ended(run).output for run in runs] == [payload] * 5


def test_by_correlation_all_are_told_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "BATCH", 1)
    monkeypatch.setattr(events, "MAX_INBOX", 1)
    project = new_project()
    drawing = published("a:await", project, a={"name": "x"})
    first, second = (begun(drawing, correlation_id="order-1") for _ in range(2))
    raise_event(second, "other", 1)
    with pytest.raises(TooManyRequests, match=second.id):
        raise_by_correlation(project, "x", "order-1", 5)
    monkeypatch.setattr(events, "MAX_RUNS", 1)
    with pytest.raises(Invalid) as refused:
        raise_by_correlation(project, "x", "order-1", 5)
    assert refused.value.code == "too_many_runs"
    assert (first.inbox.count(), second.inbox.count()) == (0, 1)


def test_many_at_once_are_all_taken_once() -> None:
    count = 20
    names = [f"n{number}" for number in range(count)]
    drawing = ">".join(f"{name}:await" for name in names)
    settings: dict[str, Any] = {name: {"name": "x"} for name in names}
    run = begun(published(drawing, **settings))

    def tell(number: int) -> None:
        try:
            raise_event(run, "x", number, event_id=f"e{number}")
        finally:
            forget_connections()

    with engine(lease=5.0):
        threads = [threading.Thread(target=tell, args=[number]) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ended(run, 30)
    outputs: list[Any] = [log.output for log in run.logs.all()]
    assert sorted(outputs) == list(range(count))
    assert not run.inbox.filter(delivered_at=None).exists()

"""Deleting what has ended."""

from collections.abc import Callable

import pytest

from runs.models import Log, PurgedRun, Run, Wait
from runs.services import delete_runs, purge_run, retry_run, suspend_run, terminate_run
from runs.waiting import wait_for_end
from tests.runs.engine.making import begun, ended, engine, published, until
from wire.problems import Conflict, NotFound, Unavailable

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_purged_run_is_gone_and_leaves_a_line() -> None:
    run = begun(published("a:sleep", a={"seconds": 0}), handle="mine", metadata={"k": "v"})
    with engine():
        ended(run)
    again = retry_run(run)
    purged = purge_run(run, by="ada@example.com")
    assert (purged.run_id, purged.was) == (run.id, "completed")
    assert not Run.objects.filter(id=run.id).exists()
    assert (Log.objects.count(), Wait.objects.count()) == (0, 0)
    line = PurgedRun.objects.get()
    assert (line.id, line.handle, line.status, line.purged_by) == (run.id, "mine", "completed", "ada@example.com")
    assert Run.objects.get(id=again.id).retry_of_id is None
    assert begun(run.workflow, handle="mine").handle == "mine"


def test_only_what_has_ended() -> None:
    run = begun(published("a"))
    with pytest.raises(Conflict) as refused:
        purge_run(run, by="ada")
    assert refused.value.code == "run_not_ended"
    assert delete_runs([run.id], by="ada") == 0
    assert Run.objects.get().status == "pending"
    assert not PurgedRun.objects.exists()


def test_a_forced_purge_ends_the_run_first() -> None:
    run = begun(published("a:effect", a={"seconds": 30}))
    with engine():
        until(lambda: run.logs.filter(status="started").exists())
        assert purge_run(run, by="ada", force=True).was == "running"
    assert not Run.objects.exists()


def test_a_forced_purge_of_what_does_not_stop_says_so() -> None:
    run = begun(published("a"))
    Run.objects.filter(id=run.id).update(owner="wrk_far", status="running", epoch=1, ready_at=None)
    with pytest.raises(Unavailable) as refused:
        purge_run(run, by="ada", force=True, patience=0)
    assert refused.value.code == "run_not_ended"
    assert Run.objects.get().intent == "terminate"


def test_what_somebody_else_has_purged_meanwhile_is_not_found() -> None:
    """Whatever is asked of it: each of these had read the run before it was gone."""
    run = terminate_run(begun(published("a"))).run
    purge_run(Run.objects.get(), by="ada")
    again: list[Callable[[], object]] = [
        lambda: purge_run(run, by="ada"),
        lambda: purge_run(run, by="ada", force=True),
        lambda: retry_run(run),
        lambda: suspend_run(run),
        lambda: wait_for_end(run.id, 1),
    ]
    for ask in again:
        with pytest.raises(NotFound):
            ask()
    assert not Run.objects.exists()


def test_an_end_that_the_parent_has_not_seen_yet_is_kept() -> None:
    child = terminate_run(begun(published("a"))).run
    parent = begun(child.workflow)
    Wait.objects.create(run=parent, node_id="a", attempt=1, kind="child", child=child)
    with pytest.raises(Conflict) as refused:
        purge_run(child, by="ada")
    assert refused.value.code == "parent_waits"

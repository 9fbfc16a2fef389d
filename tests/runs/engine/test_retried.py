"""Running again: from the start, or from where it failed."""

from typing import Any

import pytest

from runs.models import Run
from runs.services import Retry, retry_run, start_run, suspend_run, terminate_run
from runs.services.starting import StartOptions
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, logs, published
from wire.problems import Conflict, Invalid, Problem
from workflows.models import Version

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_retry_is_a_new_run_with_all_that_was_said_of_the_first() -> None:
    said: dict[str, Any] = {"correlation_id": "c", "priority": 3, "metadata": {"k": "v"}, "handle": "mine"}
    run = terminate_run(begun(published("t:manual_trigger>a"), {"p": 1}, deadline_seconds=60, **said)).run
    again = retry_run(run)
    assert (again.retry_of_id, again.status, again.trigger_payload) == (run.id, "pending", {"p": 1})
    assert (again.correlation_id, again.priority, again.metadata, again.handle) == ("c", 3, {"k": "v"}, None)
    assert again.deadline_at is not None
    assert (again.deadline_at - again.created_at).total_seconds() == pytest.approx(60)


def test_another_payload_and_the_newest_version() -> None:
    workflow = published("a")
    run = terminate_run(begun(workflow)).run
    workflow.published = Version.objects.create(workflow=workflow, state="published", number=2)
    workflow.save()
    assert retry_run(run).version_id == run.version_id
    again = retry_run(run, Retry(payload=[5], version=None))
    assert (again.version_id, again.trigger_payload) == (workflow.published_id, [5])


def test_the_callers_id_can_go_to_the_new_run() -> None:
    run = terminate_run(begun(published("a"), handle="mine")).run
    again = retry_run(run, Retry(takes_handle=True))
    run.refresh_from_db()
    assert (run.handle, Run.objects.get(handle="mine").id) == (None, again.id)


def test_from_the_failed_node_what_was_recorded_is_not_done_again() -> None:
    run = begun(published("a:effect>s>b:effect>c:effect d:effect>c", b={"times": 1, "value": 2}), {"x": 1})
    with engine():
        ended(run)
        assert run.status == "failed"
        ended(again := retry_run(run, Retry(from_failed=True)))
    assert (again.status, making.calls.begun.count("b")) == ("completed", 2)
    assert [making.calls.begun.count(node) for node in "adc"] == [1, 1, 1]
    assert sorted(entry[0] for entry in logs(again)) == ["a", "b", "c", "d", "s"]
    assert not set(run.logs.values_list("id", flat=True)) & set(again.logs.values_list("id", flat=True))


def test_a_terminated_run_can_be_taken_up_where_it_was() -> None:
    run = begun(published("a:effect>b:sleep>c:effect", b={"seconds": 30}))
    with engine():
        making.until(lambda: Run.objects.get(id=run.id).status == "waiting")
        terminate_run(run)
        ended(run)
        again = retry_run(run, Retry(from_failed=True))
        making.until(lambda: Run.objects.get(id=again.id).status == "waiting")
    assert making.calls.begun == ["a"]


def test_what_cannot_be_run_again() -> None:
    run = begun(published("a"))
    with pytest.raises(Conflict, match="not ended"):
        retry_run(run)
    suspend_run(run)
    with pytest.raises(Conflict, match="not ended"):
        retry_run(run)
    terminate_run(run)
    with pytest.raises(Invalid):
        retry_run(run, Retry(from_failed=True, payload={}))
    Run.objects.filter(id=run.id).update(status="completed")
    run.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        retry_run(run, Retry(from_failed=True))
    assert refused.value.code == "nothing_to_retry"


def test_a_handle_is_not_lost_when_the_retry_is_refused() -> None:
    workflow = published("a")
    run = terminate_run(start_run(workflow, {}, StartOptions("api", handle="mine"))).run
    with pytest.raises(Problem):
        retry_run(run, Retry(takes_handle=True, version=9))
    assert Run.objects.get(handle="mine").id == run.id


def test_a_container_that_failed_begins_anew_and_one_that_completed_is_kept() -> None:
    workflow = published(
        "a:effect>l:for_each>m:for_each x@l:effect y@m:effect",
        l={"items": [1, 2]},
        m={"items": [1, 2]},
        y={"times": 1},
    )
    run = begun(workflow)
    with engine():
        ended(run)
        assert run.status == "failed"
        ended(again := retry_run(run, Retry(from_failed=True)))
    assert again.status == "completed"
    assert [making.calls.begun.count(node) for node in "ax"] == [1, 2]

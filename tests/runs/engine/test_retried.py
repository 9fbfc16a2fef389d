"""Running again: from the start, or from where it failed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.engine.plan import Place
from runs.models import Run
from runs.records import run_record
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


def test_the_time_that_a_run_was_to_begin_later_is_not_added_to_its_retrys_deadline() -> None:
    later = timezone.now() + timedelta(hours=1)
    run = terminate_run(begun(published("a"), start_at=later, deadline_seconds=60)).run
    again = retry_run(run)
    assert again.ready_at is not None
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


def test_what_was_done_in_a_container_that_is_kept_is_seen_in_the_new_run_too() -> None:
    each, not_two = {"items": [1, 2, 3], "on_failure": "collect"}, {"value": "{{ 6 / (item - 2) }}"}
    run = begun(published("each:for_each>z:effect a@each:effect>b@each", each=each, b=not_two, z={"times": 1}))
    with engine():
        assert ended(run).status == "failed"
        again = ended(retry_run(run, Retry(from_failed=True)))
    assert (again.status, begins("a", "z")) == ("completed", [3, 2])
    before, after = (run_record(each) for each in (run, again))
    for node_id in ("a", "b", "each"):
        now, then = after["node_states"][node_id], before["node_states"][node_id]
        assert (now["status"], now["iterations"], now["passes"]) == (then["status"], then["iterations"], then["passes"])
    inputs = [{(log["node_id"], log["iteration"]): log["input"] for log in each["logs"]} for each in (before, after)]
    assert inputs[0] == inputs[1]


# --- beginning with a chosen node ---


def begins(*node_ids: str) -> list[int]:
    return [making.calls.begun.count(node_id) for node_id in node_ids]


def retried(run: Run, node_id: str, iteration: str = "", **more: Any) -> Run:
    return ended(retry_run(run, Retry(begin_at=[Place(node_id, iteration)], **more)))


def test_from_a_chosen_node_what_lies_before_and_beside_it_is_kept() -> None:
    run = begun(published("t:manual_trigger>a:effect>b:effect>c:effect a>d:effect>e:effect c>e"), {"x": 1})
    with engine():
        ended(run)
        again = retried(run, "b")
    assert (again.status, again.retry_of_id, again.output) == ("completed", run.id, run.output)
    assert begins("a", "d", "b", "c", "e") == [1, 1, 2, 2, 2]


def test_from_a_chosen_node_of_a_run_that_failed_further_on() -> None:
    run = begun(published("a:effect>b:effect>c:effect d:effect", c={"times": 1}))
    with engine():
        assert ended(run).status == "failed"
        again = retried(run, "b")
    assert (again.status, begins("a", "b", "c")) == ("completed", [1, 2, 2])


def test_another_payload_meets_what_begins_again_and_not_what_is_kept() -> None:
    workflow = published("a>b", a={"value": "{{ trigger.x }}"}, b={"value": "{{ [input, trigger.x] }}"})
    run = begun(workflow, {"x": 1})
    with engine():
        ended(run)
        assert retried(run, "b", payload={"x": 2}).output == [1, 2]


def test_from_a_node_in_a_loop_the_other_passes_are_kept_where_passes_run_beside_each_other() -> None:
    each = {"items": [10, 20, 30], "concurrency": 2}
    run = begun(published("s:effect>each:for_each>z:effect a@each:effect>b@each:effect", each=each))
    with engine():
        ended(run)
        again = retried(run, "b", "1")
    assert (again.output, begins("s", "a", "b", "z")) == ([10, 20, 30], [1, 3, 4, 2])


def test_from_a_node_in_a_loop_later_passes_run_again_where_one_comes_after_the_other() -> None:
    run = begun(published("each:for_each a@each:effect>b@each:effect", each={"items": [10, 20, 30]}))
    with engine():
        ended(run)
        again = retried(run, "b", "1")
    assert (again.output, begins("a", "b")) == ([10, 20, 30], [4, 5])
    assert making.iterations(again, "a") == dict.fromkeys("012", "completed")


def test_the_one_item_that_failed_is_done_again() -> None:
    each = {"items": [1, 2, 3, 4], "concurrency": 4, "on_failure": "collect"}
    not_two = {"conditions": [{"left": "{{ item }}", "type": "number", "operator": "ne", "right": 2}]}
    drawing = "each:for_each way@each:if way.true>a@each:effect way.false>b@each:effect"
    run = begun(published(drawing, each=each, way=not_two, b={"times": 1}))
    with engine():
        assert ended(run).output[1]["error"]["iteration"] == "1"
        again = retried(run, "b", "1")
    assert (again.output, begins("a", "b")) == ([1, 2, 3, 4], [3, 2])


def test_from_a_node_in_a_loop_that_repeats_the_passes_before_are_kept() -> None:
    until = {"until": "input >= 3"}
    run = begun(published("loop:repeat_until a@loop:effect>b@loop", loop=until, b={"value": "{{ index + 1 }}"}), 0)
    with engine():
        ended(run)
        again = retried(run, "a", "1")
    assert (again.output, begins("a")) == (3, [5])


def test_from_a_node_in_a_loop_in_a_loop() -> None:
    settings: dict[str, Any] = {
        "rows": {"items": [[1, 2], [3, 4]], "concurrency": 2},
        "cells": {"items": "{{ item }}", "concurrency": 2},
    }
    run = begun(published("rows:for_each cells@rows:for_each a@cells:effect>b@cells:effect", **settings))
    with engine():
        ended(run)
        again = retried(run, "b", "1.0")
    assert (again.output, begins("a", "b")) == ([[1, 2], [3, 4]], [4, 5])


def test_a_container_that_is_opened_again_has_its_time_again() -> None:
    run = begun(published("each:for_each a@each:effect", each={"items": [1, 2], "timeout": 600}))
    with engine():
        ended(run)
    again = retry_run(run, Retry(begin_at=[Place("a", "1")]))
    wait, opened = again.waits.get(), again.logs.get(node_id="each")
    assert (wait.node_id, wait.kind, opened.status) == ("each", "timeout", "started")
    assert wait.wake_at == opened.started_at + timedelta(seconds=600)


def test_what_was_undone_is_done_again_and_may_be_undone_again() -> None:
    drawing = "a:effect>b:effect>c:effect a.compensate>u:effect"
    run = begun(published(drawing, a={"compensate": True}, c={"times": 2}))
    with engine():
        assert ended(run).status == "failed"
        again = ended(retry_run(run, Retry(from_failed=True)))
    assert (again.status, begins("a", "b", "c", "u")) == ("failed", [2, 2, 2, 2])


def test_the_node_that_stopped_a_run_stops_it_again() -> None:
    run = begun(published("a:effect>s:stop", s={"handle": "failed"}))
    with engine():
        ended(run)
        again = ended(retry_run(run, Retry(from_failed=True)))
    assert (again.status, again.error["code"], begins("a")) == ("failed", "stopped", [1])


@pytest.mark.parametrize(("node_id", "iteration"), [("ghost", ""), ("c", ""), ("a", "0")])
def test_nothing_begins_with_what_has_not_run(node_id: str, iteration: str) -> None:
    run = begun(published("a b>c", b={"handle": "other"}))
    with engine():
        ended(run)
    with pytest.raises(Conflict) as refused:
        retry_run(run, Retry(begin_at=[Place(node_id, iteration)]))
    assert refused.value.code == "not_run"


def test_it_goes_on_after_a_crash_with_what_was_kept() -> None:
    each = {"items": [10, 20], "concurrency": 2}
    run = begun(published("each:for_each>z:effect a@each:effect>b@each:effect", each=each))
    with engine():
        ended(run)
    again = retry_run(run, Retry(begin_at=[Place("b", "1")]))
    Run.objects.filter(id=again.id).update(owner="gone", epoch=2, ready_at=None, status="running")
    with engine():
        assert ended(again).output == [10, 20]
    assert begins("a", "b", "z") == [2, 3, 2]

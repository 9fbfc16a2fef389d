"""Containers through the real engine: loops, their limits and failures, and what a new owner makes of half of one."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.models import Log, Run, Wait
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, iterations, logs, published, until
from tests.runs.engine.test_takeover import left_behind

pytestmark = pytest.mark.django_db(transaction=True)


IS_ONE: Any = {"conditions": [{"left": "{{ trigger }}", "type": "number", "operator": "eq", "right": 1}]}


def ran(drawing: str, payload: Any = None, **settings: Any) -> Run:
    run = begun(published(drawing, **settings), payload)
    with engine():
        return ended(run)


# --- for each ---


def test_for_each_gives_the_results_in_the_order_of_the_items() -> None:
    run = ran(
        "each:for_each a@each:effect>b@each",
        {"list": ["x", "y", "z"]},
        each={"items": "{{ input.list }}", "concurrency": 3},
        b={"value": "{{ item }}{{ index }} {{ nodes.a }}"},
    )
    assert run.output == ["x0 x", "y1 y", "z2 z"]
    assert iterations(run, "b") == dict.fromkeys("012", "completed")
    assert iterations(run, "each") == {"": "completed"}


@pytest.mark.parametrize("concurrency", [1, 2])
def test_no_more_passes_run_at_once_than_are_allowed(concurrency: int) -> None:
    making.calls.gates = {"a": threading.Event()}
    run = begun(published("each:for_each a@each:effect", each={"items": [1, 2, 3], "concurrency": concurrency}))
    with engine():
        until(lambda: len(making.calls.begun) == concurrency)
        making.calls.gates["a"].set()
        ended(run)
    assert run.output == [1, 2, 3]
    assert len(set(making.calls.tokens)) == 3, "every pass is a call of its own"


def test_items_may_come_in_batches() -> None:
    run = ran("each:for_each a@each", each={"items": [1, 2, 3], "batch_size": 2}, a={"value": "{{ input }}"})
    assert run.output == [[1, 2], [3]]


def test_no_items_no_passes() -> None:
    assert ran("each:for_each>after a@each", each={"items": []}).output == []


@pytest.mark.parametrize(("items", "code"), [({"a": 1}, "not_a_list"), ([0] * 10_001, "too_many_items")])
def test_what_is_no_list_of_a_fair_length_is_refused(items: Any, code: str) -> None:
    run = ran("each:for_each a@each", {"items": items}, each={"items": "{{ input.items }}"})
    assert (run.status, run.error["code"], run.error["node_id"]) == ("failed", code, "each")


def test_the_first_failure_stops_the_other_passes_and_fails_the_loop() -> None:
    making.calls.gates = {"b": threading.Event()}
    run = begun(
        published(
            "each:for_each>after a@each:if a.true>b@each:effect a.false>c@each:crash",
            each={"items": [1, 2, 3], "concurrency": 2},
            a={"conditions": [{"left": "{{ item }}", "type": "number", "operator": "eq", "right": 1}]},
        )
    )
    with engine():
        ended(run)
    assert run.status == "failed"
    assert run.error == {
        "code": "node_crashed",
        "message": "RuntimeError: boom",
        "node_id": "c",
        "iteration": "1",
    }
    assert iterations(run, "b") == {"0": "terminated"}
    assert iterations(run, "c") == {"1": "failed"}
    assert run.logs.get(node_id="c").handle == "thrown"
    assert iterations(run, "each") == {"": "failed"}
    assert making.calls.ended == []


def test_a_failed_loop_leaves_by_its_error_exit() -> None:
    run = ran("each:for_each each.error>after a@each:crash", each={"items": [1], "on_error": "error"})
    assert run.status == "completed"
    assert run.output["error"]["node_id"] == "a"


def test_failures_may_be_collected_with_the_results() -> None:
    run = ran(
        "each:for_each a@each:if a.true>b@each a.false>c@each:crash",
        each={"items": [1, 2, 3], "on_failure": "collect"},
        a={"conditions": [{"left": "{{ item }}", "type": "number", "operator": "ne", "right": 2}]},
        b={"value": "{{ item }}"},
    )
    assert run.status == "completed"
    assert [run.output[0], run.output[2]] == [1, 3]
    assert run.output[1]["error"]["iteration"] == "1"


def test_a_node_inside_may_be_tried_again() -> None:
    retry = {"retry": {"count": 1, "delay": 0}}
    run = ran("each:for_each a@each:effect", each={"items": [7]}, a={"times": 1, **retry})
    assert run.output == [7]
    assert logs(run)[1:] == [("a", 1, "failed", None), ("a", 2, "completed", "out")]


def test_loops_lie_in_loops() -> None:
    run = ran(
        "rows:for_each cells@rows:for_each a@cells",
        {"table": [[1, 2], [3]]},
        rows={"items": "{{ input.table }}", "concurrency": 2},
        cells={"items": "{{ item }}", "concurrency": 2},
        a={"value": "{{ item * 10 + index }}"},
    )
    assert run.output == [[10, 21], [30]]
    assert sorted(iterations(run, "a")) == ["0.0", "0.1", "1.0"]


def test_a_thousand_passes_end_soon() -> None:
    run = ran("each:for_each a@each", {"n": 1000}, each={"items": "{{ list(range(input.n)) }}", "concurrency": 50})
    assert run.output == list(range(1000))
    assert run.logs.count() == 1001


# --- repeat until ---


def test_repeat_until_hands_each_pass_the_result_of_the_last() -> None:
    run = ran(
        "loop:repeat_until a@loop",
        {"n": 0},
        loop={"until": "input.n >= 3 and index == 2"},
        a={"value": {"n": "{{ input.n + 1 }}"}},
    )
    assert run.output == {"n": 3}
    assert iterations(run, "a") == dict.fromkeys("012", "completed")


def test_what_repeats_too_often_fails() -> None:
    run = ran("loop:repeat_until a@loop", {}, loop={"until": "nodes.a == 1", "max_passes": 3})
    assert (run.status, run.error["code"]) == ("failed", "too_many_passes")
    assert run.logs.filter(node_id="a").count() == 3


def test_a_condition_that_is_none_fails() -> None:
    run = ran("loop:repeat_until a@loop", {}, loop={"until": "{{ input }}"})
    assert (run.status, run.error["code"]) == ("failed", "not_a_condition")


# --- try ---


def test_what_fails_inside_leaves_by_error_and_the_rest_is_cancelled() -> None:
    making.calls.gates = {"slow": threading.Event()}
    run = ran("try:try>fine try.error>caught a@try:crash slow@try:effect", {"p": 1})
    assert run.status == "completed"
    assert run.output["error"]["node_id"] == "a"
    assert iterations(run, "slow") == {"0": "terminated"}
    assert making.calls.ended == []


def test_when_nothing_fails_the_result_goes_on() -> None:
    assert ran("try:try>fine try.error>caught a@try>b@try", {"p": 1}).output == {"p": 1}


# --- iterator ---


def test_an_iterator_runs_another_workflow_for_every_item() -> None:
    child = published("a:set", key="child", a={"value": "{{ trigger.n * 2 }}"})
    settings = {"items": [1, 2, 3], "concurrency": 2, "workflow": "child", "payload": {"n": "{{ item + index }}"}}
    run = begun(published("it:iterator>b", child.project, it=settings))
    with engine():
        ended(run)
    assert run.output == [2, 6, 10]
    assert iterations(run, "it") == {"": "completed", "0": "completed", "1": "completed", "2": "completed"}
    assert Run.objects.filter(workflow=child, parent=run, status="completed").count() == 3


def test_an_iterator_fails_with_the_run_that_fails_and_stops_the_others() -> None:
    child = published("a:if a.true>b:crash a.false>c:sleep", key="child", a=IS_ONE, c={"seconds": 60})
    settings = {"items": [1, 2], "concurrency": 2, "workflow": "child", "on_error": "error"}
    run = begun(published("it:iterator it.error>b", child.project, it=settings))
    with engine():
        ended(run)
        children = [ended(child_run) for child_run in Run.objects.filter(workflow=child)]
    assert run.output["error"]["code"] == "child_failed"
    assert sorted(child_run.status for child_run in children) == ["failed", "terminated"]


# --- time-outs ---


def test_a_container_that_takes_too_long_fails_and_stops_what_is_in_it() -> None:
    making.calls.gates = {"a": threading.Event()}
    run = ran("each:for_each a@each:effect", each={"items": [1], "timeout": 0.2})
    assert (run.status, run.error["code"], run.error["node_id"]) == ("failed", "timeout", "each")
    assert iterations(run, "a") == {"0": "terminated"}


def test_the_time_of_a_container_runs_on_while_its_run_is_given_back() -> None:
    run = ran("each:for_each a@each:sleep", each={"items": [1], "timeout": 1.5}, a={"seconds": 99})
    assert (run.status, run.error["code"]) == ("failed", "timeout")
    assert not Wait.objects.filter(run=run, done_at=None).exists()


def test_a_container_that_is_done_in_time_waits_no_longer() -> None:
    run = ran("each:for_each>s:sleep a@each", each={"items": [1], "timeout": 0.3}, s={"seconds": 0.6})
    assert run.status == "completed"


# --- taken over ---


def half_done(run: Run, *lines: tuple[str, str, str, Any], passes: Any) -> Run:
    """The run as a worker left it: `lines` are (node, iteration, status, output); "each" is open."""
    left_behind(run, ("each", "started", None))
    Log.objects.filter(run=run, node_id="each").update(passes=passes, kind="for_each")
    past = timezone.now() - timedelta(seconds=5)
    for seq, (node_id, iteration, status, output) in enumerate(lines, 3):
        Log.objects.create(
            run=run,
            seq=seq,
            node_id=node_id,
            kind="effect",
            iteration=iteration,
            attempt=1,
            epoch=1,
            status=status,
            handle="out" if status == "completed" else None,
            output=output,
            started_at=past,
            completed_at=past if status == "completed" else None,
        )
    Run.objects.filter(id=run.id).update(seq=9)
    return run


def test_a_loop_goes_on_where_it_was_with_the_items_that_it_was_opened_with() -> None:
    workflow = published("each:for_each a@each:effect", each={"items": "{{ input.list }}"})
    run = half_done(
        begun(workflow, {"list": ["other"]}),
        ("a", "0", "completed", "X"),
        ("a", "1", "started", None),
        passes={"items": ["x", "y", "z"], "at_once": 1, "keep_going": False},
    )
    with engine():
        ended(run)
    assert run.output == ["X", "y", "z"]
    assert making.calls.begun == ["a", "a"]
    assert [line[:3] for line in logs(run) if line[0] == "each"] == [("each", 1, "completed")]


def test_a_loop_that_repeats_goes_on_in_the_pass_in_which_it_was() -> None:
    workflow = published("each:repeat_until a@each:effect", each={"until": "index == 2"})
    run = half_done(
        begun(workflow, 0),
        ("a", "0", "completed", 1),
        ("a", "1", "completed", 2),
        passes={"items": [0], "at_once": 1, "keep_going": False},
    )
    with engine():
        ended(run)
    assert run.output == 2
    assert making.calls.begun == ["a"]
    assert iterations(run, "a") == dict.fromkeys("012", "completed")


def test_what_was_stopped_before_the_crash_stays_stopped() -> None:
    """The failure of one pass was recorded, the end of the other not."""
    workflow = published(
        "each:for_each a@each:effect", each={"items": [1, 2], "concurrency": 2, "on_error": "continue"}
    )
    run = half_done(
        begun(workflow),
        ("a", "0", "started", None),
        ("a", "1", "started", None),
        passes={"items": [1, 2], "at_once": 2, "keep_going": False},
    )
    error: Any = {"code": "x", "message": "y"}
    Log.objects.filter(run=run, iteration="1").update(status="failed", handle="thrown", error=error)
    with engine():
        ended(run)
    assert run.output == {"error": {**error, "node_id": "a", "iteration": "1"}}
    assert making.calls.begun == []
    assert iterations(run, "a") == {"0": "terminated", "1": "failed"}

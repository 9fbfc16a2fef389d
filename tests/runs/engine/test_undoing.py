"""Undo steps and joins through the real engine."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from runs.models import Run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, iterations, logs, published, until
from tests.runs.engine.test_containers import ran
from tests.runs.engine.test_takeover import left_behind

pytestmark = pytest.mark.django_db(transaction=True)

TRIP = "a:set>b:set>c:crash a.compensate>not_a:effect b.compensate>not_b:effect c.compensate>not_c:effect"


def test_what_was_done_is_undone_in_reverse_when_a_later_step_fails() -> None:
    run = ran(TRIP, {"p": 1}, a={"value": "A"}, b={"value": "B"}, not_a={"value": "{{ input }}"})
    assert (run.status, run.error["node_id"]) == ("failed", "c")
    assert making.calls.ended == ["not_b", "not_a"]
    assert run.logs.get(node_id="not_a").output == "A", "an undo step begins with the output of what it undoes"
    assert run.logs.get(node_id="c").handle == "thrown"


def test_nothing_is_undone_when_all_goes_well() -> None:
    run = ran("a:set>b:set a.compensate>not_a:effect", 7)
    assert (run.status, run.output, making.calls.begun) == ("completed", 7, [])


def test_an_undo_step_that_fails_does_not_keep_the_others_from_running() -> None:
    run = ran("a:set>b:set>c:crash a.compensate>not_a:effect b.compensate>not_b:crash")
    assert (run.status, run.error["node_id"]) == ("failed", "c")
    assert making.calls.ended == ["not_a"]
    assert run.logs.get(node_id="not_b").status == "failed"


def test_a_failed_try_is_undone_before_it_leaves_by_error() -> None:
    run = ran(
        "first:set>try:try first.compensate>not_first:effect try.error>caught:effect"
        " a@try:set>b@try:crash a.compensate>not_a@try:effect"
    )
    assert run.status == "completed"
    assert making.calls.ended == ["not_a", "caught"]


def test_all_passes_of_a_failed_loop_are_undone_the_latest_first() -> None:
    run = ran(
        "each:for_each a@each:set>b@each:if b.true>c@each:crash a.compensate>not_a@each:effect",
        each={"items": ["x", "y", "z"]},
        b={"conditions": [{"left": "{{ item }}", "type": "string", "operator": "equals", "right": "z"}]},
        not_a={"value": "{{ item }}"},
    )
    assert run.status == "failed"
    undone = [(log.iteration, log.output) for log in run.logs.filter(node_id="not_a").order_by("started_at", "seq")]
    assert undone == [("2", "z"), ("1", "y"), ("0", "x")]


def test_what_a_loop_did_is_undone_when_a_step_behind_it_fails() -> None:
    run = ran(
        "each:for_each>boom:crash a@each:set a.compensate>not_a@each:effect", each={"items": [1, 2], "concurrency": 2}
    )
    assert run.status == "failed"
    assert sorted(iterations(run, "not_a")) == ["0", "1"]


def test_a_container_with_an_undo_step_of_its_own_is_undone_by_that_alone() -> None:
    ran(
        "each:for_each>boom:crash each.compensate>not_each:effect a@each:set a.compensate>not_a@each:effect",
        each={"items": [1, 2]},
    )
    assert making.calls.ended == ["not_each"]


def test_a_pass_whose_failure_is_collected_undoes_only_its_own() -> None:
    run = ran(
        "each:for_each a@each:set>b@each:if b.true>c@each:crash a.compensate>not_a@each:effect",
        each={"items": [1, 2, 3], "on_failure": "collect"},
        b={"conditions": [{"left": "{{ item }}", "type": "number", "operator": "eq", "right": 2}]},
    )
    assert run.status == "completed"
    assert iterations(run, "not_a") == {"1": "completed"}


def test_what_is_at_work_stops_before_anything_is_undone() -> None:
    making.calls.gates = {"slow": threading.Event()}
    run = begun(published("a:set>b:effect>c:crash a>slow:effect a.compensate>not_a:effect"))
    with engine():
        ended(run)
    assert iterations(run, "slow") == {"": "terminated"}
    terminated, undo = run.logs.get(node_id="slow"), run.logs.get(node_id="not_a")
    assert terminated.seq < undo.seq


def test_a_worker_that_dies_between_two_undo_steps_repeats_none() -> None:
    workflow = published(TRIP, a={"value": "A"}, b={"value": "B"})
    run = left_behind(
        begun(workflow),
        ("a", "completed", "A"),
        ("b", "completed", "B"),
        ("c", "failed", None),
        ("not_b", "completed", "B"),
        ("not_a", "started", None),
    )
    error: Any = {"code": "boom", "message": "no"}
    run.logs.filter(node_id="c").update(handle="thrown", error=error)
    with engine():
        ended(run)
    assert (run.status, run.error) == ("failed", {**error, "node_id": "c"})
    assert making.calls.begun == ["not_a"]
    assert [line[:3] for line in logs(run) if line[0] == "not_a"] == [
        ("not_a", 1, "interrupted"),
        ("not_a", 2, "completed"),
    ]


# --- joins ---


def test_the_first_branch_goes_on_and_the_others_are_stopped() -> None:
    making.calls.gates = {"slow": threading.Event()}
    run = ran(
        "s:set>fast:effect>j:join s>slow:effect>after:set>j",
        j={"wait_for": "any"},
        fast={"value": 1},
    )
    assert (run.status, run.output, making.calls.ended) == ("completed", 1, ["fast"])
    assert [line for line in logs(run) if line[0] in ("slow", "after")] == [("slow", 1, "terminated", None)]


def test_the_others_may_run_on_and_are_not_waited_for() -> None:
    making.calls.gates = {"slow": threading.Event()}
    run = begun(
        published(
            "s:set>fast:set>j:join>end:effect s>slow:effect>j",
            j={"wait_for": "any", "cancel_rest": False},
            fast={"value": 1},
        )
    )
    with engine():
        until(lambda: "end" in making.calls.ended)
        making.calls.gates["slow"].set()
        ended(run)
    assert (run.status, run.output) == ("completed", 1)
    assert iterations(run, "slow") == {"": "completed"}


def test_two_of_three_are_enough() -> None:
    making.calls.gates = {"c": threading.Event()}
    run = ran(
        "s:set>a:effect>j:join s>b:effect>j s>c:effect>j",
        j={"wait_for": "count", "count": 2},
        a={"value": {"a": 1}},
        b={"value": {"b": 2}},
    )
    assert run.output == {"a": 1, "b": 2}
    assert iterations(run, "c") == {"": "terminated"}


def test_a_child_run_that_is_not_waited_for_any_more_is_stopped() -> None:
    making.calls.gates = {"deep": threading.Event(), "e": threading.Event()}
    child = published("deep:effect", key="child")
    drawing = "s:set>c:child>j:join s>e:effect>j"
    run = begun(published(drawing, child.project, c={"name": "child"}, j={"wait_for": "any"}))
    with engine():
        until(lambda: "deep" in making.calls.begun)
        making.calls.gates["e"].set()
        ended(run)
        child_run = Run.objects.get(workflow=child)
        ended(child_run)
    assert (run.status, child_run.status) == ("completed", "terminated")


def test_a_join_is_skipped_when_there_cannot_be_enough() -> None:
    run = ran(
        "s:if s.true>a:set>j:join>k s.true>b:set>j s.false>c:set>j",
        {"n": 1},
        s={"conditions": [{"left": 1, "type": "number", "operator": "eq", "right": 2}]},
        c={"value": 3},
        j={"wait_for": "count", "count": 2},
    )
    assert (run.status, run.output) == ("completed", 3)
    assert not run.logs.filter(node_id__in=["j", "k"]).exists()


def test_a_worker_that_dies_after_a_join_has_started_does_not_go_on_with_the_others() -> None:
    workflow = published("s:set>fast:effect>j:join>end:effect s>slow:effect>j", j={"wait_for": "any"})
    run = left_behind(begun(workflow), ("s", "completed", 0), ("slow", "started", None), ("fast", "completed", 1))
    with engine():
        ended(run)
    assert (run.status, run.output) == ("completed", 1)
    assert making.calls.begun == ["end"]
    assert iterations(run, "slow") == {"": "terminated"}


RACE = (
    "go:effect>j:join>after:effect try:try>j a@try:set>b@try:set>c@try:crash"
    " a.compensate>not_a@try:effect b.compensate>not_b@try:effect"
)


def test_a_branch_that_is_stopped_while_it_is_undone_is_undone_to_the_end() -> None:
    making.calls.gates = {"go": threading.Event(), "not_b": threading.Event()}
    run = begun(published(RACE, j={"wait_for": "any"}))
    with engine():
        until(lambda: "not_b" in making.calls.begun)
        making.calls.gates["go"].set()
        until(lambda: "after" in making.calls.ended)
        making.calls.gates["not_b"].set()
        ended(run)
    assert run.status == "completed"
    assert making.calls.ended == ["go", "after", "not_b", "not_a"]


def test_and_so_it_is_when_the_worker_dies_meanwhile() -> None:
    run = left_behind(
        begun(published(RACE, j={"wait_for": "any"})),
        ("try", "terminated", None),
        ("a", "completed", None),
        ("b", "completed", None),
        ("c", "failed", None),
        ("not_b", "started", None),
        ("go", "completed", None),
        ("j", "completed", None),
        ("after", "completed", None),
    )
    run.logs.filter(node_id="try").update(passes={"items": [None], "at_once": 1, "keep_going": False})
    run.logs.filter(node_id="c").update(handle="thrown", error={"code": "boom", "message": "no"})
    run.logs.filter(node_id__in=["a", "b", "c", "not_b"]).update(iteration="0")
    with engine():
        ended(run)
    assert (run.status, making.calls.ended) == ("completed", ["not_b", "not_a"])

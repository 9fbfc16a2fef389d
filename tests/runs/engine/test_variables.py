"""Variables of a run: set by nodes and from outside, and derived again from what was recorded, in its order."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from runs.engine.plan import EdgeSpec, Inside, NodeSpec, Place, compile_plan
from runs.engine.state import Assignment, Opening, Outcome, State
from runs.models import Run
from runs.records import run_record
from runs.services import Retry, raise_event, resume_run, retry_run, set_variables, suspend_run, terminate_run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, published, until
from wire.problems import Conflict

pytestmark = pytest.mark.django_db(transaction=True)


def assigned(node_id: str, value: Any, iteration: str = "", *, failed: bool = False) -> Outcome:
    return Outcome(Place(node_id, iteration), value, failed=failed)


def test_the_last_to_set_a_variable_counts() -> None:
    nodes = [NodeSpec("a", assigns=True), NodeSpec("b", assigns=True), NodeSpec("c")]
    plan = compile_plan(nodes, [EdgeSpec("a", "b"), EdgeSpec("b", "c")])
    history: list[Outcome | Assignment] = [assigned("a", {"x": 1, "y": 1}), Assignment({"z": 2})]
    history += [assigned("b", {"x": 3}), assigned("c", {"x": 4})]
    before = State(plan, {}, history=history[:1])
    seen = before.variables
    assert State(plan, {}, history=[*history, history[0]]).variables == {"x": 3, "y": 1, "z": 2}
    before.assign({"x": 9})
    assert (seen, before.variables) == ({"x": 1, "y": 1}, {"x": 9, "y": 1})


def test_variables_belong_to_the_run_also_inside_containers() -> None:
    nodes = [NodeSpec("loop", inside=Inside()), NodeSpec("a", assigns=True, parent="loop")]
    state = State(compile_plan(nodes, []), {}, recorded={Place("loop"): Opening([1, 2])})
    state.apply(assigned("a", {"n": 0}, "0"))
    state.apply(assigned("a", {"error": {}}, "1", failed=True))
    assert state.variables == {"n": 0}


def variables(run: Run) -> dict[str, Any]:
    """As the run's record tells them."""
    told: dict[str, Any] = run_record(Run.objects.get(id=run.id))["variables"]
    return told


def is_waiting(run: Run) -> bool:
    return Run.objects.filter(id=run.id, status="waiting", owner=None).exists()


SETS_N = {"variables": {"n": 1, "who": "{{ trigger.who }}"}}
READS = {"expression": "vars"}
WAITS = {"name": "go"}


def test_every_node_after_it_reads_what_was_set() -> None:
    counts = {"variables": {"n": "{{ vars.n + 1 }}"}}
    flow = published("a:set_variables>b:set_variables b>c:transform", a=SETS_N, b=counts, c=READS)
    run = begun(flow, {"who": "Ada"})
    with engine():
        ended(run)
    assert (run.output, variables(run)) == ({"n": 2, "who": "Ada"}, {"n": 2, "who": "Ada"})


def test_one_that_was_never_set_is_missed_by_name() -> None:
    run = begun(published("a:transform", a={"expression": "vars.total"}))
    with engine():
        ended(run)
    assert (run.error["code"], run.error["message"]) == ("expression_missing", 'vars has no "total"')


def test_who_takes_a_run_over_finds_its_variables() -> None:
    flow = published("a:set_variables>w:await w>c:transform", a=SETS_N, w=WAITS, c=READS)
    run = begun(flow, {"who": "Ada"})
    with engine():
        until(lambda: is_waiting(run))
    assert variables(run) == {"n": 1, "who": "Ada"}
    raise_event(run, "go", None)
    with engine():
        ended(run)
    assert run.output == {"n": 1, "who": "Ada"}


def test_the_order_is_that_in_which_they_were_set_whoever_set_them() -> None:
    drawing = "a:set_variables>w:await w>b:set_variables b>v:await v>c:transform"
    counts = {"variables": {"n": "{{ vars.n + 1 }}"}}
    flow = published(drawing, a=SETS_N, w=WAITS, b=counts, v=WAITS, c=READS)
    run = begun(flow, {"who": "Ada"})
    with engine():
        until(lambda: is_waiting(run))
        set_variables(run, {"n": 10, "more": [1]})
        assert variables(run) == {"n": 10, "who": "Ada", "more": [1]}
        raise_event(run, "go", None)
        until(lambda: is_waiting(run) and run.logs.filter(node_id="b").exists())
    assert variables(run) == {"n": 11, "who": "Ada", "more": [1]}
    raise_event(run, "go", None)
    with engine():
        ended(run)
    assert run.output == {"n": 11, "who": "Ada", "more": [1]}
    assert [event.seq is not None for event in run.inbox.filter(name="")] == [True]


def test_a_run_at_work_hears_of_it() -> None:
    making.calls.gates = {"e": threading.Event()}
    run = begun(published("e:effect>c:transform", c=READS))
    with engine():
        until(lambda: making.calls.begun)
        set_variables(run, {"n": 1})
        until(lambda: run.inbox.filter(delivered_at__isnull=False).exists())
        making.calls.gates["e"].set()
        ended(run)
    assert (run.output, run.epoch) == ({"n": 1}, 1)


def test_what_is_told_before_the_run_begins_or_while_it_rests_counts() -> None:
    run = begun(published("w:await>c:transform", w=WAITS, c=READS))
    set_variables(run, {"n": 1})
    assert variables(run) == {"n": 1}
    with engine():
        until(lambda: is_waiting(run) and run.inbox.filter(delivered_at__isnull=False).exists())
        suspend_run(run)
        set_variables(run, {"n": 2})
        assert variables(run) == {"n": 2}
        resume_run(run)
        raise_event(run, "go", None)
        ended(run)
    assert run.output == {"n": 2}
    with pytest.raises(Conflict):
        set_variables(run, {"n": 3})


def test_a_retry_begins_with_the_variables_of_what_it_keeps() -> None:
    drawing = "a:set_variables>each:for_each v@each:set_variables each>w:await w>c:transform"
    settings: dict[str, Any] = {
        "a": SETS_N,
        "each": {"items": [1, 2]},
        "v": {"variables": {"last": "{{ item }}"}},
        "w": WAITS,
        "c": READS,
    }
    run = begun(published(drawing, **settings), {"who": "Ada"})
    with engine():
        until(lambda: is_waiting(run))
        set_variables(run, {"n": 5})
        terminate_run(run)
        ended(run)
        again = retry_run(run, Retry(from_failed=True))
        assert variables(again) == {"n": 5, "who": "Ada", "last": 2}
        raise_event(again, "go", None)
        ended(again)
    assert again.output == {"n": 5, "who": "Ada", "last": 2}

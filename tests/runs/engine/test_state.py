import gc
import time
from collections.abc import Callable

import pytest

from runs.engine.frame import NodeStatus
from runs.engine.plan import EdgeSpec, Inside, NodeSpec, Part, Place, compile_plan
from runs.engine.state import Opening, Outcome, State
from tests.runs.engine.graphs import done, plan_of, ready


def test_branches_are_ready_at_the_same_time() -> None:
    state = State(plan_of("a>b a>c a>d"), {})
    state.apply(done("a"))
    assert ready(state) == ["b", "c", "d"]


def test_asking_what_is_ready_changes_nothing() -> None:
    state = State(plan_of("a b"), {})
    assert ready(state) == ready(state) == ["a", "b"]


def test_a_join_waits_for_every_branch() -> None:
    state = State(plan_of("a>c b>c"), {})
    state.apply(done("a"))
    assert "c" not in ready(state)
    state.apply(done("b"))
    assert ready(state) == ["c"]


def test_a_node_on_the_way_not_taken_is_skipped_and_says_so_on() -> None:
    state = State(plan_of("a.true>b b>c a.false>d c>e d>e"), {})
    state.apply(done("a", handle="false"))
    assert state.status(Place("b")) is state.status(Place("c")) is NodeStatus.SKIPPED
    assert ready(state) == ["d"]
    state.apply(done("d", 7))
    assert ready(state) == ["e"]
    assert state.input(Place("e")) == 7


def test_triggers_that_did_not_fire_do_not_hold_up_a_join() -> None:
    state = State(plan_of("t>a u>b a>c b>c", triggers="t u"), {"x": 1}, "t")
    assert ready(state) == ["t"]
    state.apply(done("t", {"x": 1}))
    state.apply(done("a", 2))
    assert ready(state) == ["c"]
    assert state.status(Place("u")) is state.status(Place("b")) is NodeStatus.SKIPPED


def test_a_loose_node_beside_a_trigger_is_left_out() -> None:
    state = State(plan_of("t>a loose", triggers="t"), {}, "t")
    assert state.status(Place("loose")) is NodeStatus.SKIPPED


def test_a_disabled_node_hands_its_input_on() -> None:
    state = State(plan_of("a>b b>c", disabled="b"), {})
    state.apply(done("a", 5))
    assert ready(state) == ["c"]
    assert state.input(Place("c")) == 5
    assert state.root.values["b"] == 5


@pytest.mark.parametrize(
    ("drawing", "then"),
    [
        ("a>b b.false>c b.true>d", ["d"]),
        ("a>b b.large>c b.default>d", ["c"]),
        ("a>b b.error>c b>d", ["d"]),
        ("a>b b.error>c", []),
    ],
)
def test_a_disabled_node_takes_an_exit_that_it_has(drawing: str, then: list[str]) -> None:
    state = State(plan_of(drawing, disabled="b"), {})
    state.apply(done("a", 5))
    assert ready(state) == then


def test_a_run_of_disabled_nodes_only_is_finished_at_once() -> None:
    state = State(plan_of("a>b", disabled="a b"), {"in": 1})
    assert state.is_finished
    assert state.output() == {"in": 1}


def test_a_failure_that_nothing_handles_finishes_the_run() -> None:
    state = State(plan_of("a>b a>c"), {})
    state.apply(done("a"))
    state.begin(Place("c"))
    state.apply(done("b", {"error": {"node_id": "b"}}, handle=None, failed=True))
    assert state.is_finished
    assert state.failure == {"error": {"node_id": "b"}}


def test_a_handled_failure_leaves_by_error_and_the_run_goes_on() -> None:
    state = State(plan_of("a>b a.error>c"), {})
    state.apply(done("a", {"error": 1}, "error", failed=True))
    assert ready(state) == ["c"]
    assert state.status(Place("a")) is NodeStatus.FAILED
    assert state.status(Place("b")) is NodeStatus.SKIPPED


def test_a_begun_node_is_not_ready_and_keeps_the_run_open() -> None:
    state = State(plan_of("a"), {})
    state.begin(Place("a"))
    assert ready(state) == []
    assert not state.is_finished


def test_the_first_outcome_of_a_node_counts() -> None:
    state = State(plan_of("a.true>b a.false>c"), {})
    state.apply(done("a", 1, "true"))
    state.apply(done("a", 2, "false"))
    assert state.root.values["a"] == 1
    assert ready(state) == ["b"]


def test_input_at_the_start_is_the_payload() -> None:
    assert State(plan_of("a"), {"p": 1}).input(Place("a")) == {"p": 1}


def test_objects_from_several_branches_are_merged_in_the_order_of_the_edges() -> None:
    state = State(plan_of("b>c a>c"), {})
    state.apply(done("a", {"x": "a", "y": 1}))
    state.apply(done("b", {"x": "b", "z": 2}))
    assert state.input(Place("c")) == {"x": "a", "y": 1, "z": 2}
    assert list(state.inputs(Place("c"))) == ["b", "a"]


def test_other_values_from_several_branches_come_as_a_list() -> None:
    state = State(plan_of("b>c a>c"), {})
    state.apply(done("a", {"x": 1}))
    state.apply(done("b", 2))
    assert state.input(Place("c")) == [2, {"x": 1}]


def test_two_edges_from_one_node_bring_its_value_once() -> None:
    state = State(plan_of("a>b a>b"), {})
    state.apply(done("a", 1))
    assert state.input(Place("b")) == 1


def test_output_is_the_value_of_the_last_node() -> None:
    state = State(plan_of("a>b"), {})
    state.apply(done("a", 1))
    state.apply(done("b", 2))
    assert state.output() == 2


def test_output_of_several_ends_is_keyed_by_node() -> None:
    state = State(plan_of("a>b a>c"), {})
    for name in "abc":
        state.apply(done(name, name))
    assert state.output() == {"b": "b", "c": "c"}


def test_a_run_that_ends_by_an_exit_without_edges_has_that_nodes_output() -> None:
    state = State(plan_of("a>b b.true>c"), {})
    state.apply(done("a", 1))
    state.apply(done("b", 2, "false"))
    assert state.is_finished
    assert state.output() == 2


def test_a_part_runs_on_what_is_given_and_on_nothing_else() -> None:
    plan = plan_of("t>a a>b b>c c>d a>x", triggers="t")
    part = Part(frozenset({"c", "d"}), frozenset({"b"}))
    state = State(plan, {"p": 1}, "t", [done("b", {"n": 5})], part=part)
    assert ready(state) == ["c"]
    assert state.input(Place("c")) == {"n": 5}
    assert [state.status(Place(node_id)) for node_id in "tax"] == [NodeStatus.SKIPPED] * 3
    state.apply(done("c", 1))
    assert ready(state) == ["d"]
    state.apply(done("d", 2))
    assert state.is_finished
    assert state.output() == 2


def test_a_part_that_begins_at_the_start() -> None:
    plan = plan_of("t>a a>b", triggers="t")
    state = State(plan, {}, "t", (), part=Part(frozenset({"t", "a"}), frozenset()))
    assert ready(state) == ["t"]
    state.apply(done("t"))
    state.apply(done("a", 7))
    assert (state.is_finished, state.status(Place("b"))) == (True, NodeStatus.SKIPPED)


def test_given_before_its_own_sources_run() -> None:
    """A pin in the middle: what leads to it may run and changes nothing of it, but has run before what follows."""
    plan = plan_of("t>a t>b a>b b>c", triggers="t")
    state = State(plan, {}, "t", [done("b", "pin")], part=Part(frozenset({"t", "a", "c"}), frozenset({"b"})))
    assert ready(state) == ["t"]
    state.apply(done("t"))
    assert ready(state) == ["a"]
    state.apply(done("a"))
    assert (ready(state), state.root.values["b"]) == (["c"], "pin")


def test_a_loop_is_replayed_in_time_that_grows_with_its_passes_and_no_faster() -> None:
    few, many = replay_seconds(500), replay_seconds(5_000)
    assert many < 30 * few


def replay_seconds(passes: int) -> float:
    """For a loop that asks after every pass whether there is another."""
    plan = compile_plan([NodeSpec("loop", inside=Inside(repeats=True)), NodeSpec("a", parent="loop")], [])
    history = [Outcome(Place("a", str(number)), number) for number in range(passes)]

    def replay() -> None:
        state = State(plan, 0, history=history, recorded={Place("loop"): Opening([0])})
        [ended] = state.take_ended()
        assert len(ended.output) == passes

    return best_seconds(replay)


def test_many_passes_that_fail_at_the_same_time_are_undone_about_as_fast_as_one_after_the_other() -> None:
    assert undo_seconds(at_once=100) < 12 * undo_seconds(at_once=1)


def undo_seconds(at_once: int) -> float:
    nodes = [NodeSpec("each", inside=Inside()), *(NodeSpec(name, parent="each") for name in ("a", "b", "not_a"))]
    plan = compile_plan(nodes, [EdgeSpec("a", "b"), EdgeSpec("a", "not_a", "compensate")])

    def fail_all() -> None:
        state, undone = State(plan, 0), 0
        state.open_container(Place("each"), Opening(range(500), at_once, keep_going=True))
        while ready := state.ready():
            for place in ready:
                state.begin(place)
            for place in ready:
                fails = place.node_id == "b"
                state.apply(Outcome(place, {"error": {}}, "thrown" if fails else "out", fails))
                undone += place.node_id == "not_a"
        assert undone == 500

    return best_seconds(fail_all)


def best_seconds(work: Callable[[], None]) -> float:
    """Of some tries. Garbage is left lying: how often it is looked for depends on what else the tests keep."""
    tries = []
    gc.disable()
    try:
        for _ in range(3):
            start = time.process_time()
            work()
            tries.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(tries)

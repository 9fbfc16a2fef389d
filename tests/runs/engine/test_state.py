import pytest

from runs.engine.state import NodeStatus, Outcome, State
from tests.runs.engine.graphs import plan_of


def test_branches_are_ready_at_the_same_time() -> None:
    state = State(plan_of("a>b a>c a>d"), {})
    state.apply(Outcome("a"))
    assert state.ready() == ["b", "c", "d"]


def test_asking_what_is_ready_changes_nothing() -> None:
    state = State(plan_of("a b"), {})
    assert state.ready() == state.ready() == ["a", "b"]


def test_a_join_waits_for_every_branch() -> None:
    state = State(plan_of("a>c b>c"), {})
    state.apply(Outcome("a"))
    assert "c" not in state.ready()
    state.apply(Outcome("b"))
    assert state.ready() == ["c"]


def test_a_node_on_the_way_not_taken_is_skipped_and_says_so_on() -> None:
    state = State(plan_of("a.true>b b>c a.false>d c>e d>e"), {})
    state.apply(Outcome("a", handle="false"))
    assert state.status("b") is state.status("c") is NodeStatus.SKIPPED
    assert state.ready() == ["d"]
    state.apply(Outcome("d", 7))
    assert state.ready() == ["e"]
    assert state.input("e") == 7


def test_triggers_that_did_not_fire_do_not_hold_up_a_join() -> None:
    state = State(plan_of("t>a u>b a>c b>c", triggers="t u"), {"x": 1}, "t")
    assert state.ready() == ["t"]
    state.apply(Outcome("t", {"x": 1}))
    state.apply(Outcome("a", 2))
    assert state.ready() == ["c"]
    assert state.status("u") is state.status("b") is NodeStatus.SKIPPED


def test_a_loose_node_beside_a_trigger_is_left_out() -> None:
    state = State(plan_of("t>a loose", triggers="t"), {}, "t")
    assert state.status("loose") is NodeStatus.SKIPPED


def test_a_disabled_node_hands_its_input_on() -> None:
    state = State(plan_of("a>b b>c", disabled="b"), {})
    state.apply(Outcome("a", 5))
    assert state.ready() == ["c"]
    assert state.input("c") == 5
    assert state.values["b"] == 5


@pytest.mark.parametrize(
    ("drawing", "ready"),
    [
        ("a>b b.false>c b.true>d", ["d"]),
        ("a>b b.large>c b.default>d", ["c"]),
        ("a>b b.error>c b>d", ["d"]),
        ("a>b b.error>c", []),
    ],
)
def test_a_disabled_node_takes_an_exit_that_it_has(drawing: str, ready: list[str]) -> None:
    state = State(plan_of(drawing, disabled="b"), {})
    state.apply(Outcome("a", 5))
    assert state.ready() == ready


def test_a_run_of_disabled_nodes_only_is_finished_at_once() -> None:
    state = State(plan_of("a>b", disabled="a b"), {"in": 1})
    assert state.is_finished
    assert state.output() == {"in": 1}


def test_a_failure_that_nothing_handles_finishes_the_run() -> None:
    state = State(plan_of("a>b a>c"), {})
    state.apply(Outcome("a"))
    state.begin("c")
    state.apply(Outcome("b", handle=None, failed=True))
    assert state.is_finished
    assert state.failed_node == "b"


def test_a_handled_failure_leaves_by_error_and_the_run_goes_on() -> None:
    state = State(plan_of("a>b a.error>c"), {})
    state.apply(Outcome("a", {"error": 1}, "error", failed=True))
    assert state.ready() == ["c"]
    assert state.status("a") is NodeStatus.FAILED
    assert state.status("b") is NodeStatus.SKIPPED


def test_a_begun_node_is_not_ready_and_keeps_the_run_open() -> None:
    state = State(plan_of("a"), {})
    state.begin("a")
    assert state.ready() == []
    assert not state.is_finished


def test_the_first_outcome_of_a_node_counts() -> None:
    state = State(plan_of("a.true>b a.false>c"), {})
    state.apply(Outcome("a", 1, "true"))
    state.apply(Outcome("a", 2, "false"))
    assert state.values["a"] == 1
    assert state.ready() == ["b"]


def test_input_at_the_start_is_the_payload() -> None:
    assert State(plan_of("a"), {"p": 1}).input("a") == {"p": 1}


def test_objects_from_several_branches_are_merged_in_the_order_of_the_edges() -> None:
    state = State(plan_of("b>c a>c"), {})
    state.apply(Outcome("a", {"x": "a", "y": 1}))
    state.apply(Outcome("b", {"x": "b", "z": 2}))
    assert state.input("c") == {"x": "a", "y": 1, "z": 2}
    assert list(state.inputs("c")) == ["b", "a"]


def test_other_values_from_several_branches_come_as_a_list() -> None:
    state = State(plan_of("b>c a>c"), {})
    state.apply(Outcome("a", {"x": 1}))
    state.apply(Outcome("b", 2))
    assert state.input("c") == [2, {"x": 1}]


def test_two_edges_from_one_node_bring_its_value_once() -> None:
    state = State(plan_of("a>b a>b"), {})
    state.apply(Outcome("a", 1))
    assert state.input("b") == 1


def test_output_is_the_value_of_the_last_node() -> None:
    state = State(plan_of("a>b"), {})
    state.apply(Outcome("a", 1))
    state.apply(Outcome("b", 2))
    assert state.output() == 2


def test_output_of_several_ends_is_keyed_by_node() -> None:
    state = State(plan_of("a>b a>c"), {})
    for name in "abc":
        state.apply(Outcome(name, name))
    assert state.output() == {"b": "b", "c": "c"}


def test_a_run_that_ends_by_an_exit_without_edges_has_that_nodes_output() -> None:
    state = State(plan_of("a>b b.true>c"), {})
    state.apply(Outcome("a", 1))
    state.apply(Outcome("b", 2, "false"))
    assert state.is_finished
    assert state.output() == 2

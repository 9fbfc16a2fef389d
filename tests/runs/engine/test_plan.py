import pytest

from runs.engine.plan import BrokenPlan, EdgeSpec, NodeSpec, compile_plan
from tests.runs.engine.graphs import plan_of


def test_an_edge_without_a_handle_leaves_by_out() -> None:
    assert plan_of("a>b a.error>c").handles == ("out", "error")


def test_edges_are_known_from_both_ends_in_their_order() -> None:
    plan = plan_of("a>c b>c a>b")
    assert plan.incoming[plan.number["c"]] == (0, 1)
    assert plan.outgoing[plan.number["a"]] == (0, 2)


def test_a_run_begins_at_every_source_when_there_is_no_trigger() -> None:
    plan = plan_of("a>c b>c d")
    assert [plan.ids[node] for node in plan.entry()] == ["a", "b", "d"]


def test_a_run_begins_at_the_named_trigger() -> None:
    plan = plan_of("t>a u>a", triggers="t u")
    assert [plan.ids[node] for node in plan.entry("u")] == ["u"]


def test_the_manual_trigger_is_the_one_that_an_unnamed_start_means() -> None:
    nodes = [NodeSpec("hook", "webhook_trigger", True), NodeSpec("hand", "manual_trigger", True)]
    plan = compile_plan(nodes, [])
    assert [plan.ids[node] for node in plan.entry()] == ["hand"]


def test_without_a_manual_trigger_the_first_enabled_one_is_meant() -> None:
    plan = plan_of("t>a u>a", triggers="t u", disabled="t")
    assert [plan.ids[node] for node in plan.entry()] == ["u"]


@pytest.mark.parametrize(
    ("nodes", "edges"),
    [
        (["a", "a"], []),
        (["a"], [("a", "b")]),
        (["a"], [("b", "a")]),
        (["a"], [("a", "a")]),
        (["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "b")]),
    ],
    ids=["id twice", "to nowhere", "from nowhere", "to itself", "cycle"],
)
def test_a_graph_without_an_order_is_refused(nodes: list[str], edges: list[tuple[str, str]]) -> None:
    with pytest.raises(BrokenPlan):
        compile_plan([NodeSpec(name) for name in nodes], [EdgeSpec(source, target) for source, target in edges])


def test_starting_at_a_node_that_is_not_there_is_refused() -> None:
    with pytest.raises(BrokenPlan, match="gone"):
        plan_of("a>b").entry("gone")

"""What is wrong with a document: every rule, its path, and that nothing hides anything else."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.documents import BOXES, chain, document, edge, node, only, told
from workflows.graph import MAX_EDGES, MAX_NODES, check_document
from workflows.nodes.registry import REGISTRY


def test_a_sound_document_has_no_faults() -> None:
    assert check_document(chain("start", "a", "b")) == []


def test_an_empty_document_is_sound() -> None:
    assert check_document(document([])) == []


def test_a_graph_without_triggers_is_sound() -> None:
    assert check_document(document([node("a"), node("b")], [edge("a", "b")])) == []


# --- shapes ---


@pytest.mark.parametrize(
    ("doc", "path", "code"),
    [
        ({"edges": []}, "nodes", "missing_field"),
        ({"nodes": []}, "edges", "missing_field"),
        ({"nodes": {}, "edges": []}, "nodes", "wrong_type"),
        ({"nodes": [3], "edges": []}, "nodes[0]", "wrong_type"),
        ({"nodes": [], "edges": ["x"]}, "edges[0]", "wrong_type"),
        (document([{"data": {"componentId": "set", "mapping": {}}}]), "nodes[0].id", "missing_field"),
        (document([{**node("a"), "id": 5}]), "nodes[0].id", "wrong_type"),
        (document([{**node("a"), "id": ""}]), "nodes[0].id", "missing_field"),
        (document([{**node("a"), "id": "x" * 201}]), "nodes[0].id", "too_long"),
        (document([{**node("a"), "type": 5}]), "nodes[0].type", "wrong_type"),
        (document([{**node("a"), "position": [1, 2]}]), "nodes[0].position", "wrong_type"),
        (document([{**node("a"), "position": {"x": 1, "y": "2"}}]), "nodes[0].position.y", "wrong_type"),
        (document([{**node("a"), "position": {"x": True, "y": 2}}]), "nodes[0].position.x", "wrong_type"),
        (document([{**node("a"), "position": {"x": 10**30, "y": 2}}]), "nodes[0].position.x", "wrong_type"),
        (document([{**node("a"), "position": {"x": 10**400, "y": 2}}]), "nodes[0].position.x", "wrong_type"),
        (document([{**node("a"), "data": None}]), "nodes[0].data", "missing_field"),
        (document([{**node("a"), "data": []}]), "nodes[0].data", "wrong_type"),
        (document([{**node("a"), "data": {}}]), "nodes[0].data.componentId", "missing_field"),
        (document([node("a", parameters=[1])]), "nodes[0].data.parameters", "wrong_type"),
        (document([node("a", "nonsense")]), "nodes[0].data.componentId", "unknown_component"),
        (document([node("a")], [{"id": "e", "source": "a"}]), "edges[0].target", "missing_field"),
        (document([node("a")], [{"id": "e", "source": 1, "target": "a"}]), "edges[0].source", "wrong_type"),
        (document([node("a"), node("b")], [{"source": "a", "target": "b"}]), "edges[0].id", "missing_field"),
        (
            document([node("a"), node("b")], [{**edge("a", "b"), "sourceHandle": 1}]),
            "edges[0].sourceHandle",
            "wrong_type",
        ),
    ],
)
def test_what_has_the_wrong_shape_is_named_by_its_path(doc: Any, path: str, code: str) -> None:
    fault = only(doc)
    assert (fault.path, fault.code, fault.group) == (path, code, "structure")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "data", "componentId", "source", "target", "position", "x", "parameters", "mapping"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON, JSON)
def test_no_json_whatever_makes_the_check_fail(nodes: Any, edges: Any) -> None:
    check_document({"nodes": nodes, "edges": edges})


KINDS_AND_ALIASES = [name for kind in REGISTRY.all() for name in (kind.kind, *(alias.kind for alias in kind.aliases))]
SETTINGS = sorted({"rules", "value", "operand"}.union(*(kind.params.model_fields for kind in REGISTRY.all())))


@given(
    st.dictionaries(st.sampled_from(["mapping", "retry", "timeout", "on_error", "disabled", "keep_input"]), JSON),
    st.sampled_from(KINDS_AND_ALIASES),
    JSON,
)
def test_no_settings_whatever_make_the_check_fail(data: dict[str, Any], kind: str, any_setting: Any) -> None:
    settings = dict.fromkeys(SETTINGS, any_setting)
    check_document(document([node("a", kind, **{**settings, **data}), node("b")], [edge("a", "b")]))


def test_unknown_keys_are_no_fault() -> None:
    doc = chain("start", "a")
    doc["nodes"][1].update(width=200, selected=True)
    doc["nodes"][1]["data"]["uiId"] = "{{ not an expression of ours"
    doc["edges"][0]["animated"] = True
    assert check_document(doc) == []


# --- ids, parents, limits ---


def test_duplicate_ids_are_named_with_the_first_of_them() -> None:
    doc = document([node("a"), node("b"), node("a")], [edge("a", "b", id_="e"), edge("a", "b", id_="e")])
    faults = check_document(doc)
    assert [(fault.path, fault.node_id, fault.edge_id) for fault in faults] == [
        ("nodes[2].id", "a", None),
        ("edges[1].id", None, "e"),
    ]
    assert "nodes[0]" in faults[0].message


def test_a_parent_must_exist_and_come_first() -> None:
    box, child = node("box", "box"), node("child", parent="box")
    assert told(document([child, box]), registry=BOXES) == [("nodes[0].parentId", "parent_after_child")]
    assert told(document([child])) == [("nodes[0].parentId", "parent_missing")]
    assert told(document([box, child]), registry=BOXES) == []
    own = node("own", "box", parent="own")
    assert told(document([own]), registry=BOXES) == [("nodes[0].parentId", "parent_after_child")]


def test_only_a_container_holds_nodes_and_no_trigger_lies_in_one() -> None:
    inside_a_set = document([node("a"), node("b", parent="a")])
    assert told(inside_a_set) == [("nodes[1].parentId", "parent_no_container")]
    trigger = document([node("box", "box"), node("t", "manual_trigger", parent="box")])
    assert told(trigger, registry=BOXES) == [("nodes[1].parentId", "trigger_in_container")]


def test_no_edge_crosses_the_border_of_a_container() -> None:
    nodes = [node("a"), node("box", "box"), node("in", parent="box"), node("in2", parent="box"), node("b")]
    across = [edge("a", "box"), edge("in", "in2"), edge("box", "b"), edge("a", "in"), edge("in2", "b")]
    across.append(edge("box", "in"))
    faults = told(document(nodes, across), registry=BOXES)
    assert faults == [(f"edges[{number}]", "edge_crosses_border") for number in (3, 4, 5)]


def test_what_lies_in_a_container_may_read_what_came_before_the_container() -> None:
    reading = node("in", parent="box", mapping={"x": "{{ nodes.a.x }}"})
    nodes = [node("a"), node("box", "box"), reading, node("b", mapping={"x": "{{ nodes.in.x }}"})]
    faults = told(document(nodes, [edge("a", "box"), edge("box", "b")]), registry=BOXES)
    assert faults == [("nodes[3].data.mapping", "not_upstream")]
    assert told(document(nodes[:3]), registry=BOXES) == [("nodes[2].data.mapping", "not_upstream")]


def test_item_and_index_can_be_read_where_there_is_a_loop_around() -> None:
    loops = [
        node("each", "for_each", items=[1]),
        node("loop", "repeat_until", parent="each", until="nodes.b.x == index"),
    ]
    inside = [node("b", parent="loop", mapping={"x": "{{ item }}{{ index }}"})]
    assert told(document(loops + inside)) == []
    outside = [node("try", "try"), node("a", parent="try", mapping={"x": "{{ index }}"})]
    assert told(document(outside)) == [("nodes[1].data.mapping", "not_in_a_loop")]
    repeated = [node("loop", "repeat_until", until="item == 1"), node("a", parent="loop", mapping={"x": "{{ item }}"})]
    assert [code for _, code in told(document(repeated))] == ["not_in_a_loop", "not_in_a_loop"]


def test_an_undo_step_stands_alone_behind_the_node_that_it_undoes() -> None:
    nodes = [node("a", compensate=True), node("b"), node("undo"), node("other")]
    way = [edge("a", "b"), edge("a", "undo", "compensate")]
    assert told(document(nodes, way)) == []
    assert told(document([node("a"), *nodes[1:]], way)) == [("edges[1].sourceHandle", "unknown_handle")]
    assert told(document(nodes, [*way, edge("b", "undo")])) == [("edges[2]", "undo_step_not_alone")]
    assert told(document(nodes, [*way, edge("undo", "other")])) == [("edges[2]", "undo_step_not_alone")]
    assert told(document(nodes, [*way, edge("a", "other", "compensate")])) == [("edges[2]", "second_undo_step")]
    both = [node("a", compensate=True), node("b", compensate=True), node("undo")]
    twice = [edge("a", "undo", "compensate"), edge("b", "undo", "compensate")]
    assert told(document(both, twice)) == [("edges[1]", "undo_step_not_alone")]


def test_containers_lie_five_deep_and_no_deeper() -> None:
    nodes = [node("0", "box"), *(node(str(depth), "box", parent=str(depth - 1)) for depth in range(1, 7))]
    assert told(document(nodes[:6]), registry=BOXES) == []
    assert told(document(nodes), registry=BOXES) == [("nodes[6].parentId", "too_deep")]


def test_a_thousand_nodes_and_five_thousand_edges_are_the_limit() -> None:
    nodes = [node(str(number)) for number in range(MAX_NODES + 1)]
    assert told(document(nodes)) == [("nodes", "too_many_nodes")]
    edges = [edge("0", "1", id_=str(number)) for number in range(MAX_EDGES + 1)]
    assert told(document(nodes[:2], edges)) == [("edges", "too_many_edges")]
    assert told(document(nodes[:MAX_NODES], edges[:MAX_EDGES])) == []


# --- edges ---


def test_an_edge_to_nowhere_names_the_end_that_is_missing() -> None:
    fault = only(document([node("a")], [edge("a", "gone")]))
    assert (fault.path, fault.code, fault.edge_id) == ("edges[0].target", "edge_to_nowhere", "a-gone")
    assert '"gone"' in fault.message


def test_a_node_with_another_fault_is_still_the_end_of_its_edges() -> None:
    doc = document([node("a"), {**node("b"), "position": 5}], [edge("a", "b")])
    assert told(doc) == [("nodes[1].position", "wrong_type")]


def test_nothing_leads_into_a_trigger() -> None:
    doc = document([node("a"), node("start", "manual_trigger")], [edge("a", "start")])
    fault = only(doc)
    assert (fault.path, fault.code, fault.node_id) == ("edges[0].target", "edge_into_trigger", "start")


def test_a_handle_must_be_one_of_the_node() -> None:
    fault = only(document([node("a"), node("b")], [edge("a", "b", "true")]))
    assert (fault.path, fault.code, fault.node_id) == ("edges[0].sourceHandle", "unknown_handle", "a")
    assert "out" in fault.message


@pytest.mark.parametrize("handle", [None, "out"])
def test_null_and_out_both_mean_the_plain_exit(handle: str | None) -> None:
    assert check_document(document([node("a"), node("b")], [edge("a", "b", handle)])) == []


@pytest.mark.parametrize("on_error", [{"on_error": "error"}, {"continue_on_error": True}])
def test_the_error_exit_is_there_when_on_error_asks_for_it(on_error: dict[str, Any]) -> None:
    edges = [edge("a", "b", "error")]
    assert check_document(document([node("a", **on_error), node("b")], edges)) == []
    assert told(document([node("a"), node("b")], edges)) == [("edges[0].sourceHandle", "unknown_handle")]


# --- cycles ---


def test_a_cycle_is_named_node_by_node() -> None:
    doc = document([node("a"), node("b"), node("c")], [edge("a", "b"), edge("b", "c"), edge("c", "a")])
    fault = only(doc)
    assert (fault.path, fault.code, fault.edge_id) == ("edges[2]", "cycle", "c-a")
    assert "a → b → c → a" in fault.message


def test_a_node_that_feeds_itself_is_a_cycle() -> None:
    assert "a → a" in only(document([node("a")], [edge("a", "a")])).message


def test_every_cycle_is_named() -> None:
    nodes = [node(id_) for id_ in "abcd"]
    edges = [edge("a", "b"), edge("b", "a"), edge("c", "d"), edge("d", "c")]
    assert [code for _, code in told(document(nodes, edges))] == ["cycle", "cycle"]


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20, unique=True))
def test_a_cycle_is_reported_just_when_a_walk_can_come_back(pairs: list[tuple[int, int]]) -> None:
    reach = {(a, b) for a, b in pairs}
    while more := {(a, d) for a, b in reach for c, d in reach if b == c} - reach:
        reach |= more
    doc = document([node(str(id_)) for id_ in range(8)], [edge(str(a), str(b)) for a, b in pairs])
    assert any(a == b for a, b in reach) == any(fault.code == "cycle" for fault in check_document(doc))


# --- all at once ---


def test_all_faults_are_told_at_once() -> None:
    doc = document(
        [node("a", "delay"), node("a"), node("b", "nonsense"), {"id": "c", "data": {}}],
        [edge("a", "gone"), edge("a", "b", "left"), edge("b", "b")],
    )
    assert {code for _, code in told(doc)} == {
        "missing_field",
        "unknown_component",
        "duplicate_id",
        "edge_to_nowhere",
        "unknown_handle",
        "cycle",
        "missing_parameter",
    }


def test_the_time_a_check_takes_grows_with_the_document_and_no_faster() -> None:
    small, large = _seconds(100), _seconds(MAX_NODES)
    assert large < 30 * small


def _seconds(size: int) -> float:
    """The best of some tries, for a chain in which each node reads the one before."""
    ids = [f"n{number}" for number in range(size)]
    doc = chain(*ids)
    for before, item in zip(ids, doc["nodes"][1:], strict=False):
        item["data"]["mapping"] = {"x": f"{{{{ nodes.{before}.x }}}}", "y": 5, "z": "text"}
    tries = []
    for _ in range(5):
        start = time.process_time()
        assert check_document(doc) == []
        tries.append(time.process_time() - start)
    return min(tries)

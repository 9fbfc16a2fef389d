"""Where nodes without a place go."""

from __future__ import annotations

from tests.workflows.documents import document, edge, node
from workflows.document import Document
from workflows.layout import CORNER, NODE_HEIGHT, NODE_WIDTH, STEP_X, STEP_Y, places


def without_places(doc: Document) -> Document:
    for item in doc["nodes"]:
        del item["position"]
    return doc


def cells(doc: Document) -> dict[str, tuple[float, float]]:
    return {id_: (x / STEP_X, y / STEP_Y) for id_, (x, y) in places(doc["nodes"], doc["edges"]).items()}


def test_columns_go_from_left_to_right_by_the_longest_way() -> None:
    edges = [edge("a", "b"), edge("b", "c"), edge("a", "c")]
    assert cells(without_places(document([node("c"), node("b"), node("a")], edges))) == {
        "a": (0, 0),
        "b": (1, 0),
        "c": (2, 0),
    }


def test_branches_lie_below_one_another_and_join_between() -> None:
    edges = [edge("a", "b"), edge("a", "c"), edge("a", "d"), edge("b", "e"), edge("c", "e"), edge("d", "e")]
    nodes = [node(id_) for id_ in "abcde"]
    assert cells(without_places(document(nodes, edges))) == {
        "a": (0, 0),
        "b": (1, 0),
        "c": (1, 1),
        "d": (1, 2),
        "e": (2, 1),
    }


def test_what_has_a_place_keeps_it_and_new_nodes_follow_it() -> None:
    placed, new = node("a"), node("b")
    placed["position"] = {"x": 900, "y": 400}
    del new["position"]
    doc = document([placed, new], [edge("a", "b")])
    assert places(doc["nodes"], doc["edges"]) == {"b": (1200, 400)}


def test_no_two_lie_on_one_another() -> None:
    nodes = [node(str(number)) for number in range(200)]
    edges = [edge(str(number // 3), str(number)) for number in range(1, 200)]
    spots = cells(without_places(document(nodes, edges)))
    assert len(set(spots.values())) == 200


def test_it_is_the_same_each_time() -> None:
    nodes = [node(id_) for id_ in "abcde"]
    edges = [edge("a", "c"), edge("b", "c"), edge("c", "d"), edge("c", "e")]
    doc = without_places(document(nodes, edges))
    assert list(cells(doc).items()) == list(cells(doc).items())


def test_what_lies_in_a_container_is_laid_out_by_itself() -> None:
    nodes = [node("a"), node("box", "for_each"), node("x", parent="box"), node("y", parent="box")]
    edges = [edge("a", "box"), edge("x", "y")]
    doc = without_places(document(nodes, edges))
    left, top = CORNER
    inside = {"x": (left, top), "y": (left + STEP_X, top)}
    assert places(doc["nodes"], doc["edges"]) == {"a": (0, 0), "box": (STEP_X, 0), **inside}


def test_nothing_lies_on_a_container_or_on_a_node_with_many_exits() -> None:
    boxes = [node("outer", "for_each"), node("inner", "for_each", parent="outer")]
    inside = [node("x", parent="inner"), *(node(f"y{number}", parent="inner") for number in range(3))]
    cases = [{"name": str(number), "conditions": []} for number in range(6)]
    beside = [node("sw", "switch", cases=cases), node("after"), node("below")]
    edges = [edge("a", "outer"), edge("a", "sw"), edge("a", "below"), edge("outer", "after")]
    edges += [edge("x", f"y{number}") for number in range(3)]
    doc = without_places(document([node("a"), *boxes, *inside, *beside], edges))
    found = places(doc["nodes"], doc["edges"])
    right = CORNER[0] + CORNER[0] + STEP_X + NODE_WIDTH
    bottom = CORNER[1] + CORNER[1] + 2 * STEP_Y + NODE_HEIGHT
    assert found["after"][0] > found["outer"][0] + right
    assert found["sw"][1] > found["outer"][1] + bottom
    assert found["below"][1] >= found["sw"][1] + 140

from tests.workflows.documents import document, node
from workflows.graph import check_document
from workflows.nodes.registry import REGISTRY


def test_each_of_the_two_that_it_runs_as_finds_its_settings_in_it() -> None:
    kind = REGISTRY.get("iterator")
    assert kind is not None
    assert kind.expands is not None
    needed = set()
    for name in kind.expands:
        part = REGISTRY.get(name)
        assert part is not None
        needed |= {field for field, info in part.params.model_fields.items() if info.is_required()}
    assert needed <= set(kind.params.model_fields)


def test_its_settings_may_name_the_item_at_hand() -> None:
    iterator = node("it", "iterator", items=[1], workflow="w", payload={"x": "{{ item }}{{ index }}"})
    assert check_document(document([iterator])) == []


def test_nothing_lies_in_it() -> None:
    nodes = [node("it", "iterator", items=[1], workflow="w"), node("a", parent="it")]
    assert [fault.code for fault in check_document(document(nodes))] == ["parent_no_container"]

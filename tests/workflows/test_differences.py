"""What differs between two drawings; moving things about is no change of what they do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import ApiClient, Person
from tests.workflows.api.drawings import made
from tests.workflows.documents import chain, node
from workflows.differences import compare, fields_between


def drawing(**changes: Any) -> dict[str, Any]:
    return {**chain("start", "a", "b"), "notes": [], "groups": [], **changes}


def test_nothing_differs_from_itself() -> None:
    assert compare(drawing(), drawing())["is_same"] is True


def test_added_removed_changed_and_moved_are_told_apart() -> None:
    after = drawing()
    start, a, _ = after["nodes"]
    after["nodes"] = [
        {**start, "position": {"x": 9, "y": 9}},
        {**a, "data": {**a["data"], "mapping": {"a": True}, "label": "New"}},
        node("c", label="Third"),
    ]
    after["edges"] = [after["edges"][0], {**after["edges"][1], "target": "c"}]
    found = compare(drawing(), after)
    assert [(each["id"], each["change"], each["label"]) for each in found["nodes"]] == [
        ("start", "moved", None),
        ("a", "changed", "New"),
        ("c", "added", "Third"),
        ("b", "removed", None),
    ]
    assert found["nodes"][1]["fields"] == [
        {"path": "mapping.a", "before": 1, "after": True},
        {"path": "label", "before": None, "after": "New"},
    ]
    assert [(edge["change"], edge["target"]) for edge in found["edges"]] == [("added", "c"), ("removed", "b")]
    assert (found["is_same"], found["is_layout_only"]) == (False, False)


def test_what_is_only_moved_or_noted_is_layout() -> None:
    after = drawing(notes=[{"id": "n"}])
    after["nodes"][1] = {**after["nodes"][1], "position": {"x": 1, "y": 1}}
    after["edges"] = [{**edge, "id": f"other-{edge['id']}", "sourceHandle": "out"} for edge in after["edges"]]
    found = compare(drawing(), after)
    assert (found["is_layout_only"], found["annotations_changed"], found["edges"]) == (True, True, [])


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        (1, True, [""]),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ["a[1].b"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a"]),
        ({"data": {"x y": 1}}, {"data": {}}, ['["x y"]']),
        ({"a": None}, {}, []),
    ],
)
def test_fields_are_named_by_their_path(before: Any, after: Any, paths: list[str]) -> None:
    assert [field["path"] for field in fields_between(before, after)] == paths


@pytest.mark.django_db
def test_versions_and_the_draft_are_compared(alice: Person) -> None:
    client: ApiClient = alice.client()
    workflow = made(client, published=True)
    path = f"/workflows/{workflow['id']}"
    nodes = workflow["nodes"][:1]
    client.put(path, {"nodes": nodes, "edges": []})
    found = client.get(f"{path}/differences", {"before": "1"}).json()
    assert [(each["id"], each["change"]) for each in found["nodes"]] == [("greet", "removed")]
    assert client.get(f"{path}/differences", {"before": "1", "after": "1"}).json()["is_same"] is True
    assert client.get(f"{path}/differences", {"before": "2"}).status_code == 404
    for wrong in ({}, {"before": "latest"}, {"before": "-1"}):
        assert client.get(f"{path}/differences", wrong).status_code == 400

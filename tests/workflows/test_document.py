"""A drawing goes into rows and comes out as it went in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.documents import chain, document, edge, node
from workflows.document import copy_document, read_document, write_document
from workflows.models import Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> Version:
    return Version.objects.create(state=Version.State.DRAFT)


def stored(version: Version, doc: Any) -> Any:
    write_document(version, doc)
    return read_document(Version.objects.get(pk=version.pk))


def test_what_was_sent_comes_back_to_the_letter(version: Version) -> None:
    doc = {
        "nodes": [
            {
                "data": {"label": "ß", "componentId": "set", "mapping": {"b": 1, "a": 10**400}, "x": 1.0},
                "selected": False,
                "id": "z",
                "position": {"y": -20, "x": 240, "z": None},
                "type": None,
                "parentId": None,
            },
            {"id": "a", "position": {"x": 0.5, "y": 1}, "data": {"componentId": "set", "mapping": {}}, "parentId": "z"},
        ],
        "edges": [
            {"target": "a", "source": "z", "id": "2", "animated": True, "style": {"stroke": "red"}},
            {"id": "1", "source": "z", "target": "a", "sourceHandle": None, "targetHandle": "in"},
        ],
    }
    assert json.dumps(stored(version, doc)) == json.dumps(doc)


def test_columns_tell_what_queries_ask_for(version: Version) -> None:
    write_document(version, document([node("a"), node("b")], [edge("a", "b", "out")]))
    first = version.nodes.get(node_id="a")
    assert (first.kind, first.type, first.parent_id, first.x) == ("set", "set", None, 0)
    only = version.edges.get()
    assert (only.edge_id, only.source, only.target, only.source_handle) == ("a-b", "a", "b", "out")


def test_writing_again_replaces_all_that_was_there(version: Version) -> None:
    write_document(version, chain("start", "a", "b"))
    assert stored(version, chain("start", "c")) == chain("start", "c")


def test_nodes_without_a_place_are_laid_out_and_keep_it(version: Version) -> None:
    doc = chain("start", "a", "b")
    del doc["nodes"][1]["position"]
    doc["nodes"][2]["position"] = None
    first = stored(version, doc)
    assert [item["position"]["x"] for item in first["nodes"]] == [0, 300, 600]
    assert stored(version, first) == first


def test_a_copy_is_its_own(version: Version) -> None:
    write_document(version, chain("start", "a"))
    frozen = Version.objects.create(state=Version.State.SNAPSHOT)
    copy_document(version, frozen)
    write_document(version, chain("start", "b", "c"))
    assert read_document(frozen) == chain("start", "a")


def test_it_takes_few_queries_whatever_the_size(version: Version) -> None:
    from django.db import connection

    doc = chain(*(f"n{number}" for number in range(300)))
    write_document(version, doc)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        read_document(version)
    assert len(asked) == 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.text(min_size=1, max_size=6), VALUES, max_size=4), max_size=5), st.booleans())
def test_any_extra_keys_survive(version: Version, extras: list[dict[str, Any]], in_data: bool) -> None:
    nodes = []
    for number, extra in enumerate(extras):
        item = node(str(number))
        target = item["data"] if in_data else item
        target.update({key: value for key, value in extra.items() if key not in target and key != "parentId"})
        nodes.append(item)
    doc = document(nodes)
    assert json.dumps(stored(version, doc)) == json.dumps(doc)

"""Which outputs no longer follow from a drawing, and why."""

from __future__ import annotations

from typing import Any

import pytest

from runs.staleness import stale_reasons
from tests.workflows.api.drawings import edge, node
from workflows.document import Document


def chain(**data: dict[str, Any]) -> Document:
    ids = ("start", "fetch", "report", "mail")
    return {
        "nodes": [node(id_, "set", **data.get(id_, {})) for id_ in ids],
        "edges": [edge("start", "fetch"), edge("fetch", "report"), edge("report", "mail")],
    }


def test_what_is_the_same_is_not_stale() -> None:
    now = chain(fetch={"label": "Fetch orders", "notes": "by the hour", "retry": None})
    now["nodes"][1]["position"] = {"x": 9, "y": 9}
    assert stale_reasons(chain(), now, {}) == {}


@pytest.mark.parametrize(
    ("then", "now"), [({"url": "a"}, {"url": "b"}), ({}, {"url": "b"}), ({"url": True}, {"url": 1}), ({"url": 1}, {})]
)
def test_a_changed_setting_makes_the_node_and_all_after_it_stale(then: dict[str, Any], now: dict[str, Any]) -> None:
    reasons = stale_reasons(chain(fetch=then), chain(fetch={**now, "label": "Fetch"}), {})
    assert reasons == {
        "fetch": "Its settings were changed: url.",
        "report": "“Fetch” before it was changed.",
        "mail": "“Fetch” further up was changed.",
    }


def test_another_way_in() -> None:
    now = chain()
    now["edges"][1]["sourceHandle"] = "error"
    assert list(stale_reasons(chain(), now, {})) == ["report", "mail"]
    assert stale_reasons(chain(), now, {})["report"] == "What leads into it was changed."


def test_a_newer_output_before_it() -> None:
    assert stale_reasons(chain(), chain(), {"fetch": "has run"}) == {
        "report": "“fetch” before it has run since.",
        "mail": "“fetch” further up has run since.",
    }


def test_a_new_node_has_no_output_to_be_stale() -> None:
    now = chain()
    now["nodes"].append(node("new", "set"))
    assert stale_reasons(chain(), now, {}) == {}

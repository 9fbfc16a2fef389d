"""The samples are sound, teach something, and stay on the machine."""

from __future__ import annotations

import pytest

from workflows.graph import check_document
from workflows.nodes.registry import REGISTRY
from workflows.samples import Sample, samples

ALL = pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)


@ALL
def test_a_sample_has_no_faults(sample: Sample) -> None:
    assert check_document(sample.document) == []


@ALL
def test_every_node_has_a_label_and_every_sample_some_notes(sample: Sample) -> None:
    data = [node["data"] for node in sample.document["nodes"]]
    assert all(item["label"] for item in data)
    assert any(item.get("notes") for item in data)
    assert sample.description


def test_nothing_in_them_calls_out() -> None:
    kinds = {node["data"]["componentId"] for sample in samples() for node in sample.document["nodes"]}
    assert "http_request" not in kinds
    assert {"webhook_trigger", "schedule_trigger", "manual_trigger"} <= kinds


def test_together_they_show_most_kinds() -> None:
    used = {node["data"]["componentId"] for sample in samples() for node in sample.document["nodes"]}
    assert len(used) >= len(REGISTRY.all()) - 3


def test_one_has_a_first_run() -> None:
    assert sum(sample.has_first_run for sample in samples()) == 1


def test_whoever_gets_them_may_change_them() -> None:
    samples()[0].document["nodes"].clear()
    assert samples()[0].document["nodes"]

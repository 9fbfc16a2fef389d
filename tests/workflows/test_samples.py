"""The samples are sound, teach something, and stay on the machine."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Run
from tests.runs.engine.making import begun, ended, engine, new_project
from workflows.document import write_document
from workflows.graph import check_document
from workflows.models import Version, Workflow
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


def test_together_they_show_the_kinds_that_people_begin_with() -> None:
    used = {node["data"]["componentId"] for sample in samples() for node in sample.document["nodes"]}
    triggers = {kind.kind for kind in REGISTRY.all() if kind.is_trigger}
    assert used >= {*triggers, "set", "transform", "if", "switch", "merge", "log", "respond"}


def test_one_has_a_first_run() -> None:
    assert sum(sample.has_first_run for sample in samples()) == 1


def test_whoever_gets_them_may_change_them() -> None:
    samples()[0].document["nodes"].clear()
    assert samples()[0].document["nodes"]


# --- run by the engine ---


def ran(sample: Sample, payload: Any = None) -> Run:
    project = new_project()
    version = Version.objects.create(state="published", number=1)
    write_document(version, sample.document)
    workflow = Workflow.objects.create(
        project=project,
        key="sample",
        name=sample.name,
        authorization=project.memberships.get(),
        draft=Version.objects.create(state="draft"),
        published=version,
    )
    Version.objects.filter(pk=version.pk).update(workflow=workflow)
    run = begun(workflow, sample.context if payload is None else payload)
    with engine(kinds=REGISTRY):
        return ended(run, 15)


def by_name(name: str) -> Sample:
    return next(sample for sample in samples() if sample.name == name)


@pytest.mark.django_db(transaction=True)
def test_the_order_report_adds_up_and_goes_the_large_way() -> None:
    run = ran(by_name("Order report"))
    assert run.error is None
    assert run.status == "completed"
    assert run.output == {
        "text": "3 orders, 282.0 in all",
        "total": 282.0,
        "products": ["Penstock gate", "Sluice board", "Water wheel"],
    }
    assert run.logs.get(node_id="size").handle == "large"
    assert not run.logs.filter(node_id="small").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("payload", "status", "body"),
    [
        ({"body": {"customer": " ada ", "quantity": 3}}, 201, "Thank you, Ada."),
        ({"body": {"customer": "Ada", "quantity": 0}}, 422, "An order needs"),
        ({"body": {"customer": "Ada", "quantity": "three"}}, 422, "An order needs"),
        ({"body": "not even an object"}, 422, "An order needs"),
        ({}, 422, "An order needs"),
    ],
)
def test_an_order_is_checked_and_answered(payload: Any, status: int, body: str) -> None:
    run = ran(by_name("Check an order"), payload)
    assert run.error is None
    assert run.status == "completed"
    assert run.response["status"] == status
    assert run.response["body"]["message"].startswith(body)


@pytest.mark.django_db(transaction=True)
def test_the_morning_round_waits_on_its_way() -> None:
    sample = by_name("Morning round")
    sample.document["nodes"][1]["data"]["mapping"]["seconds"] = 0.2
    run = ran(sample)
    assert run.error is None
    assert run.status == "completed"
    texts = [message["text"] for log in run.logs.order_by("started_at", "seq") for message in log.messages or []]
    assert texts == ["Off to the sluice, 0.2 seconds away", "All is well at the sluice"]

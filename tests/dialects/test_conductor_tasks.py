"""Tasks that somebody outside completes: by reference name and by signals, with the engine at work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runs.models import Run
from runs.services import pending_waits
from tests.dialects.test_conductor import Conductor, error
from tests.dialects.test_conductor_definitions import definition, task
from tests.people import Person
from tests.runs.engine.making import ended, engine, until
from workflows.nodes.registry import REGISTRY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conductor(alice: Person) -> Iterator[Conductor]:
    with engine(kinds=REGISTRY):
        yield Conductor(alice)


def begun(conductor: Conductor, *tasks: Any, **more: Any) -> Run:
    body = definition(*tasks, **more)
    assert conductor.call("POST", "/metadata/workflow", body).status_code == 200
    return Run.objects.get(pk=conductor.call("POST", f"/workflow/{body['name']}", {}).text)


def told(conductor: Conductor, run: Run, path: str, body: Any = None) -> Any:
    answer = conductor.call("POST", f"/tasks/{run.id}/{path}", body or {}, Accept="text/plain")
    assert answer.status_code == 200, answer.text
    return answer


def test_a_task_is_completed_by_its_reference_name(conductor: Conductor) -> None:
    run = begun(conductor, task("gate", "HUMAN"))
    answer = told(conductor, run, "gate/COMPLETED?workerid=w", {"ok": True})
    assert answer["Content-Type"] == "text/plain"
    assert ended(run).output == {"ok": True}
    assert run.logs.get(node_id="gate").id == answer.text
    assert error(conductor.call("POST", f"/tasks/{run.id}/gate/COMPLETED", {})) == 404


def test_a_task_in_progress_stays_and_one_that_failed_ends_the_run(conductor: Conductor) -> None:
    run = begun(conductor, task("gate", "WAIT"))
    told(conductor, run, "gate/IN_PROGRESS")
    assert conductor.told(run.id)["status"] == "RUNNING"
    told(conductor, run, "gate/FAILED_WITH_TERMINAL_ERROR")
    shown = conductor.told(run.id)
    assert (shown["status"], shown["failedReferenceTaskNames"]) == ("FAILED", ["gate"])


def test_a_wait_of_some_time_is_cut_short(conductor: Conductor) -> None:
    run = begun(conductor, task("gate", "WAIT", {"duration": "1h"}))
    told(conductor, run, "gate/COMPLETED")
    assert ended(run).status == "completed"


def test_the_run_is_told_when_it_is_asked_for(conductor: Conductor) -> None:
    run = begun(conductor, task("gate", "WAIT"), task("next", "WAIT"))
    shown = told(conductor, run, "gate/COMPLETED/sync", {"n": 1}).json()
    assert (shown["workflowId"], shown["tasks"][1]["outputData"]) == (run.id, {"n": 1})


@pytest.mark.parametrize(
    ("path", "status"),
    [("other/COMPLETED", 404), ("other/COMPLETED/sync", 404), ("gate/DONE", 400), ("DONE/signal", 400)],
)
def test_what_cannot_be_completed(conductor: Conductor, path: str, status: int) -> None:
    run = begun(conductor, task("gate", "WAIT"))
    until(lambda: pending_waits(run).exists())
    assert error(conductor.call("POST", f"/tasks/{run.id}/{path}", {})) == status
    assert error(conductor.call("POST", f"/tasks/nope/{path}", {})) == 404
    assert error(conductor.call("POST", f"/tasks/{run.id}/gate/COMPLETED", [])) == 400


def test_a_signal_completes_the_task_at_which_a_run_stands_still_also_in_one_below(conductor: Conductor) -> None:
    conductor.call("POST", "/metadata/workflow", definition(task("deep", "WAIT"), name="Below"))
    run = begun(conductor, task("first", "WAIT"), task("sub", "SUB_WORKFLOW", subWorkflowParam={"name": "Below"}))
    assert told(conductor, run, "COMPLETED/signal").text == ""
    until(lambda: run.children.exists())
    below = run.children.get()
    until(lambda: pending_waits(below).exists())
    shown = told(conductor, run, "COMPLETED/signal/sync", {"n": 5}).json()
    assert (shown["responseType"], shown["targetWorkflowStatus"]) == ("TARGET_WORKFLOW", "COMPLETED")
    assert ended(run).output == {"n": 5}
    assert error(conductor.call("POST", f"/tasks/{run.id}/COMPLETED/signal/sync", {})) == 404


@pytest.mark.parametrize("strategy", ["TARGET_WORKFLOW", "BLOCKING_WORKFLOW", "BLOCKING_TASK", "BLOCKING_TASK_INPUT"])
def test_a_signal_is_answered_as_it_asks(conductor: Conductor, strategy: str) -> None:
    conductor.call("POST", "/metadata/workflow", definition(task("deep", "WAIT"), name="Below"))
    run = begun(conductor, task("first", "WAIT"), task("sub", "SUB_WORKFLOW", subWorkflowParam={"name": "Below"}))
    shown = told(conductor, run, f"COMPLETED/signal/sync?returnStrategy={strategy}").json()
    below = run.children.get()
    assert (shown["responseType"], shown["targetWorkflowId"]) == (strategy, run.id)
    assert shown["targetWorkflowStatus"] == "RUNNING"
    assert shown["workflowId"] == (run.id if strategy == "TARGET_WORKFLOW" else below.id)
    if strategy.startswith("BLOCKING_TASK"):
        assert (shown["referenceTaskName"], shown["status"]) == ("deep", "IN_PROGRESS")
    assert error(conductor.call("POST", f"/tasks/{run.id}/COMPLETED/signal/sync?returnStrategy=X", {})) == 400

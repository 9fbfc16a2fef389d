"""Tasks that somebody outside completes: by reference name and by signals, with the engine at work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from runs.dialects.conductor import blocking, control
from runs.engine.journal import Journal
from runs.engine.lines import Entry
from runs.models import Run
from runs.services import pending_waits
from tests.dialects.test_conductor import Conductor, error
from tests.dialects.test_conductor_definitions import definition, task
from tests.people import Person
from tests.runs.engine.making import ended, engine, until
from workflows.models import Node
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
    assert (shown["workflowId"], shown["tasks"][0]["outputData"]) == (run.id, {"n": 1})


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


# --- what else is said of a live run, and running again ---


def test_variables_are_merged_and_told(conductor: Conductor) -> None:
    run = begun(conductor, task("gate", "WAIT"))
    for body in ({"a": 1, "b": 1}, {"b": 2}):
        answer = conductor.call("POST", f"/workflow/{run.id}/variables", body)
        assert answer.status_code == 200, answer.text
    assert answer.json()["variables"] == {"a": 1, "b": 2}
    assert conductor.call("GET", f"/workflow/{run.id}/status?includeVariables=true").json()["variables"]["b"] == 2
    assert error(conductor.call("POST", f"/workflow/{run.id}/variables", [])) == 400
    told(conductor, run, "gate/COMPLETED")
    ended(run)
    assert error(conductor.call("POST", f"/workflow/{run.id}/variables", {"c": 1})) == 409


def test_the_state_is_variables_and_what_came_of_a_task(conductor: Conductor) -> None:
    run = begun(conductor, task("gate", "WAIT"), task("next", "WAIT"))
    result = {"status": "COMPLETED", "outputData": {"n": 1}}
    body = {"taskReferenceName": "gate", "taskResult": result, "variables": {"a": 1}}
    answer = conductor.call("POST", f"/workflow/{run.id}/state?requestId=r1&waitForSeconds=20", body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["requestId"], shown["status"], shown["variables"]) == ("r1", "RUNNING", {"a": 1})
    assert (shown["tasks"][0]["outputData"], shown["tasks"][1]["referenceTaskName"]) == ({"n": 1}, "next")
    assert error(conductor.call("POST", f"/workflow/{run.id}/state", {"taskReferenceName": "next"})) == 400
    assert error(conductor.call("POST", f"/workflow/{run.id}/state", {"variables": 1})) == 400
    assert error(conductor.call("POST", f"/workflow/{run.id}/state", {**body, "taskReferenceName": "no"})) == 404


def test_an_execution_is_answered_when_it_stands_still_or_a_task_is_over(conductor: Conductor) -> None:
    nap = task("nap", "WAIT", {"duration": "1s"})
    conductor.call("POST", "/metadata/workflow", definition(nap, task("long", "WAIT", {"duration": "1h"})))
    query = "waitUntilTaskRef=other,nap&waitForSeconds=60&requestId=None"
    until_nap = conductor.call("POST", f"/workflow/execute/Orders/1?{query}", {"name": "Orders"}).json()
    assert [each["status"] for each in until_nap["tasks"]] == ["COMPLETED", "IN_PROGRESS"]
    conductor.call("POST", "/metadata/workflow", definition(task("deep", "WAIT"), name="Below"))
    sub = task("sub", "SUB_WORKFLOW", subWorkflowParam={"name": "Below"})
    conductor.call("POST", "/metadata/workflow", definition(sub, name="Above"))
    path = "/workflow/execute/Above/0?waitForSeconds=60&returnStrategy=BLOCKING_TASK"
    blocked = conductor.call("POST", path, {"name": "Above"}).json()
    assert (blocked["referenceTaskName"], blocked["targetWorkflowStatus"]) == ("deep", "RUNNING")
    assert error(conductor.call("POST", "/workflow/execute/Above/0?returnStrategy=ODD", {"name": "Above"})) == 400


def test_a_rerun_begins_with_any_task_and_keeps_what_was_before(conductor: Conductor) -> None:
    run = begun(conductor, task("one", "WAIT"), task("two", "WAIT"))
    told(conductor, run, "one/COMPLETED", {"n": 1})
    told(conductor, run, "two/COMPLETED", {"n": 2})
    ended(run)
    [_, two] = conductor.told(run.id)["tasks"]
    body = {"reRunFromTaskId": two["taskId"], "correlationId": "again"}
    answer = conductor.call("POST", f"/workflow/{run.id}/rerun", body, Accept="text/plain")
    assert (answer.status_code, answer.text) == (200, run.id), answer.text
    again = Run.objects.get(retry_of=run)
    until(lambda: pending_waits(again).filter(node_id="two").exists())
    shown = conductor.told(run.id)
    assert (shown["correlationId"], shown["tasks"][0]["outputData"]) == ("again", {"n": 1})
    told(conductor, run, "two/COMPLETED", {"n": 3})
    assert ended(again).output == {"n": 3}


def test_a_rerun_gives_its_task_another_input(conductor: Conductor) -> None:
    other = task("other", "WAIT")
    cases = {"yes": [task("work", "HUMAN", {"a": "${one.output.n}", "b": "kept"})], "no": [other]}
    choose = task("choose", "SWITCH", {"x": "yes"}, evaluatorType="value-param", expression="x", decisionCases=cases)
    run = begun(conductor, task("one", "WAIT"), choose, task("two", "HUMAN", {"c": "${work.output.n}"}))
    told(conductor, run, "one/COMPLETED", {"n": 1})
    told(conductor, run, "work/COMPLETED", {"n": 2})
    told(conductor, run, "two/COMPLETED")
    ended(run)
    [work] = [each for each in conductor.told(run.id)["tasks"] if each["referenceTaskName"] == "work"]
    assert work["inputData"] == {"a": 1, "b": "kept"}
    path, body = f"/workflow/{run.id}/rerun", {"reRunFromTaskId": work["taskId"]}
    for wrong in ({"a": "${workflow.input.x}"}, {"a": ["${}"]}, [1], "text"):
        assert error(conductor.call("POST", path, {**body, "taskInput": wrong})) == 400
    answer = conductor.call("POST", path, {**body, "taskInput": {"a": "{{ 1 }}", "n": [7]}})
    assert (answer.status_code, answer.text) == (200, run.id)
    again = Run.objects.get(retry_of=run)
    told(conductor, run, "work/COMPLETED", {"n": 5})
    told(conductor, run, "two/COMPLETED")
    ended(again)
    tasks = {each["referenceTaskName"]: each for each in conductor.told(run.id)["tasks"]}
    assert tasks["one"]["outputData"] == {"n": 1}
    assert tasks["work"]["inputData"] == {"a": "{{ 1 }}", "n": [7]}
    assert tasks["two"]["inputData"]["c"] == 5
    assert conductor.told(run.id)["workflowVersion"] == 1
    node = Node.objects.get(version=again.version_id, node_id="two")
    node.data = {**node.data, "label": "Changed by hand"}
    node.save()
    body = {"reRunFromTaskId": tasks["work"]["taskId"], "taskInput": {"a": 1}}
    assert error(conductor.call("POST", path, body)) == 400


def test_a_task_that_was_not_reached_is_skipped_by_both_bodies(conductor: Conductor) -> None:
    tasks = [task("gate", "WAIT"), task("one", "WAIT"), task("two", "WAIT")]
    run = begun(conductor, *tasks, outputParameters={"one": "${one.output.n}", "two": "${two.output.n}"})
    until(lambda: pending_waits(run).exists())
    body = {"taskInput": {}, "taskOutput": {"n": 1}}
    assert conductor.call("PUT", f"/workflow/{run.id}/skiptask/one", body).status_code == 200
    literal = quote("{'taskInput': None, 'taskOutput': {'n': 2, 't': True}}")
    assert conductor.call("PUT", f"/workflow/{run.id}/skiptask/two?skipTaskRequest={literal}", {}).status_code == 200
    for ref, wanted in (("gate", 409), ("nope", 404), ("start", 409)):
        assert error(conductor.call("PUT", f"/workflow/{run.id}/skiptask/{ref}", body)) == wanted
    for wrong in ("1", "open(1)", "{'a': {1}}", "{'taskOutput': 1}"):
        assert error(conductor.call("PUT", f"/workflow/{run.id}/skiptask/one?skipTaskRequest={quote(wrong)}")) == 400
    told(conductor, run, "gate/COMPLETED")
    assert ended(run).output == {"one": 1, "two": 2}
    assert [each["status"] for each in conductor.told(run.id)["tasks"]] == ["COMPLETED", "SKIPPED", "SKIPPED"]
    assert error(conductor.call("PUT", f"/workflow/{run.id}/skiptask/one", body)) == 409


def test_a_report_that_comes_before_the_task_waits_is_not_lost(
    conductor: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on record that the task has begun a moment before it is that it waits."""
    write = Journal._write

    def write_waits_late(self: Journal, entries: list[Entry]) -> None:
        if any(entry.waits for entry in entries):
            time.sleep(0.7)
        write(self, entries)

    monkeypatch.setattr(Journal, "_write", write_waits_late)
    monkeypatch.setattr(blocking, "FIRST_TASK_SECONDS", 60)
    run = begun(conductor, task("gate", "WAIT"))
    [gate] = conductor.told(run.id)["tasks"]
    assert not run.waits.exists()
    said = {"taskId": gate["taskId"], "workflowInstanceId": run.id, "status": "COMPLETED", "outputData": {"n": 1}}
    assert conductor.call("POST", "/tasks", said).status_code == 200
    assert ended(run).status == "completed"


def test_who_reads_a_run_right_after_it_was_started_sees_its_first_task(
    conductor: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "FIRST_TASK_SECONDS", 60)  # for slow machines: none of it is waited for in vain
    monkeypatch.setattr(control, "ENDING_SECONDS", 60)
    run = begun(conductor, task("one"), task("gate", "WAIT"), task("more", "WAIT"))
    [_, gate] = conductor.told(run.id)["tasks"]
    assert (gate["referenceTaskName"], gate["status"]) == ("gate", "IN_PROGRESS")
    said = {"taskId": gate["taskId"], "workflowInstanceId": run.id, "status": "COMPLETED"}
    assert conductor.call("POST", "/tasks", said).status_code == 200
    told(conductor, run, "more/COMPLETED")
    assert conductor.call("POST", f"/workflow/{run.id}/rerun", {"reRunFromTaskId": gate["taskId"]}).status_code == 200
    assert [each["referenceTaskName"] for each in conductor.told(run.id)["tasks"]] == ["one", "gate"]
    assert conductor.call("DELETE", f"/workflow/{run.id}").status_code == 200
    assert conductor.call("POST", f"/workflow/{run.id}/restart").status_code == 204
    assert conductor.call("PUT", f"/workflow/{run.id}/pause").status_code == 200
    shown = conductor.told(run.id)
    assert (shown["status"], shown["tasks"][-1]["referenceTaskName"]) == ("PAUSED", "gate")

"""Conductor's `POST /api/workflow/test` and inline definitions, with the engine at work."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Run, Wait
from tests.dialects.test_conductor import Conductor, error
from tests.dialects.test_conductor_definitions import definition, loop, switch, task
from tests.dialects.test_conductor_tasks import conductor
from tests.runs.engine.making import ended, until
from workflows.models import Workflow

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["conductor"]

CALL = task("get", "HTTP", {"http_request": {"uri": "http://127.0.0.1:9/must-not-be-called", "method": "POST"}})
MAIL = task("mail", "SIMPLE", {"to": "${workflow.input.to}"})


def mock(status: str = "COMPLETED", **output: Any) -> Any:
    return {"status": status, "output": output}


def outcome(conductor: Conductor, body: Any) -> Any:
    answer = conductor.call("POST", "/workflow/test", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def seen(told: Any) -> list[tuple[str, str, str]]:
    return [(each["referenceTaskName"], each["taskType"], each["status"]) for each in told["tasks"]]


def test_what_would_reach_out_comes_to_its_mocks_attempt_by_attempt(conductor: Conductor) -> None:
    chosen = switch("${mail.output.sent}", {"true": [task("gate", "HUMAN")], "false": [task("no")]})
    mail = {**MAIL, "inputParameters": {"to": "${get.output.response.body.email}"}}
    body = definition(CALL, mail, chosen, outputParameters={"by": "${gate.output.by}"})
    mocks = {
        "get": [mock(response={"statusCode": 200, "body": {"email": "a@b"}})],
        "mail": [mock("FAILED", why="busy"), {**mock(sent=True), "executionTime": 2000, "queueWaitTime": 500}],
        "gate": [mock(by="ada")],
    }
    told = outcome(conductor, {"name": "Orders", "workflowDef": body, "input": {"a": 1}, "taskRefToMockOutput": mocks})
    assert (told["status"], told["output"], told["input"]) == ("COMPLETED", {"by": "ada"}, {"a": 1})
    assert seen(told) == [
        ("get", "HTTP", "COMPLETED"),
        ("mail", "mail", "FAILED"),
        ("mail", "mail", "COMPLETED"),
        ("sw", "SWITCH", "COMPLETED"),
        ("gate", "HUMAN", "COMPLETED"),
    ]
    first, failed, second, *_ = told["tasks"]
    assert (first["outputData"]["response"]["body"], first["workflowTask"]) == ({"email": "a@b"}, {**CALL})
    assert (failed["inputData"], failed["outputData"]) == ({"to": "a@b"}, {"why": "busy"})
    assert (second["endTime"] - second["startTime"], second["queueWaitTime"]) == (2000, 500)
    assert conductor.call("GET", "/metadata/workflow/Orders").status_code == 404


def test_a_registered_definition_is_tested_as_far_as_there_are_mocks(conductor: Conductor) -> None:
    assert conductor.call("POST", "/metadata/workflow", definition(MAIL, task("after", "HUMAN"))).status_code == 200
    told = outcome(conductor, {"name": "Orders", "version": 1, "taskRefToMockOutput": {"mail": [mock(id=1)]}})
    assert (told["status"], seen(told)[1]) == ("RUNNING", ("after", "HUMAN", "SCHEDULED"))
    assert ended(Run.objects.get(pk=told["workflowId"])).status == "terminated"
    assert conductor.call("GET", "/tasks/poll/mail").status_code == 204
    assert conductor.call("GET", "/metadata/workflow/Orders").json()["tasks"][1]["type"] == "HUMAN"


def test_no_worker_gets_a_task_of_a_test(conductor: Conductor) -> None:
    told = outcome(conductor, {"workflowDef": definition(MAIL)})
    assert (told["status"], seen(told)) == ("RUNNING", [("mail", "mail", "SCHEDULED")])
    assert Wait.objects.get(run=told["workflowId"], kind="task").domains


def test_the_iterations_of_a_loop_have_mocks_of_their_own(conductor: Conductor) -> None:
    again = loop("$.l.iteration < 3", task("work", "SIMPLE"), task("x", "INLINE", {"expression": "$.n", "n": "y"}))
    body = definition(again, outputParameters={"all": "${l.output}"})
    mocks = {"work__2": [mock(n=2)], "work": [mock(n=1), mock(n=3)], "x__1": [mock(result="mocked")]}
    told = outcome(conductor, {"workflowDef": body, "taskRefToMockOutput": mocks})
    assert told["status"] == "RUNNING"  # x has mocks, so that it needs one in every iteration
    mocks["x__2"] = mocks["x__3"] = [mock(result="too")]
    told = outcome(conductor, {"workflowDef": body, "taskRefToMockOutput": mocks})
    assert told["status"] == "COMPLETED"
    passes = told["output"]["all"]
    assert [passes[n]["work"]["n"] for n in "123"] == [1, 2, 3]
    assert [passes[n]["x"]["result"] for n in "123"] == ["mocked", "too", "too"]


def test_a_workflow_within_is_tested_by_a_request_of_its_own(conductor: Conductor) -> None:
    inner = {**definition(task("ask", "HUMAN"), outputParameters={"said": "${ask.output.yes}"}), "name": "Inner"}
    assert conductor.call("POST", "/metadata/workflow", inner).status_code == 200
    outer = definition(task("sub", "SUB_WORKFLOW", subWorkflowParam={"name": "Inner", "version": 1}))
    request = {"workflowDef": outer}
    assert outcome(conductor, request)["status"] == "RUNNING"
    below = {"sub": {"name": "Inner", "taskRefToMockOutput": {"ask": [mock(yes=True)]}}}
    assert outcome(conductor, {**request, "subWorkflowTestRequest": below})["output"] == {"said": True}
    failing = {"sub": {"name": "Inner", "taskRefToMockOutput": {"ask": [mock("FAILED")]}}}
    assert outcome(conductor, {**request, "subWorkflowTestRequest": failing})["status"] == "FAILED"
    assert outcome(conductor, {**request, "taskRefToMockOutput": {"sub": [mock(a=1)]}})["output"] == {"a": 1}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "nope"}, 404),
        ({}, 400),
        ({"workflowDef": definition(task("a", "NOPE"))}, 400),
        ({"workflowDef": definition(), "taskRefToMockOutput": {"a": [{"status": "ODD"}]}}, 400),
        ({"workflowDef": definition(), "taskRefToMockOutput": []}, 400),
        ({"workflowDef": definition(), "input": []}, 400),
    ],
)
def test_what_cannot_be_tested_is_refused(conductor: Conductor, body: Any, status: int) -> None:
    assert error(conductor.call("POST", "/workflow/test", body)) == status


# --- inline definitions ---


def test_a_definition_is_run_without_being_registered(conductor: Conductor) -> None:
    body = {**definition(task("x", "INLINE", {"expression": "$.a + 1", "a": "${workflow.input.a}"})), "version": 7}
    request = {"name": "Orders", "version": 7, "workflowDef": body, "input": {"a": 1}}
    runs = [Run.objects.get(pk=conductor.call("POST", "/workflow", request).text) for _ in range(2)]
    assert [ended(run).output for run in runs] == [{"result": 2}] * 2
    assert runs[0].version_id == runs[1].version_id
    told = conductor.told(runs[0].id)
    assert (told["workflowName"], told["workflowVersion"], seen(told)) == ("Orders", 7, [("x", "INLINE", "COMPLETED")])
    assert error(conductor.call("GET", "/metadata/workflow/Orders")) == 404
    assert error(conductor.call("POST", "/workflow/Orders", {})) in (404, 409)
    answer = conductor.call("POST", "/workflow/execute/Orders/7", request).json()
    assert (answer["status"], answer["output"]) == ("COMPLETED", {"result": 2})
    assert conductor.call("POST", "/metadata/workflow", body).status_code == 200
    registered = Run.objects.get(pk=conductor.call("POST", "/workflow", request).text)
    assert registered.version_id == Workflow.objects.get(key="Orders").published_id
    broken = {"name": "Orders", "workflowDef": definition(task("a", "NOPE"))}
    assert "tasks[0].type" in conductor.call("POST", "/workflow", broken).text


# --- domains ---


def test_tasks_go_to_the_workers_of_their_domains(conductor: Conductor) -> None:
    assert conductor.call("POST", "/metadata/workflow", definition(MAIL)).status_code == 200

    def started(domains: Any) -> Run:
        request = {"name": "Orders", "taskToDomain": domains}
        return Run.objects.get(pk=conductor.call("POST", "/workflow", request).text)

    runs = [started({"mail": "east"}), started({"*": "west, NO_DOMAIN", "other": "east"})]
    until(lambda: Wait.objects.filter(kind="task").count() == 2)

    def polled(query: str) -> Any:
        answer = conductor.call("GET", f"/tasks/poll/mail{query}")
        return answer.json()["workflowInstanceId"] if answer.status_code == 200 else None

    assert (polled("?domain=west2"), polled("?domain=East")) == (None, None)
    assert (polled(""), polled("")) == (runs[1].id, None)
    taken = conductor.call("GET", "/tasks/poll/batch/mail?domain=east").json()
    assert [(each["workflowInstanceId"], each["domain"]) for each in taken] == [(runs[0].id, "east")]
    assert conductor.told(runs[0].id)["taskToDomain"] == {"mail": "east"}
    assert error(conductor.call("POST", "/workflow", {"name": "Orders", "taskToDomain": {"a": 1}})) == 400

"""How Conductor's runs end: joins that wait for some, TERMINATE, and failure workflows, with the engine at work."""

from __future__ import annotations

from typing import Any

import pytest

from runs import alerts
from runs.models import Run
from tests.dialects.test_conductor import Conductor, error
from tests.dialects.test_conductor_definitions import definition, fork, loop, switch, task
from tests.dialects.test_conductor_dynamic import begun
from tests.dialects.test_conductor_tasks import conductor
from tests.runs.engine.making import ended, until
from workflows.models import Workflow

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["conductor"]


def inline(ref: str, expression: str, **inputs: Any) -> Any:
    return task(ref, "INLINE", {"expression": expression, **inputs})


def test_a_join_waits_for_what_it_names_and_the_run_for_the_rest(conductor: Conductor) -> None:
    rows = fork([inline("a", "1"), task("late", "HUMAN")], [inline("b", "2")], join_on=["a", "b"])
    after = task("after", "SET_VARIABLE", {"sum": "${j.output.a.result}"})
    body = definition(*rows, after, outputParameters={"joined": "${j.output}"})
    run = begun(conductor, body, {})
    until(lambda: run.logs.filter(node_id="after", status="completed").exists())
    assert conductor.told(run.id)["status"] == "RUNNING"
    assert conductor.call("POST", f"/tasks/{run.id}/late/COMPLETED", {}).status_code == 200
    assert ended(run).output == {"joined": {"a": {"result": 1}, "b": {"result": 2}}}


def test_a_join_in_a_loop_may_wait_for_some_too(conductor: Conductor) -> None:
    rows = fork([inline("a", "1")], [inline("b", "2")], join_on=["a"])
    run = begun(conductor, definition(loop("$.l.iteration < 2", *rows, inline("n", "$.x", x="${j.output.a}"))), {})
    assert ended(run).output["2"]["n"] == {"result": {"result": 1}}


@pytest.mark.parametrize(("status", "wire"), [("TERMINATED", "TERMINATED"), ("FAILED", "FAILED")])
def test_terminate_ends_the_run_as_it_says(conductor: Conductor, status: str, wire: str) -> None:
    given = {"terminationStatus": status, "terminationReason": "no ${workflow.input.why}"}
    stop = task("t", "TERMINATE", {**given, "workflowOutput": {"n": 1}})
    run = begun(conductor, definition(*fork([stop], [task("never", "HUMAN")])), {"why": "money"})
    ended(run)
    told = conductor.told(run.id)
    assert (told["status"], told["reasonForIncompletion"], told["output"]) == (wire, "no money", {"n": 1})


def test_what_a_switch_has_chosen_can_be_read(conductor: Conductor) -> None:
    by_value = switch("${workflow.input.of}", {"big": []})
    script = task("s2", "SWITCH", {"n": 2}, evaluatorType="graaljs", expression="'c' + $.n", decisionCases={"c2": []})
    told = {"one": "${sw.output.selectedCase}", "two": "${s2.output.evaluationResult[0]}", "all": "${sw.output}"}
    run = begun(conductor, definition(by_value, script, outputParameters=told), {"of": "odd"})
    both = {"evaluationResult": ["odd"], "selectedCase": "odd"}
    assert ended(run).output == {"one": "odd", "two": "c2", "all": both}


def cleaning(conductor: Conductor, *tasks: Any) -> Any:
    tidy = {**definition(inline("x", "$.why", why="${workflow.input.reason}")), "name": "Tidy"}
    assert conductor.call("POST", "/metadata/workflow", tidy).status_code == 200
    return definition(*tasks, failureWorkflow="Tidy")


def test_a_failure_workflow_is_told_of_the_run(conductor: Conductor) -> None:
    body = cleaning(conductor, task("t", "TERMINATE", {"terminationStatus": "FAILED", "terminationReason": "no"}))
    run = begun(conductor, body, {"order": 5})
    ended(run)
    assert [alerts.tell_of_runs(), alerts.tell_of_runs()] == [1, 0]
    started = Run.objects.get(workflow__key="Tidy")
    given = started.trigger_payload
    told = {name: given[name] for name in ("order", "reason", "workflowId", "failureStatus")}
    assert told == {"order": 5, "reason": "no", "workflowId": run.id, "failureStatus": "FAILED"}
    assert given["failedWorkflow"]["workflowName"] == "Orders"
    assert ended(started).output == {"result": "no"}
    assert conductor.told(run.id)["output"]["conductor.failure_workflow"] == started.id


def test_a_task_that_failed_is_named_to_the_failure_workflow(conductor: Conductor) -> None:
    run = begun(conductor, cleaning(conductor, inline("bad", "nobody.knows")), {})
    ended(run)
    alerts.tell_of_runs()
    given = Run.objects.get(workflow__key="Tidy").trigger_payload
    assert given["failureTaskId"] == run.logs.get(node_id="bad").id
    told = conductor.told(run.id)
    assert (told["failedReferenceTaskNames"], told["failedTaskNames"]) == (["bad"], ["bad"])
    assert told["workflowDefinition"]["failureWorkflow"] == "Tidy"


def test_it_is_started_for_a_run_that_was_terminated_when_that_is_asked(conductor: Conductor) -> None:
    body = cleaning(conductor, task("gate", "HUMAN"))
    runs = [begun(conductor, body, {})]
    runs.append(Run.objects.get(pk=conductor.call("POST", "/workflow/Orders", {}).text))
    until(lambda: all(run.waits.exists() for run in runs))
    assert conductor.call("DELETE", f"/workflow/{runs[0].id}?reason=why").status_code == 200
    answer = conductor.call("DELETE", f"/workflow/{runs[1].id}?reason=why&triggerFailureWorkflow=true")
    assert answer.status_code == 200
    given = Run.objects.get(workflow__key="Tidy").trigger_payload
    assert (given["workflowId"], given["reason"], given["failureStatus"]) == (runs[1].id, "why", "TERMINATED")


def test_a_failure_workflow_must_be_there(conductor: Conductor) -> None:
    for name in ("Nobody", "Orders"):
        answer = conductor.call("POST", "/metadata/workflow", definition(failureWorkflow=name))
        assert (error(answer), "failureWorkflow" in answer.text) == (400, True)
    assert not Workflow.objects.filter(key="Orders").exists()


# --- times ---


def test_a_wait_may_read_its_time(conductor: Conductor) -> None:
    wait = task("w", "WAIT", {"duration": "${workflow.input.time}"})
    run = begun(conductor, definition(wait, inline("x", "1")), {"time": "1 second"})
    assert ended(run).output == {"result": 1}
    failed = ended(Run.objects.get(pk=conductor.call("POST", "/workflow/Orders", {"time": "soon"}).text))
    assert (failed.status, "soon is no time" in (failed.error or {})["message"]) == ("failed", True)


@pytest.mark.parametrize(("policy", "attempts"), [("RETRY", 2), ("TIME_OUT_WF", 1)])
def test_a_task_that_nobody_does_in_time_times_out(conductor: Conductor, policy: str, attempts: int) -> None:
    rules = {"name": "mail", "timeoutSeconds": 1, "timeoutPolicy": policy, "retryCount": 1, "retryDelaySeconds": 0}
    assert conductor.call("POST", "/metadata/taskdefs", [rules]).status_code == 200
    run = begun(conductor, definition(task("mail", "SIMPLE")), {})
    ended(run)
    told = conductor.told(run.id)
    assert (told["status"], [each["status"] for each in told["tasks"]]) == ("TIMED_OUT", ["TIMED_OUT"] * attempts)
    found = conductor.call("GET", "/workflow/search?query=status%3DTIMED_OUT").json()
    assert [each["workflowId"] for each in found["results"]] == [run.id]


# --- workflows within ---


def test_a_workflow_that_is_defined_where_it_is_called_is_registered(conductor: Conductor) -> None:
    inner = {**definition(inline("x", "$.n + 1", n="${workflow.input.n}")), "name": "Inner"}
    sub = {"name": "Inner", "version": 1, "workflowDefinition": inner}
    body = definition(task("s", "SUB_WORKFLOW", {"n": 1}, subWorkflowParam=sub))
    assert ended(begun(conductor, body, {})).output == {"result": 2}
    assert conductor.call("POST", "/metadata/workflow?overwrite=true", body).status_code == 200
    assert conductor.call("GET", "/metadata/workflow/Inner").json()["tasks"] == inner["tasks"]
    other = {**sub, "workflowDefinition": {**inner, "description": "another"}}
    changed = definition(task("s", "SUB_WORKFLOW", subWorkflowParam=other))
    assert "subWorkflowParam.workflowDefinition" in conductor.call("PUT", "/metadata/workflow", [changed]).text
    broken = {"name": "Broken", "workflowDefinition": {"name": "Broken", "tasks": [task("a", "NOPE")]}}
    answer = conductor.call(
        "POST", "/metadata/workflow", definition(task("s", "SUB_WORKFLOW", subWorkflowParam=broken))
    )
    assert "tasks[0].subWorkflowParam.workflowDefinition.tasks[0].type" in answer.text


def test_live_runs_are_listed_by_the_definitions_version_and_time(conductor: Conductor) -> None:
    body = {**definition(task("gate", "HUMAN")), "version": 7}
    run = begun(conductor, body, {})
    conductor.call("PUT", "/metadata/workflow", [{**body, "description": "replaced"}])
    created = conductor.told(run.id)["createTime"]

    def running(query: str) -> Any:
        return conductor.call("GET", f"/workflow/running/Orders?{query}").json()

    assert (running("version=7"), running("version=1")) == ([run.id], [])
    assert running(f"version=7&startTime={created - 1000}&endTime={created + 1000}") == [run.id]
    assert running(f"version=7&startTime={created + 1000}") == []

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


def test_it_is_started_for_a_run_that_was_terminated_when_that_is_asked(conductor: Conductor) -> None:
    body = cleaning(conductor, task("gate", "HUMAN"))
    runs = [begun(conductor, body, {})]
    runs.append(Run.objects.get(pk=conductor.call("POST", "/workflow/Orders", {}).text))
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

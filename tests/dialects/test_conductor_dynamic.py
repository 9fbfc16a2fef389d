"""Conductor's tasks that are known only when they run, with the engine at work."""

from __future__ import annotations

from typing import Any

import pytest

from runs.models import Run
from tests.dialects.test_conductor import Conductor
from tests.dialects.test_conductor_definitions import definition, loop, task
from tests.dialects.test_conductor_tasks import conductor
from tests.dialects.test_conductor_testing import mock, outcome, seen
from tests.runs.engine.making import ended, until

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["conductor"]

BELOW = {**definition(task("x", "INLINE", {"expression": "$.n * 2", "n": "${workflow.input.n}"})), "name": "Below"}
FORK = task(
    "f",
    "FORK_JOIN_DYNAMIC",
    {"t": "${workflow.input.tasks}", "i": "${workflow.input.inputs}"},
    dynamicForkTasksParam="t",
    dynamicForkTasksInputParamName="i",
)
JOIN = task("j", "JOIN")
TASKS = [
    {"name": "resize", "taskReferenceName": "small", "type": "SIMPLE"},
    {"name": "resize", "taskReferenceName": "large"},
    {"name": "sub", "taskReferenceName": "sub", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "Below"}},
    {"name": "ask", "taskReferenceName": "ask", "type": "HUMAN"},
]
INPUTS = {"small": {"size": 1}, "large": {"size": 9}, "sub": {"n": 4}}


def begun(conductor: Conductor, body: Any, given: Any) -> Run:
    answer = conductor.call("POST", "/metadata/workflow", body)
    assert answer.status_code == 200, answer.text
    return Run.objects.get(pk=conductor.call("POST", f"/workflow/{body['name']}", given).text)


def done(conductor: Conductor, kind: str, **output: Any) -> Any:
    """The next task of this type, which a worker has done."""
    polled: list[Any] = []

    def is_there() -> bool:
        polled[:] = conductor.call("GET", f"/tasks/poll/batch/{kind}?count=1").json()
        return bool(polled)

    until(is_there)
    [each] = polled
    said = {"taskId": each["taskId"], "workflowInstanceId": each["workflowInstanceId"], "status": "COMPLETED"}
    assert conductor.call("POST", "/tasks", {**said, "outputData": output}, Accept="text/plain").status_code == 200
    return each


def test_a_dynamic_fork_has_tasks_of_many_types(conductor: Conductor) -> None:
    conductor.call("POST", "/metadata/workflow", BELOW)
    run = begun(conductor, definition(FORK, JOIN), {"tasks": TASKS, "inputs": INPUTS})
    both = {each["referenceTaskName"]: each for each in (done(conductor, "resize", ok=n) for n in (1, 2))}
    assert {ref: each["inputData"] for ref, each in both.items()} == {"small": {"size": 1}, "large": {"size": 9}}
    assert both["small"]["workflowTask"] == TASKS[0]
    assert conductor.call("POST", f"/tasks/{run.id}/ask/COMPLETED", {"yes": True}).status_code == 200
    output = ended(run).output
    assert (output["sub"], output["ask"], set(output)) == (
        {"result": 8},
        {"yes": True},
        {"small", "large", "sub", "ask"},
    )
    told = conductor.told(run.id)
    [below] = [each for each in told["tasks"] if "subWorkflowId" in each]
    parent = conductor.told(below["subWorkflowId"])
    assert (parent["parentWorkflowId"], parent["parentWorkflowTaskId"]) == (run.id, below["taskId"])
    assert [each["referenceTaskName"] for each in told["tasks"]][0::5] == ["f", "j"]
    assert sorted(seen(told)) == [
        ("ask", "HUMAN", "COMPLETED"),
        ("f", "FORK", "COMPLETED"),
        ("j", "JOIN", "COMPLETED"),
        ("large", "resize", "COMPLETED"),
        ("small", "resize", "COMPLETED"),
        ("sub", "SUB_WORKFLOW", "COMPLETED"),
    ]


def test_a_dynamic_fork_has_the_same_task_for_each_of_its_inputs(conductor: Conductor) -> None:
    each = {"forkTaskName": "resize", "forkTaskInputs": [{"size": 1}, {"size": 2}]}
    run = begun(conductor, definition(task("f", "FORK_JOIN_DYNAMIC", each), JOIN), {})
    given = [done(conductor, "resize", n=n)["inputData"] for n in (1, 2)]
    assert sorted(given, key=lambda each: each["size"]) == [{"size": 1, "__index": 0}, {"size": 2, "__index": 1}]
    assert set(ended(run).output) == {"_resize_0", "_resize_1"}


@pytest.mark.parametrize("kind", ["resize", "SUB_WORKFLOW"])
def test_a_dynamic_task_is_what_its_input_names(conductor: Conductor, kind: str) -> None:
    conductor.call("POST", "/metadata/workflow", BELOW)
    inputs = {"taskToExecute": "${workflow.input.kind}", "n": 3, "subWorkflowName": "Below"}
    dynamic = task("dyn", "DYNAMIC", inputs, dynamicTaskNameParam="taskToExecute")
    body = definition(dynamic, outputParameters={"result": "${dyn.output.result}"})
    run = begun(conductor, body, {"kind": kind})
    if kind == "resize":
        polled = done(conductor, "resize", result=6)
        assert (polled["referenceTaskName"], polled["inputData"]["n"]) == ("dyn", 3)
    assert ended(run).output == {"result": 6}
    assert seen(conductor.told(run.id)) == [("dyn", kind, "COMPLETED")]


def test_one_in_a_loop_is_told_with_its_iteration(conductor: Conductor) -> None:
    dynamic = task("dyn", "DYNAMIC", {"of": "resize"}, dynamicTaskNameParam="of")
    run = begun(conductor, definition(loop("$.l.iteration < 2", dynamic)), {})
    assert [done(conductor, "resize", n=n)["referenceTaskName"] for n in (1, 2)] == ["dyn__1", "dyn__2"]
    passes = ended(run).output
    assert [passes[number]["dyn"]["n"] for number in "12"] == [1, 2]


def test_a_type_that_cannot_be_forked_fails_the_run(conductor: Conductor) -> None:
    odd = [{"name": "odd", "taskReferenceName": "odd", "type": "INLINE"}]
    run = begun(conductor, definition(FORK, JOIN), {"tasks": odd, "inputs": {}})
    failed = ended(run)
    assert (failed.status, "INLINE" in (failed.error or {})["message"]) == ("failed", True)


def test_those_of_a_test_have_mocks_too(conductor: Conductor) -> None:
    conductor.call("POST", "/metadata/workflow", BELOW)
    mocks = {"small": [mock("FAILED"), mock(n=1)], "large": [mock(n=2)], "ask": [mock(n=3)]}
    request = {"workflowDef": definition(FORK, JOIN), "input": {"tasks": TASKS, "inputs": INPUTS}}
    told = outcome(conductor, {**request, "taskRefToMockOutput": mocks})
    assert told["status"] == "COMPLETED", told
    assert told["output"] == {"small": {"n": 1}, "large": {"n": 2}, "sub": {"result": 8}, "ask": {"n": 3}}
    assert ("small", "resize", "FAILED") in seen(told)


def test_an_event_is_told_to_the_runs_of_the_same_correlation(conductor: Conductor) -> None:
    waiting = {**definition(task("paid", "HUMAN")), "name": "Waits"}
    assert conductor.call("POST", "/metadata/workflow", waiting).status_code == 200
    hears = Run.objects.get(pk=conductor.call("POST", "/workflow/Waits?correlationId=c-1", {}).text)
    until(lambda: hears.waits.exists())
    tells = definition(task("tell", "EVENT", {"n": "${workflow.input.n}"}, sink="conductor:paid"))
    assert conductor.call("POST", "/metadata/workflow", tells).status_code == 200
    run = Run.objects.get(pk=conductor.call("POST", "/workflow/Orders?correlationId=c-1", {"n": 5}).text)
    assert ended(run).status == "completed"
    assert ended(hears).output == {"n": 5}
    other = definition(task("tell", "EVENT", sink="sqs:orders"))
    assert "tasks[0].sink" in conductor.call("POST", "/workflow", {"workflowDef": other}).text

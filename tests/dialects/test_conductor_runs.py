"""Conductor's definitions at work: what their runs put out, and how they are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.models import Run
from tests.dialects.test_conductor import Conductor
from tests.dialects.test_conductor_definitions import call, definition, fork, registered, switch, task
from tests.people import Person
from tests.recorder import Recorder
from tests.runs.engine.making import ended, engine
from wire.addresses import Allow
from workflows.nodes.registry import REGISTRY

pytestmark = pytest.mark.django_db(transaction=True)

Json = dict[str, Any]
Ran = Callable[..., Json]


def inline(ref: str, expression: str, **inputs: Any) -> Json:
    return task(ref, "INLINE", {"evaluatorType": "graaljs", "expression": expression, **inputs})


def loop(ref: str, condition: str, *tasks: Json, **inputs: Any) -> Json:
    return task(ref, "DO_WHILE", inputs, loopCondition=condition, loopOver=list(tasks))


@pytest.fixture
def conductor(alice: Person) -> Conductor:
    return Conductor(alice)


@pytest.fixture
def ran(conductor: Conductor, settings: Any) -> Ran:
    """Registers a definition, runs it to its end, and tells the run."""
    settings.OUTBOUND_ALLOW = Allow.parse("127.0.0.0/8")

    def run(body: Json, payload: Json | None = None) -> Json:
        registered(conductor, body)
        with engine(kinds=REGISTRY):
            run_id = conductor.call("POST", f"/workflow/{body['name']}", payload or {}).text
            ended(Run.objects.get(pk=run_id))
        told: Json = conductor.told(run_id)
        return told

    return run


def test_programs_in_javascript_and_jq(ran: Ran) -> None:
    old = task("old", "LAMBDA", {"n": "${workflow.input.n}", "scriptExpression": "if ($.n > 1) { return {ok: 1} }"})
    new = inline("new", "(function () { return $.list.map(n => n * 2); })();", list="${workflow.input.list}")
    jq = task("jq", "JSON_JQ_TRANSFORM", {"list": "${new.output.result}", "queryExpression": ".list[] | select(. > 2)"})
    told = {"old": "${old.output.result.ok}", "first": "${jq.output.result}", "all": "${jq.output.resultList}"}
    run = ran(definition(old, new, jq, outputParameters=told), {"n": 2, "list": [1, 2, 3]})
    assert run["output"] == {"old": 1, "first": 4, "all": [4, 6]}
    assert ran(definition(inline("one", "({a: 1})"), version=2))["output"] == {"result": {"a": 1}}


def test_a_program_that_fails_fails_its_run(ran: Ran) -> None:
    run = ran(definition(inline("t", "function again() { return again() + 1 } again();")))
    assert (run["status"], run["failedReferenceTaskNames"]) == ("FAILED", ["t"])
    assert "Maximum call stack size exceeded" in run["reasonForIncompletion"]


def test_variables_of_the_run(ran: Ran) -> None:
    first = task("first", "SET_VARIABLE", {"n": "${workflow.variables.n}1", "list": ["${workflow.input.a}"]})
    body = definition(first, variables={"n": "a", "kept": True}, outputParameters={"n": "${workflow.variables.n}"})
    run = ran(body, {"a": 7})
    assert run["output"] == {"n": "a1"}
    assert run["variables"] == {"n": "a1", "kept": True, "list": [7]}


def test_a_template_fills_in_what_the_input_leaves_out(ran: Ran) -> None:
    told = {"a": "${workflow.input.a}", "b": "${workflow.input.b}"}
    body = definition(inputTemplate={"a": 1, "b": {"c": None}}, outputParameters=told)
    assert ran(body, {"a": 2})["output"] == {"a": 2, "b": {"c": None}}


def test_a_loop_goes_on_as_long_as_its_condition_holds(ran: Ran) -> None:
    body = loop(
        "again",
        "if ($.again['iteration'] < $.most && $.twice['result'] < 100) { true; } else { false; }",
        inline("twice", "$.n * 2", n="${again.output.iteration}"),
        most="${workflow.input.most}",
    )
    told = {"n": "${again.output.iteration}", "last": "${twice.output.result}", "all": "${again.output}"}
    told["first"] = "${again.output.1.twice.result}"
    run = ran(definition(body, outputParameters=told), {"most": 3})
    all_of_it = {str(n): {"twice": {"result": 2 * n}} for n in (1, 2, 3)}
    assert run["output"] == {"n": 3, "last": 6, "first": 2, "all": {**all_of_it, "iteration": 3}}


def test_a_loop_by_what_a_task_put_out_and_with_ways_inside(ran: Ran) -> None:
    case = switch("${pick.output.result}", {"odd": [inline("odd", "'odd'")]}, defaultCase=[inline("even", "'even'")])
    counts = task("count", "SET_VARIABLE", {"n": "${next.output.result}"})
    body = loop(
        "again",
        "$.next['output']['result'] < 2",
        inline("next", "$.n + 1", n="${workflow.variables.n}"),
        inline("pick", "$.n % 2 ? 'odd' : 'even'", n="${next.output.result}"),
        case,
        counts,
    )
    run = ran(definition(body, variables={"n": 0}, outputParameters={"all": "${again.output}"}))
    assert run["status"] == "COMPLETED", run
    assert [run["output"]["all"][n]["odd"]["result"] for n in ("1", "2")] == ["odd", None]
    assert run["variables"] == {"n": 2}


def test_a_loop_over_a_list(ran: Ran) -> None:
    inputs = {"n": "${each.output.loopItem.n}", "at": "${each.output.loopIndex}"}
    body = loop("each", "", inline("twice", "$.n * 2 + $.at", **inputs), items="${workflow.input.list}")
    told = {"last": "${twice.output.result}", "all": "${each.output}"}
    run = ran(definition(body, outputParameters=told), {"list": [{"n": 1}, {"n": 5}]})
    passes = {"1": {"twice": {"result": 2}}, "2": {"twice": {"result": 11}}}
    assert run["output"] == {"last": 11, "all": {**passes, "iteration": 2}}


def test_ways_by_javascript_and_by_decisions(ran: Ran) -> None:
    cases = {"big": [inline("big", "1")], "small": [inline("small", "2")]}
    by_script = task(
        "s", "SWITCH", {"n": "${workflow.input.n}"}, evaluatorType="javascript", expression="$.n > 5 ? 'big' : 'small'",
        decisionCases=cases, defaultCase=[],
    )  # fmt: skip
    one = task("one", "EXCLUSIVE_JOIN", joinOn=["big", "small"])
    decided = task(
        "d", "DECISION", {"n": "${workflow.input.n}"}, caseValueParam="n", decisionCases={"3": [inline("three", "3")]}
    )
    old = task(
        "o", "DECISION", {"n": "${workflow.input.n}"}, caseExpression="$.n == 3 ? 'yes' : 'no'",
        decisionCases={"yes": [inline("yes", "4")]},
    )  # fmt: skip
    told = {name: f"${{{name}.output.result}}" for name in ("one", "big", "three", "yes")}
    body = definition(by_script, one, decided, old, outputParameters={**told, "one": "${one.output}"})
    run = ran(body, {"n": 3})
    assert run["output"] == {"one": 2, "big": None, "three": 3, "yes": 4}


def test_forks_whose_ways_are_known_only_at_work(ran: Ran, loopback_recorder: Recorder, conductor: Conductor) -> None:
    registered(conductor, definition(inline("sum", "$.n + 1", n="${workflow.input.n}"), name="below"))
    url = loopback_recorder.url
    tasks = [
        {"name": "HTTP", "taskReferenceName": "ask", "type": "HTTP"},
        {"taskReferenceName": "sub", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "below"}},
    ]
    request = {"uri": f"{url}/a", "method": "POST", "headers": {"X-A": 1}, "body": {"b": 2}}
    inputs: Json = {"ask": {"http_request": request}, "sub": {"n": 1}}
    by_task = task(
        "f", "FORK_JOIN_DYNAMIC", {"t": "${workflow.input.tasks}", "i": "${workflow.input.inputs}"},
        dynamicForkTasksParam="t", dynamicForkTasksInputParamName="i",
    )  # fmt: skip
    each = {"forkTaskWorkflow": "below", "forkTaskName": "w", "forkTaskInputs": "${workflow.input.list}"}
    calls = {"forkTaskName": "HTTP", "forkTaskInputs": [{"uri": f"{url}/b"}]}
    body = definition(
        by_task, task("j", "JOIN"),
        task("f2", "FORK_JOIN_DYNAMIC", each), task("j2", "JOIN"),
        task("f3", "FORK_JOIN_DYNAMIC", calls), task("j3", "JOIN"),
        outputParameters={name: f"${{{name}.output}}" for name in ("j", "j2", "j3")},
    )  # fmt: skip
    run = ran(body, {"tasks": tasks, "inputs": inputs, "list": [{"n": 1}, {"n": 5}]})
    assert run["status"] == "COMPLETED", run["reasonForIncompletion"]
    output = run["output"]
    assert output["j"]["ask"]["response"]["body"] == {"ok": True}
    assert output["j"]["sub"] == {"result": 2}
    assert output["j2"] == {"_w_0": {"result": 2}, "_w_1": {"result": 6}}
    assert output["j3"]["_HTTP_0"]["response"]["statusCode"] == 200
    [asked] = loopback_recorder.calls_to("/a")
    assert (asked.method, asked.headers["x-a"], asked.json()) == ("POST", "1", {"b": 2})


def test_what_is_optional_late_or_completed_from_outside(ran: Ran, conductor: Conductor) -> None:
    fails = {**inline("fails", "nobody.knows"), "optional": True}
    late = {**inline("late", "1"), "startDelay": 1}
    run = ran(definition(fails, late, outputParameters={"late": "${late.output.result}"}))
    assert (run["status"], run["output"]) == ("COMPLETED", {"late": 1})


def test_tasks_are_told_as_they_were_written(ran: Ran) -> None:
    last = inline("last", "$.y", y="${a.input.x}-${j.output.a.result}")
    never = call("never", uri="http://127.0.0.1:1/") | {"optional": True}
    rows = fork([inline("a", "$.x", x="${workflow.input.x}")], [task("b")])
    again = loop("again", "$.again.iteration < 2", inline("n", "1"))
    run = ran(definition(*rows, switch("${a.output.result}", {"5": []}), last, never, again), {"x": 5})
    told = {each["referenceTaskName"]: each for each in run["tasks"]}
    types = {ref: each["taskType"] for ref, each in told.items()}
    assert types == {
        "f": "FORK", "a": "INLINE", "b": "NOOP", "j": "JOIN", "sw": "SWITCH", "last": "INLINE", "never": "HTTP",
        "again": "DO_WHILE", "n__1": "INLINE", "n__2": "INLINE",
    }  # fmt: skip
    assert told["last"]["inputData"] == {"evaluatorType": "graaljs", "expression": "$.y", "y": "5-5"}
    assert told["never"]["inputData"] == {"http_request": {"uri": "http://127.0.0.1:1/"}}
    assert told["last"]["outputData"] == {"result": "5-5"}
    assert told["j"]["outputData"] == {"a": {"result": 5}, "b": {}}
    assert told["sw"]["outputData"] == {"evaluationResult": ["5"], "selectedCase": "5"}
    assert told["last"]["workflowTask"] == last
    assert told["never"]["status"] == "COMPLETED_WITH_ERRORS"
    passes = {"1": {"n": {"result": 1}}, "2": {"n": {"result": 1}}}
    assert (told["again"]["outputData"], told["again"]["iteration"]) == ({**passes, "iteration": 2}, 2)
    assert (told["n__2"]["iteration"], told["n__2"]["loopOverTask"]) == (2, True)

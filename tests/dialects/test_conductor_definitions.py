"""Conductor's definitions: what becomes of them on our canvas, their versions, and what is refused where."""

from __future__ import annotations

from typing import Any

import pytest

from runs.dialects.conductor.definitions import read_definition
from runs.dialects.conductor.drawing import Drawing
from runs.models import Run
from tests.dialects.test_conductor import Conductor, end, error
from tests.people import Person
from tests.workflows.api.drawings import made
from wire.problems import BadRequest
from workflows.expressions import Scope, compile_parameters, resolve
from workflows.graph import check_document
from workflows.models import Workflow

Json = dict[str, Any]

CIRCLE = {"x": "${i.input.x}"}


def task(ref: str, kind: str = "NOOP", inputs: Json | None = None, **more: Any) -> Json:
    return {"name": ref, "taskReferenceName": ref, "type": kind, "inputParameters": inputs or {}, **more}


def definition(*tasks: Json, **more: Any) -> Json:
    return {"name": "Orders", "version": 1, "tasks": list(tasks) or [task("one")], "timeoutSeconds": 0, **more}


def call(ref: str, **request: Any) -> Json:
    return task(ref, "HTTP", {"http_request": {"uri": "http://a/", **request}})


def switch(value: Any, cases: Json, **more: Any) -> Json:
    told = {"evaluatorType": "value-param", "expression": "of", "decisionCases": cases, **more}
    return task("sw", "SWITCH", {"of": value}, **told)


def loop(condition: str, *tasks: Json, **more: Any) -> Json:
    return task("l", "DO_WHILE", loopCondition=condition, loopOver=list(tasks), **more)


def fork(*rows: list[Json], join_on: list[str] | None = None) -> list[Json]:
    wanted = [row[-1]["taskReferenceName"] for row in rows] if join_on is None else join_on
    return [task("f", "FORK_JOIN", forkTasks=list(rows)), task("j", "JOIN", joinOn=wanted)]


def drawn(*tasks: Json, **more: Any) -> tuple[dict[str, Json], set[tuple[str, str, str | None]]]:
    body = definition(*tasks, **more)
    drawing = Drawing(read_definition(body), body)
    ways = {(edge["source"], edge["target"], edge.get("sourceHandle")) for edge in drawing.edges}
    return {node["id"]: node["data"] for node in drawing.nodes}, ways


# --- what becomes of tasks ---


def test_a_switch_leads_its_ways_together_again() -> None:
    rows = {"a": [task("in_a")], "default": []}
    nodes, ways = drawn(switch("${workflow.input.a}", rows, defaultCase=[task("other")]), task("after"))
    assert [case["name"] for case in nodes["sw"]["cases"]] == ["a", "case_default"]
    assert ways == {
        ("start", "sw", None),
        ("sw", "in_a", "a"),
        ("sw", "other", "default"),
        ("sw", "after", "case_default"),
        ("in_a", "after", None),
        ("other", "after", None),
    }


def test_a_fork_goes_side_by_side_to_its_join() -> None:
    nodes, ways = drawn(*fork([task("a"), task("b")], [task("c", "HUMAN")]))
    assert ways == {("start", "f", None), ("f", "a", None), ("a", "b", None), ("f", "c", None)} | {
        ("b", "j", None),
        ("c", "j", None),
    }
    assert nodes["c"] == {"componentId": "wait_for_event", "label": "c", "name": "c"}
    assert nodes["j"]["expression"] == "{'b': {}, 'c': default(nodes.c, None)}"


def test_a_fork_at_the_end_needs_no_join() -> None:
    _, ways = drawn(*fork([task("a")], [task("b")])[:1], outputParameters={"x": 1})
    assert {("a", "output", None), ("b", "output", None)} < ways


def test_a_loop_holds_its_tasks_and_what_says_whether_it_goes_on() -> None:
    inner = task("x", "INLINE", {"expression": "1"})
    body = definition(loop("$.l.iteration < 3 && $.x.output.result", inner))
    drawing = Drawing(read_definition(body), body)
    inside = {node["id"]: node["data"] for node in drawing.nodes if node.get("parentId") == "l"}
    assert list(inside) == ["x", "l_while", "l_outputs"]
    assert inside["l_while"]["inputs"] == {
        "l": {"iteration": "{{ index + 1 }}"},
        "x": {"output": {"result": "{{ default(nodes.x, None) }}"}},
    }
    assert inside["l_outputs"]["mapping"] == {"x": {"result": "{{ default(nodes.x, None) }}"}}
    [repeat] = [node["data"] for node in drawing.nodes if node["id"] == "l"]
    assert (repeat["until"], repeat["output"]) == ("not nodes.l_while", "all")
    assert check_document({"nodes": drawing.nodes, "edges": drawing.edges}) == []


def test_helpers_stand_before_the_tasks_that_need_them() -> None:
    late = {**switch("v", {"a": []}, evaluatorType="graaljs", expression="$.of"), "startDelay": 5}
    asked = {**call("h"), "asyncComplete": True}
    nodes, ways = drawn(late, asked, variables={"n": 1}, inputTemplate={"m": 2})
    kinds = {node_id: data["componentId"] for node_id, data in nodes.items()}
    assert kinds == {
        "start": "manual_trigger",
        "input": "transform",
        "variables": "set_variables",
        "sw_delay": "delay",
        "sw_case": "javascript",
        "sw": "switch",
        "h_call": "http_request",
        "h": "wait_for_event",
    }
    chain = [("start", "input"), ("input", "variables"), ("variables", "sw_delay"), ("sw_delay", "sw_case")]
    assert {(*way, None) for way in [*chain, ("sw_case", "sw"), ("h_call", "h")]} < ways


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (task("t", "WAIT"), {"componentId": "wait_for_event", "name": "t"}),
        (
            {"name": "mail", "taskReferenceName": "t", "inputParameters": {"to": 1}},
            {"componentId": "worker_task", "task_type": "mail", "input": {"to": 1}, "retry": None},
        ),
        ({**task("t", "SIMPLE"), "retryCount": 0}, {"task_type": "t", "input": {}, "retry": {"count": 0}}),
        (task("t", "WAIT", {"duration": "1 days 2h 3 minutes 4s"}), {"componentId": "delay", "duration": 93784}),
        (
            task("t", "WAIT", {"until": "2030-01-31 09:00 Europe/Rome"}),
            {"componentId": "wait_until", "moment": "2030-01-31T09:00", "timezone": "Europe/Rome"},
        ),
        (
            task("t", "TERMINATE", {"terminationStatus": "COMPLETED", "workflowOutput": {"a": 1}}),
            {"componentId": "stop", "status": "completed", "output": {"a": 1}},
        ),
        (
            task("t", "TERMINATE", {"terminationStatus": "FAILED", "terminationReason": "no"}),
            {"componentId": "stop", "status": "failed", "message": "no"},
        ),
        (
            task("t", "SUB_WORKFLOW", {"a": 1}, subWorkflowParam={"name": "sub"}),
            {"componentId": "sub_workflow", "workflow": "sub", "payload": {"a": 1}},
        ),
        (
            task("t", "START_WORKFLOW", {"startWorkflow": {"name": "sub", "input": {"a": 1}}}),
            {"componentId": "start_workflow", "workflow": "sub", "payload": {"a": 1}},
        ),
        (
            task("t", "HTTP", {"uri": "http://a/", "method": "POST", "headers": {"X-A": ["1", "2"]}, "body": {"b": 1}}),
            {
                "url": "http://a/",
                "method": "POST",
                "headers": [{"key": "X-A", "value": "1"}, {"key": "X-A", "value": "2"}],
                "body": {"b": 1},
            },
        ),
        (
            {**call("t", body="<a/>", contentType="text/xml", readTimeOut=1500), "retryCount": 2, "optional": True},
            {
                "raw": "<a/>",
                "content_type": "text/xml",
                "timeout": 1.5,
                "retry": {"count": 2, "delay": 60, "backoff": "fixed"},
                "on_error": "continue",
            },
        ),
    ],
)
def test_a_task_is_a_node_with_its_settings(given: Json, expected: Json) -> None:
    node = drawn(given)[0]["t"]
    assert {name: node.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${workflow.input.n}", 3),
        ("${workflow.input}", {"n": 3, "a-b": [{"c": "x"}], "class": None}),
        ("${workflow.input.a-b[0].c}", "x"),
        ("${workflow.input['a-b'][0]['c']}", "x"),
        ("${workflow.input.class}", None),
        ("${workflow.input.none.there}", None),
        ("${workflow.workflowId}", "fl_run_1"),
        ("n is ${workflow.input.n}, ${workflow.input.no}", "n is 3, null"),
        ("{{ ${workflow.input.n} }} {${workflow.input.n}}", "{{ 3 }} {3}"),
        ('{{ open("x") }}', '{{ open("x") }}'),
        ("${get.output.response.body.k}", [1]),
        ("${get.output.response.statusCode}", 200),
        ("${get.output}", {"response": {"statusCode": 200, "headers": {"h": "1"}, "body": {"k": [1]}}}),
        ("${gate.output.ok}", True),
        ("${workflow.input.a-b[*].c}", ["x"]),
        ("${workflow.input.a-b[?(@.c == 'y')]}", []),
        ("${workflow.input.none[*]}", []),
        ("${get.output.response.body.k[0:1]}", [1]),
        ("${get.output..k}", [[1]]),
        ("${get.input.http_request.uri}", "http://a/"),
        ("${workflow.variables.v}", 5),
        ("${workflow.variables.no}", None),
        ({"deep": ["${gate.output}", 1, None]}, {"deep": [{"ok": True}, 1, None]}),
    ],
)
async def test_references_keep_their_type_alone_and_are_text_among_text(value: Any, expected: Any) -> None:
    nodes, _ = drawn(call("get"), task("gate", "WAIT"), outputParameters={"it": value})
    scope = Scope(
        roots={"trigger": {"n": 3, "a-b": [{"c": "x"}], "class": None}, "run": {"id": "fl_run_1"}, "vars": {"v": 5}},
        nodes={"get": {"status": 200, "headers": {"h": "1"}, "body": {"k": [1]}, "url": "u"}, "gate": {"ok": True}},
    )

    found = await resolve(compile_parameters(nodes["output"]["mapping"], ["get", "gate"]), scope)
    assert found == {"it": expected}


# --- what is refused ---


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (definition(name="a/b"), "name"),
        (definition(version=0), "version"),
        ({"name": "a", "tasks": []}, "tasks"),
        *[(definition(task("x", kind)), "tasks[0].type") for kind in ("ODD", "KAFKA_PUBLISH")],
        (definition(switch("v", {"a": [task("x", "ODD")]})), "tasks[0].decisionCases.a[0].type"),
        (definition(task("x"), task("x")), "tasks[1].taskReferenceName"),
        (definition(task("x", asyncComplete=True)), "tasks[0].asyncComplete"),
        (definition(task("x", startDelay=-5)), "tasks[0].startDelay"),
        (definition(switch("v", {"a": []}, evaluatorType="python")), "tasks[0].evaluatorType"),
        (definition(switch("v", {"a": []}, evaluatorType="graaljs", expression="$.of ==")), "tasks[0].expression"),
        (definition(task("d", "DECISION", decisionCases={"a": []}, caseValueParam="n")), "tasks[0].caseValueParam"),
        (definition(task("d", "DECISION", decisionCases={"a": []}, caseExpression="if (")), "tasks[0].caseExpression"),
        (definition(task("i", "INLINE", {"expression": "let ="})), "tasks[0].inputParameters.expression"),
        (definition(task("i", "INLINE", {})), "tasks[0].inputParameters.expression"),
        (
            definition(task("i", "INLINE", {"expression": "${workflow.input.n} + 1"})),
            "tasks[0].inputParameters.expression",
        ),
        (
            definition(task("i", "INLINE", {"evaluatorType": "python", "expression": "1"})),
            "tasks[0].inputParameters.evaluatorType",
        ),
        (definition(task("l", "LAMBDA", {"scriptExpression": 5})), "tasks[0].inputParameters.scriptExpression"),
        (
            definition(task("q", "JSON_JQ_TRANSFORM", {"queryExpression": ".a |"})),
            "tasks[0].inputParameters.queryExpression",
        ),
        (definition(loop("true")), "tasks[0].loopOver"),
        (definition(loop("", task("x"))), "tasks[0].loopCondition"),
        (definition(loop("if (", task("x"))), "tasks[0].loopCondition"),
        (
            definition(loop("1", task("x", "SET_VARIABLE", {"a": "${l.output.loopItem}"}))),
            "tasks[0].loopOver[0].inputParameters.a",
        ),
        (definition(loop("true", task("x", "ODD"))), "tasks[0].loopOver[0].type"),
        (definition(loop("true", task("x"), evaluatorType="value-param")), "tasks[0].loopCondition"),
        (
            definition(loop("true", task("t", "TERMINATE", {"terminationStatus": "COMPLETED"}))),
            "tasks[0].loopOver",
        ),
        (definition(loop("1", task("x")), outputParameters={"a": "${l.output.last}"}), "outputParameters.a"),
        (definition(task("f", "FORK_JOIN_DYNAMIC")), "tasks[0].inputParameters.forkTaskInputs"),
        (
            definition(task("f", "FORK_JOIN_DYNAMIC", {"forkTaskName": "START_WORKFLOW", "forkTaskInputs": []})),
            "tasks[0].inputParameters.forkTaskName",
        ),
        (
            definition(task("f", "FORK_JOIN_DYNAMIC", {"t": []}, dynamicForkTasksParam="t")),
            "tasks[0].inputParameters.dynamicForkTasksInputParamName",
        ),
        (definition(task("e", "EXCLUSIVE_JOIN")), "tasks[0].joinOn"),
        (definition(task("e", "EXCLUSIVE_JOIN", joinOn=["no"])), "tasks[0].joinOn"),
        (definition(switch("v", {"a": []}, expression="other")), "tasks[0].expression"),
        (definition(switch("v", {})), "tasks[0].decisionCases"),
        (definition(*fork([task("a")])[:1], task("x")), "tasks[0]"),
        (definition(*fork([task("a")])[1:]), "tasks[0]"),
        (definition(task("f", "FORK_JOIN")), "tasks[0].forkTasks"),
        (definition(*fork([loop("1", task("a"))], join_on=["a"])), "tasks[1].joinOn[0]"),
        (definition(*fork([task("a")], join_on=["a", "no"])), "tasks[1].joinOn[1]"),
        (definition(task("s", "SUB_WORKFLOW")), "tasks[0].subWorkflowParam"),
        (definition(task("s", "START_WORKFLOW")), "tasks[0].inputParameters.startWorkflow"),
        (definition(task("h", "HTTP")), "tasks[0].inputParameters.uri"),
        (definition(task("w", "WAIT", {"duration": "soon"})), "tasks[0].inputParameters.duration"),
        (definition(task("w", "WAIT", {"duration": "${nobody.x}"})), "tasks[0].inputParameters.duration"),
        (definition(task("w", "WAIT", {"until": "${workflow.input.d}"})), "tasks[0].inputParameters.until"),
        (definition(task("w", "WAIT", {"until": "2030-01-31 09:00 Nowhere"})), "tasks[0].inputParameters.until"),
        (definition(task("w", "WAIT", {"until": "2030-13-31"})), "tasks[0].inputParameters.until"),
        (
            definition(task("t", "TERMINATE", {"terminationStatus": "ENDED"})),
            "tasks[0].inputParameters.terminationStatus",
        ),
        (definition(task("t", "TERMINATE", {"terminationStatus": "COMPLETED"}), task("x")), "tasks[1]"),
        (definition(outputParameters={"a": "${no.output.x}"}), "outputParameters.a"),
        (definition(outputParameters={"a": "${one.status}"}), "outputParameters.a"),
        (definition(task("i", inputs=CIRCLE), outputParameters=CIRCLE), "outputParameters.x"),
        (definition(outputParameters={"a": "${workflow.env.x}"}), "outputParameters.a"),
        (definition(outputParameters={"a": ["${workflow.input.x.length()}"]}), "outputParameters.a[0]"),
        (definition(outputParameters={"a": "${workflow.input.x[?(}"}), "outputParameters.a"),
        (definition(outputParameters={"a": "all: ${workflow.input.x[*]}"}), "outputParameters.a"),
        (definition(outputParameters={"a": "${workflow.workflowId[*]}"}), "outputParameters.a"),
        (definition(outputParameters={"a": "${workflow.input.${b}}"}), "outputParameters.a"),
        (definition(outputParameters={"a": {"$path": "x"}}), "outputParameters.a"),
        (definition(call("h"), outputParameters={"a": "${h.output.response.reasonPhrase}"}), "outputParameters.a"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_path(body: Json, path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        Drawing(read_definition(body), body)
    assert refused.value.errors[0]["path"] == path


# --- the routes ---


@pytest.fixture
def conductor(db: None, alice: Person) -> Conductor:
    return Conductor(alice)


def registered(conductor: Conductor, body: Json, query: str = "") -> None:
    answer = conductor.call("POST", f"/metadata/workflow{query}", body)
    assert (answer.status_code, answer.text) == (200, ""), answer.text


def told(conductor: Conductor, query: str = "") -> Json:
    answer = conductor.call("GET", f"/metadata/workflow/Orders{query}")
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    assert body.pop("createTime") == body.pop("updateTime")
    return body


def test_a_definition_is_a_workflow_on_the_canvas_and_comes_back_as_it_was_sent(
    conductor: Conductor, alice: Person
) -> None:
    sent = definition(call("get"), ownerEmail="a@b.c", unknown={"kept": [1]}, description="d")
    registered(conductor, sent)
    assert told(conductor) == sent
    [workflow] = alice.client().get("/workflows").json()["results"]
    shown = alice.client().get(f"/workflows/{workflow['id']}").json()
    kinds = [node["data"]["componentId"] for node in shown["nodes"]]
    assert (shown["key"], shown["published_version"]) == ("Orders", 1)
    assert kinds == ["manual_trigger", "http_request", "transform"]


def test_versions_are_told_apart_and_replaced(conductor: Conductor) -> None:
    registered(conductor, definition(version=2))
    again = conductor.call("POST", "/metadata/workflow", definition(version=2))
    assert error(again) == 409
    assert "Orders" in again.json()["message"]
    registered(conductor, definition(task("two"), version=2), "?overwrite=True")
    registered(conductor, definition(task("five"), version=5, timeoutSeconds=60))
    assert error(conductor.call("POST", "/metadata/workflow?overwrite=true", definition(version=2))) == 409
    assert told(conductor)["version"] == 5
    assert told(conductor, "?version=2")["tasks"][0]["name"] == "two"
    assert error(conductor.call("GET", "/metadata/workflow/Orders?version=1")) == 404
    listed = conductor.call("GET", "/metadata/workflow").json()
    assert [each["version"] for each in listed] == [2, 5]

    old, new = (conductor.call("POST", f"/workflow/Orders{query}", {}).text for query in ("?version=2", ""))
    assert [conductor.told(run)["workflowVersion"] for run in (old, new)] == [2, 5]
    assert conductor.told(old)["workflowName"] == "Orders"
    deadlines = {run.id: run.deadline_at for run in Run.objects.all()}
    assert deadlines[old] is None
    assert deadlines[new] is not None
    assert error(conductor.call("POST", "/workflow/Orders?version=1", {})) == 404


def test_what_a_definition_says_of_its_runs_holds(conductor: Conductor) -> None:
    registered(conductor, definition(timeoutSeconds=60, timeoutPolicy="ALERT_ONLY", restartable=False))
    run_id = conductor.call("POST", "/workflow/Orders", {}).text
    assert Run.objects.get(pk=run_id).deadline_at is None
    end(run_id)
    assert error(conductor.call("POST", f"/workflow/{run_id}/restart")) == 404
    end(run_id, "failed")
    assert conductor.call("POST", f"/workflow/{run_id}/restart").status_code == 204


def test_a_list_is_registered_as_a_whole_or_not_at_all(conductor: Conductor) -> None:
    bad = conductor.call("PUT", "/metadata/workflow", [definition(), definition(task("x", "ODD"), name="bad")])
    assert error(bad) == 400
    assert bad.json()["validationErrors"][0]["path"] == "[1].tasks[0].type"
    assert not Workflow.objects.exists()
    for _ in range(2):
        done = conductor.call("PUT", "/metadata/workflow", [definition(), definition(name="other")])
        assert done.json()["bulkSuccessfulResults"] == ["Orders", "other"]
    assert told(conductor)["version"] == 1
    assert error(conductor.call("PUT", "/metadata/workflow", {})) == 400


def test_what_only_the_project_knows_is_refused_with_its_path_too(conductor: Conductor) -> None:
    def path_of(body: Json) -> str:
        refused = conductor.call("POST", "/metadata/workflow", body)
        assert error(refused) == 400
        return str(refused.json()["validationErrors"][0]["path"])

    def sub(**param: Any) -> Json:
        return definition(task("s", "SUB_WORKFLOW", subWorkflowParam=param), name="caller")

    assert path_of(sub(name="Orders")) == "tasks[0]"
    registered(conductor, definition())
    assert path_of(sub(name="Orders", version=3)) == "tasks[0].subWorkflowParam.version"
    registered(conductor, sub(name="Orders", version=1))
    ahead = definition(call("a", body={"x": "${b.output.x}"}), task("b", "HUMAN"), name="ahead")
    assert path_of(ahead) == "tasks[0]"
    assert error(conductor.call("DELETE", "/metadata/workflow/Orders/1")) == 409  # it is called


def test_a_definition_is_deleted_with_its_only_version(conductor: Conductor) -> None:
    registered(conductor, definition())
    assert error(conductor.call("DELETE", "/metadata/workflow/Orders/2")) == 404
    registered(conductor, definition(version=2))
    registered(conductor, definition(task("three"), version=3))
    assert conductor.call("DELETE", "/metadata/workflow/Orders/1").status_code == 200
    assert conductor.call("DELETE", "/metadata/workflow/Orders/3").status_code == 200
    assert [each["version"] for each in conductor.call("GET", "/metadata/workflow").json()] == [2]
    assert error(conductor.call("POST", "/workflow/Orders?version=1", {})) == 404
    assert told(conductor) == definition(version=2)
    run = conductor.call("POST", "/workflow/Orders", {}).text
    assert conductor.told(run)["workflowVersion"] == 2
    registered(conductor, definition(version=3))
    registered(conductor, definition(name="other"))
    assert conductor.call("DELETE", "/metadata/workflow/other/1").status_code == 200
    assert error(conductor.call("GET", "/metadata/workflow/other")) == 404
    assert error(conductor.call("DELETE", "/metadata/workflow/other/1")) == 404
    registered(conductor, definition(name="other"))


def test_a_workflow_that_was_drawn_here_is_told_as_tasks(conductor: Conductor, alice: Person) -> None:
    made(alice.client(), published=True)
    body = conductor.call("GET", "/metadata/workflow/hello").json()
    assert (body["name"], body["version"]) == ("hello", 1)
    assert body["tasks"]
    assert error(conductor.call("POST", "/metadata/workflow", definition(name="hello"))) == 409


def test_another_project_has_names_of_its_own(conductor: Conductor, charlie: Person) -> None:
    registered(conductor, definition())
    other = Conductor(charlie)
    assert error(other.call("GET", "/metadata/workflow/Orders")) == 404
    assert error(other.call("DELETE", "/metadata/workflow/Orders/1")) == 404
    assert other.call("GET", "/metadata/workflow").json() == []
    registered(other, definition())

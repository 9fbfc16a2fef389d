"""FunctionGraph's routes: definitions and their faults, who may do what, lists, and errors in its shape."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runs.models import Event, Run
from tests.people import Person
from tests.workflows.api.drawings import made
from wire.strict_json import dumps
from workflows.models import Workflow

pytestmark = pytest.mark.django_db

Json = dict[str, Any]


class Fgs:
    def __init__(self, person: Person) -> None:
        self.project = person.membership.project_id
        self._client = Client(headers={"authorization": f"Bearer {person.token()}"})

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(
            method, f"/v2/{self.project}/fgs/{path}", _text(body), content_type="application/json", headers=named
        )

    def made(self, **more: Any) -> Json:
        answer = self.call("POST", "workflows", flow(**more))
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    def started(self, flow_id: str, run_id: str = "r1") -> Run:
        answer = self.call("POST", f"workflows/{flow_id}/executions", {"input": {}}, X_WorkflowRun_ID=run_id)
        assert (answer.status_code, answer.json()) == (200, {"execution_id": run_id}), answer.text
        return Run.objects.get(handle=run_id)


def _text(body: Any) -> str:
    return body if isinstance(body, str) else "" if body is None else dumps(body)


@pytest.fixture
def fgs(alice: Person) -> Fgs:
    return Fgs(alice)


NAP = {"id": "nap", "name": "nap", "type": "Sleep", "duration": 1, "end": True}
CALL = {"function_ref": {"ref_name": "f", "invoke_mode": "synchronize", "arguments": {"mapping": {}}}}
OPERATION = {"id": "op", "name": "op", "type": "Operation", "actions": [CALL], "end": True}
FUNCTION = {"name": "f", "operation": "set", "metadata": {}}


def timer(schedule_type: str, schedule: str) -> Json:
    config = {"schedule_type": schedule_type, "schedule": schedule}
    return {"trigger_name": "tick", "trigger_type": "FLOWTIMER", "trigger_config": config}


def flow(**more: Any) -> Json:
    return {"name": "naps", "start": "nap", "functions": [], "states": [NAP], **more}


def error(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error_code", "error_msg", "request_id"}
    assert 2 <= len(body["error_msg"]) <= 512
    return answer.status_code, body["error_code"]


# --- definitions ---


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"start": "nope"}, "start"),
        ({"states": []}, "states"),
        ({"states": [{**NAP, "duration": None}]}, "states[0].duration"),
        ({"states": [{**NAP, "type": "Nap"}]}, "states[0].type"),
        ({"states": [{**NAP, "end": False}]}, "states[0].transition"),
        ({"states": [{**NAP, "end": False, "transition": "nope"}]}, "states[0].transition"),
        ({"states": [NAP, {**NAP, "id": "other"}]}, "states[1]"),
        ({"states": [NAP, NAP]}, "states"),
        ({"start": "op", "states": [OPERATION]}, "states[0].actions[0].function_ref.ref_name"),
        (
            {"start": "op", "states": [{**OPERATION, "on_errors": [{"retry_ref": "r"}]}], "functions": [FUNCTION]},
            "retry",
        ),
        ({"start": "op", "states": [OPERATION], "functions": [{"name": "f", "operation": "no-flow"}]}, "no-flow"),
        ({"triggers": [{"trigger_name": "t", "trigger_type": "OBS"}]}, "triggers[0].enabled"),
        ({"triggers": [timer("Rate", "3 m")]}, "triggers[0].trigger_config.schedule"),
        ({"triggers": [timer("Cron", "0 61 * * * ?")]}, "triggers[0].trigger_config.schedule"),
        ({"triggers": [timer("Daily", "3m")]}, "triggers[0].trigger_config.schedule_type"),
        ({"triggers": [{**timer("Rate", "3m"), "trigger_config": None}]}, "triggers[0].trigger_config.schedule"),
        (
            {
                "start": "op",
                "functions": [FUNCTION],
                "states": [
                    {**OPERATION, "actions": [{"function_ref": {"ref_name": "f", "arguments": {"x": "$.a[?"}}}]}
                ],
            },
            "arguments.x",
        ),
        (
            {
                "start": "op",
                "functions": [FUNCTION],
                "states": [
                    {**OPERATION, "actions": [{"function_ref": {"ref_name": "f", "arguments": {"x": "$CONST.no"}}}]}
                ],
            },
            "no constant",
        ),
    ],
)
def test_a_definition_that_cannot_be_run_is_refused_with_the_path_of_the_fault(
    fgs: Fgs, changes: Json, names: str
) -> None:
    answer = fgs.call("POST", "workflows", flow(**changes))
    assert error(answer) == (400, "FGS.3002")
    assert names in answer.json()["error_msg"]
    assert not Workflow.objects.exists()


def test_states_that_come_round_again_are_refused(fgs: Fgs) -> None:
    states = [{**NAP, "end": False, "transition": "two"}, {**NAP, "id": "two", "end": False, "transition": "nap"}]
    assert error(fgs.call("POST", "workflows", flow(states=states))) == (400, "FGS.3002")


def test_a_flow_is_a_workflow_on_the_canvas_and_its_definition_comes_back_as_it_was_sent(
    fgs: Fgs, alice: Person
) -> None:
    sent = flow(name="流程_1", unknown={"kept": 1}, description="d")
    info = fgs.call("POST", "workflows", sent).json()
    assert info["workflow_urn"] == f"urn:fss:local:{fgs.project}:workflow:default:流程_1:latest"
    shown = alice.client().get(f"/workflows/{info['id']}").json()
    assert [node["data"]["componentId"] for node in shown["nodes"]] == ["manual_trigger", "delay"]
    assert shown["published_version"] == 1
    for name in (info["id"], "流程_1", info["workflow_urn"].replace(":", "%3A")):
        told = fgs.call("GET", f"workflows/{name}").json()
        assert told["definition"] == sent
    assert fgs.call("GET", "workflows?workflow_name=流").json()["total"] == 1


@pytest.mark.parametrize(
    ("sent", "kind", "value"),
    [
        (timer("Rate", "3m"), "interval", "3 minutes"),
        (timer("Cron", "@every 2h"), "interval", "2 hours"),
        (timer("Cron", "0 15 2 * * ?"), "cron", "0 15 2 * * ?"),
    ],
)
def test_a_timer_of_a_flow_is_its_schedule(fgs: Fgs, alice: Person, sent: Json, kind: str, value: str) -> None:
    idle = {**timer("Rate", "1d"), "enabled": False}
    info = fgs.made(triggers=[idle, sent])
    shown = alice.client().get(f"/workflows/{info['id']}").json()
    assert (shown["schedule_type"], shown["schedule_value"]) == (kind, value)
    assert shown["next_run_at"]
    assert fgs.call("GET", "workflows/naps").json()["definition"]["triggers"] == [idle, sent]
    fgs.call("PUT", "workflows/naps", flow(triggers=[idle]))
    assert alice.client().get(f"/workflows/{info['id']}").json()["next_run_at"] is None


def test_a_name_can_be_had_once_and_a_flow_changed(fgs: Fgs) -> None:
    info = fgs.made()
    assert error(fgs.call("POST", "workflows", flow())) == (409, "FSS.0409")
    changed = fgs.call("PUT", f"workflows/{info['id']}", flow(states=[{**NAP, "duration": 2}]))
    assert changed.status_code == 200
    assert fgs.call("GET", "workflows/naps").json()["definition"]["states"][0]["duration"] == 2
    fgs.made(name="other")
    assert error(fgs.call("PUT", f"workflows/{info['id']}", flow(name="other"))) == (409, "FSS.0409")


def test_a_workflow_that_was_drawn_here_is_told_as_states(fgs: Fgs, alice: Person) -> None:
    workflow = made(alice.client(), published=True)
    told = fgs.call("GET", f"workflows/{workflow['id']}").json()
    assert told["definition"]["states"]
    assert told["definition"]["states"][-1]["end"] is True


# --- executions ---


def test_input_is_required_before_anything_is_stored(fgs: Fgs) -> None:
    fgs.made()
    bodies: list[Json] = [{}, {"input": 1}, {"input": {}, "headers": []}]
    for body in bodies:
        assert error(fgs.call("POST", "workflows/naps/executions", body)) == (400, "FGS.3002")
    assert error(fgs.call("POST", "workflows/naps/executions", {"input": {}}, X_WorkflowRun_ID="a b")) == (
        400,
        "FGS.3002",
    )
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("status", "error_code", "word"),
    [
        ("pending", None, "running"),
        ("suspended", None, "running"),
        ("completed", None, "success"),
        ("failed", "child_failed", "fail"),
        ("failed", "deadline", "timeout"),
        ("terminated", None, "cancel"),
    ],
)
def test_the_five_words_in_detail_and_lists(fgs: Fgs, status: str, error_code: str | None, word: str) -> None:
    fgs.made()
    run = fgs.started("naps")
    ended = None if status in Run.LIVE else timezone.now()
    reason = {"code": error_code, "message": "m"} if error_code else None
    Run.objects.filter(pk=run.pk).update(status=status, completed_at=ended, error=reason)
    told = fgs.call("GET", "workflows/naps/executions/r1").json()
    assert told["status"] == word
    assert ("end_time" in told) == (ended is not None)
    for other in ("running", "success", "fail", "timeout", "cancel"):
        listed = fgs.call("GET", f"workflows/naps/executions?status={other}").json()["executions"]
        assert [each["execution_id"] for each in listed] == (["r1"] if other == word else [])


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "offset=-1", "limit=x", "status=done", "start_time=never"])
def test_a_query_out_of_range_is_refused(fgs: Fgs, query: str) -> None:
    fgs.made()
    assert error(fgs.call("GET", f"workflows/naps/executions?{query}")) == (400, "FGS.3002")


def test_times_filter_in_three_forms(fgs: Fgs) -> None:
    fgs.made()
    run = fgs.started("naps")
    Run.objects.filter(pk=run.pk).update(created_at="2026-01-02T03:04:05Z")
    assert fgs.call("GET", "workflows/naps/executions").json() == {"executions": []}
    for since in ("2026-01-02 00:00:00", "2026-01-02T00:00:00Z", "1767312000000"):
        told = fgs.call("GET", f"workflows/naps/executions-history?start_time={since}").json()
        assert (told["total"], told["size"]) == (1, 1)


def test_the_time_that_the_caller_names_is_told_again(fgs: Fgs) -> None:
    fgs.made()
    path = "workflows/naps/executions"
    sent = fgs.call("POST", path, {"input": {}}, X_WorkflowRun_ID="r1", X_Create_Time="1700000000000")
    assert sent.status_code == 200
    assert fgs.call("GET", f"{path}/r1").json()["create_time"] == "1700000000000"
    assert error(fgs.call("POST", path, {"input": {}}, X_Create_Time="yesterday")) == (400, "FGS.3002")


def test_what_has_ended_is_not_ended_again(fgs: Fgs) -> None:
    fgs.made()
    run = fgs.started("naps")
    assert fgs.call("POST", "workflows/naps/executions/r1/terminate").status_code == 200
    assert fgs.call("GET", "workflows/naps/executions/r1").json()["status"] == "cancel"
    assert error(fgs.call("POST", "workflows/naps/executions/r1/terminate")) == (400, "FGS.3002")
    assert error(fgs.call("POST", "workflows/naps/executions/r1/retry")) == (400, "FGS.3002")
    assert Run.objects.get() == run


def test_a_callback_that_comes_early_is_kept_for_its_state(fgs: Fgs) -> None:
    arguments = {"name": "signed"}
    waiting = {**OPERATION, "actions": [{"function_ref": {"ref_name": "f", "arguments": arguments}}]}
    fgs.made(start="op", states=[waiting], functions=[{**FUNCTION, "operation": "wait_for_event"}])
    run = fgs.started("naps")

    def told(body: Json, run: str = "r1", state: str = "op") -> Any:
        return fgs.call("POST", "workflows/naps/callback", body, X_Workflow_Run_Id=run, X_Workflow_State_Id=state)

    good = {"result": "success", "output": {"n": 1}}
    assert told(good).json() == {"execution_id": "r1"}
    event = Event.objects.get()
    assert (event.node_id, event.payload, event.error) == ("op", {"n": 1}, None)
    assert told({**good, "result": "fail"}).status_code == 200  # the first one counts
    for wrong in ({"result": "x"}, {"result": "success"}, {**good, "output": []}, {**good, "error": 1}, {}):
        assert error(told(wrong)) == (400, "FGS.3002")
    assert error(told(good, state="")) == (400, "FGS.3002")
    assert error(told(good, state="other")) == (400, "FGS.3002")
    assert error(told(good, run="other")) == (404, "FGS.5002")
    Run.objects.filter(pk=run.pk).update(status="completed")
    assert error(told(good)) == (400, "FGS.3002")
    assert Event.objects.count() == 1


def test_only_express_flows_are_waited_for(fgs: Fgs) -> None:
    fgs.made()
    assert error(fgs.call("POST", "workflows/naps/sync-executions", {"input": {}})) == (400, "FGS.3002")


# --- who may ---


def test_another_project_is_not_reached(fgs: Fgs, charlie: Person) -> None:
    info = fgs.made()
    fgs.started("naps")
    other = Fgs(charlie)
    other.made(name="own")
    for method, path, body in (
        ("GET", f"workflows/{info['id']}", None),
        ("GET", f"workflows/{info['workflow_urn']}", None),
        ("PUT", f"workflows/{info['id']}", flow()),
        ("GET", f"workflows/{info['id']}/executions", None),
        ("GET", f"workflows/{info['id']}/executions-history", None),
        ("POST", f"workflows/{info['id']}/executions", {"input": {}}),
        ("POST", f"workflows/{info['id']}/sync-executions", {"input": {}}),
        ("GET", "workflows/own/executions/r1", None),
        ("POST", "workflows/own/executions/r1/terminate", None),
        ("POST", "workflows/own/executions/r1/retry", None),
    ):
        assert error(other.call(method, path, body)) == (404, "FGS.5002"), path
    deleted = other.call("DELETE", "workflows", {"workflow_urns": [info["workflow_urn"]]}).json()
    assert deleted["success"] == []
    other.project = fgs.project
    assert error(other.call("GET", "workflows")) == (403, "FSS.0403")
    assert Run.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "nowhere", None, (404, "FGS.5002")),
        ("PUT", "workflows", None, (405, "FGS.3002")),
        ("POST", "workflows", "[1,", (400, "FGS.3002")),
        ("POST", "workflows", "[]", (400, "FGS.3002")),
        ("POST", "workflows", '{"name": "a\\u0000"}', (400, "FGS.3002")),
    ],
)
def test_every_refusal_has_the_vendors_shape(
    fgs: Fgs, method: str, path: str, body: Any, expected: tuple[int, str]
) -> None:
    answer = fgs.call(method, path, body)
    assert error(answer) == expected
    assert answer["X-Request-Id"]


def test_without_a_key_nobody_gets_in(alice: Person) -> None:
    answer = Client().get(f"/v2/{alice.membership.project_id}/fgs/workflows")
    assert error(answer) == (401, "APIGW.0301")

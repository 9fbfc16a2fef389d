"""The vendor's own client against the real server, embedded and distributed: nothing of it is changed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkfunctiongraph.v2 import (
    Action,
    BatchDeleteWorkflowsRequest,
    CallbackWorkflowRequestBody,
    CreateCallbackWorkflowRequest,
    CreateWorkflowRequest,
    FlowExecuteBody,
    Function,
    FunctionGraphClient,
    FunctionRef,
    ListWorkflowExecutionsRequest,
    OnError,
    OperationState,
    Retry,
    RetryWorkFlowRequest,
    ShowWorkflowExecutionRequest,
    ShowWorkFlowRequest,
    StartSyncWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
    StateDataFilter,
    StopWorkFlowRequest,
    WorkflowCreateBody,
    WorkflowDeleteBody,
)

from tests.dialects.driving import drive_javascript
from tests.provision import wait_until
from tests.recorder import Recorder
from tests.servers import Server


class Flows:
    """The client, with the few calls that many tests make."""

    def __init__(self, server: Server) -> None:
        with server.api() as api:
            key = api.call("POST", "/api-keys", {"name": "functiongraph"}, status=201)
            [self.project, *_] = [project["id"] for project in api.call("GET", "/projects")["results"]]
        self.key, self.secret, self.url = key["id"], key["secret"], server.url
        self.client = self.signed_with(self.key, self.secret)

    def signed_with(self, key: str, secret: str) -> Any:
        credentials = BasicCredentials(key, secret, self.project)
        return FunctionGraphClient.new_builder().with_credentials(credentials).with_endpoints([self.url]).build()

    def made(self, states: list[OperationState], functions: list[Function] | None = None, **more: Any) -> Any:
        body = WorkflowCreateBody(
            name=f"flow-{uuid.uuid4().hex[:12]}", start=states[0].id, functions=functions or [], states=states, **more
        )
        return self.client.create_workflow(CreateWorkflowRequest(body=body))

    def start(self, flow: str, run_id: str | None = None, given: dict[str, Any] | None = None, **more: Any) -> str:
        body = FlowExecuteBody(headers={"tenantId": "u1"}, input={"a": "é中"} if given is None else given)
        wanted = StartWorkflowExecutionRequest(workflow_id=flow, x_workflow_run_id=run_id, body=body, **more)
        return str(self.client.start_workflow_execution(wanted).execution_id)

    def show(self, flow: str, run: str) -> Any:
        return self.client.show_workflow_execution(ShowWorkflowExecutionRequest(workflow_id=flow, execution_id=run))

    def ended(self, flow: str, run: str) -> Any:
        wait_until(lambda: self.show(flow, run).status != "running", "the execution ends")
        return self.show(flow, run)


@pytest.fixture(scope="module")
def flows(either_shape: Server) -> Flows:
    return Flows(either_shape)


def nap(seconds: int = 1) -> OperationState:
    return OperationState(id="nap", name="nap", type="Sleep", duration=seconds, end=True)


def call(ref_name: str, arguments: dict[str, Any]) -> list[Action]:
    return [Action(function_ref=FunctionRef(ref_name=ref_name, invoke_mode="synchronize", arguments=arguments))]


def test_the_published_walk(flows: Flows) -> None:
    flow = flows.made([nap()])
    run = flows.start(flow.id, str(uuid.uuid4()))
    told = flows.ended(flow.id, run)
    assert (told.status, told.input, told.headers) == ("success", {"a": "é中"}, {"tenantId": "u1"})
    listed = flows.client.list_workflow_executions(
        ListWorkflowExecutionsRequest(workflow_id=flow.workflow_urn, limit=200, offset=0)
    )
    assert run in [each.execution_id for each in listed.executions]
    other = flows.start(flow.id)
    flows.client.stop_work_flow(StopWorkFlowRequest(workflow_id=flow.id, execution_id=other))
    assert flows.show(flow.id, other).status == "cancel"
    with pytest.raises(ClientRequestException) as missing:
        flows.show(flow.id, "no-such-run")
    assert (missing.value.status_code, missing.value.error_code) == (404, "FGS.5002")
    assert missing.value.request_id
    body = WorkflowDeleteBody(workflow_urns=[flow.workflow_urn, "urn:none"])
    deleted = flows.client.batch_delete_workflows(BatchDeleteWorkflowsRequest(body=body))
    assert (deleted.success, [each.workflow_urn for each in deleted.fail]) == ([flow.workflow_urn], ["urn:none"])


def test_the_javascript_sdk_works_unchanged(flows: Flows) -> None:
    drive_javascript("functiongraph_client", flows.url, flows.key, flows.secret, flows.project)


def test_a_signature_by_another_secret_or_for_another_project_is_refused(flows: Flows) -> None:
    wanted = ShowWorkFlowRequest(workflow_id="any")
    for client in (flows.signed_with(flows.key, "psk_other"), flows.signed_with("key_other", flows.secret)):
        with pytest.raises(ClientRequestException) as refused:
            client.show_work_flow(wanted)
        assert (refused.value.status_code, refused.value.error_code) == (401, "APIGW.0301")


def test_the_same_start_again_starts_nothing_and_another_body_is_refused(flows: Flows) -> None:
    flow = flows.made([nap(30)])
    run_id = str(uuid.uuid4())
    assert flows.start(flow.id, run_id) == flows.start(flow.id, run_id) == run_id
    with pytest.raises(ClientRequestException) as refused:
        flows.start(flow.id, run_id, {"other": 1})
    assert (refused.value.status_code, refused.value.error_code) == (400, "FGS.3002")
    listed = flows.client.list_workflow_executions(ListWorkflowExecutionsRequest(workflow_id=flow.id, limit=200))
    assert [each.execution_id for each in listed.executions] == [run_id]


def test_states_call_node_kinds_with_arguments_by_path_with_a_fallback(flows: Flows) -> None:
    arguments = {"mapping": {"name": "$.user.name", "city": "$.user.city | nowhere", "limit": "$CONST.limit"}}
    first = OperationState(id="pick", name="Pick", type="Operation", actions=call("pick", arguments), transition="end")
    last = OperationState(id="end", name="End", type="End")
    functions = [Function(name="pick", operation="set", metadata={})]
    flow = flows.made([first, last], functions, constants={"limit": 5})
    told = flows.ended(flow.id, flows.start(flow.id, None, {"user": {"name": "Ada"}}))
    assert told.output == {"name": "Ada", "city": "nowhere", "limit": 5}
    assert [(each.node_id, each.node_name) for each in told.node_execution_details] == [
        ("pick", "Pick"),
        ("end", "End"),
    ]
    [attempt] = told.node_execution_details[0].executions
    assert (attempt.status, attempt.input) == ("success", {"user": {"name": "Ada"}})
    shown = flows.client.show_work_flow(ShowWorkFlowRequest(workflow_id=flow.id))
    assert shown.definition.states[0].actions[0].function_ref.arguments == arguments


ORDERS: dict[str, Any] = {"lines": [{"id": "a", "price": 3}, {"id": "b", "price": 8}], "limit": 5}
QUERIES = {
    "dear": "$.lines[?@.price > $.limit || @.id == 'z'].id",
    "all": "$..id",
    "last": "$.lines[-1].id | none",
    "none": "$.lines[?@.price > 100] | nothing",
}
FOUND = {"dear": ["b"], "all": ["a", "b"], "last": "b", "none": "nothing"}


def test_paths_are_whole_queries_in_settings_in_arguments_of_a_flow_and_in_filters(flows: Flows) -> None:
    below = flows.made([OperationState(id="echo", name="echo", type="End")])
    functions = [Function(name="set", operation="set"), Function(name="sub", operation=below.workflow_urn)]
    filters = StateDataFilter(input="$.lines[?@.price > 5]", output="$.lines[*].price")
    for state, output in (
        (OperationState(actions=call("set", {"mapping": QUERIES})), FOUND),
        (OperationState(actions=call("sub", QUERIES)), FOUND),
        (OperationState(actions=[], state_data_filter=StateDataFilter(input=filters.input)), [ORDERS["lines"][1]]),
        (OperationState(actions=[], state_data_filter=StateDataFilter(output=filters.output)), [3, 8]),
    ):
        state.id, state.name, state.type, state.end = "s", "s", "Operation", True
        flow = flows.made([state], functions)
        told = flows.ended(flow.id, flows.start(flow.id, None, ORDERS))
        assert (told.status, told.output) == ("success", output)
        assert [each.node_id for each in told.node_execution_details] == ["s"]


def test_what_is_tried_again_is_said_for_each_error(flows: Flows, loopback_recorder: Recorder) -> None:
    loopback_recorder.answer("/down", {"ok": False}, status=503)
    functions = [Function(name="get", operation="http_request", metadata={})]
    retries = [Retry(name="soon", delay=0, max_attempts=2), Retry(name="never", delay=0, max_attempts=0)]
    for handlers, attempts in (
        ([OnError(error="http_status", retry_ref="soon")], 3),
        ([OnError(error="other", retry_ref="soon")], 1),
        ([OnError(error="http_status", retry_ref="never"), OnError(retry_ref="soon")], 1),
        ([OnError(error="other"), OnError(retry_ref="soon"), OnError(error="http_status")], 3),
    ):
        actions = call("get", {"url": f"{loopback_recorder.url}/down"})
        state = OperationState(id="s", name="s", type="Operation", actions=actions, on_errors=handlers, end=True)
        flow = flows.made([state], functions, retries=retries)
        told = flows.ended(flow.id, flows.start(flow.id))
        assert told.status == "fail"
        assert len(told.node_execution_details[0].executions) == attempts, handlers


@pytest.mark.parametrize(("merges", "expected"), [("true", {"a": 1, "b": 2}), (None, {"b": 2})])
def test_arguments_are_merged_over_what_came_in_when_that_is_asked(
    flows: Flows, merges: str | None, expected: dict[str, Any]
) -> None:
    below = flows.made([OperationState(id="echo", name="echo", type="End")])
    functions = [Function(name="sub", operation=below.workflow_urn, metadata={})]
    state = OperationState(id="s", name="s", type="Operation", actions=call("sub", {"b": 2}), end=True)
    flow = flows.made([state], functions)
    run = flows.start(flow.id, None, {"a": 1}, x_workflow_run_merge_fn_parameters=merges)
    assert flows.ended(flow.id, run).output == expected


def test_a_failed_execution_is_tried_again_under_its_id(flows: Flows, loopback_recorder: Recorder) -> None:
    loopback_recorder.answer("/down", {"ok": False}, status=503)
    functions = [Function(name="get", operation="http_request", metadata={}), Function(name="set", operation="set")]
    first = OperationState(
        id="one", name="one", type="Operation", actions=call("set", {"mapping": {"n": 1}}), transition="two"
    )
    second = OperationState(
        id="two", name="two", type="Operation", actions=call("get", {"url": f"{loopback_recorder.url}/down"}), end=True
    )
    flow = flows.made([first, second], functions)
    run = flows.start(flow.id)
    told = flows.ended(flow.id, run)
    assert told.status == "fail"
    assert "503" in told.node_execution_details[1].executions[0].error_message
    loopback_recorder.answer("/down", {"ok": True})
    flows.client.retry_work_flow(RetryWorkFlowRequest(workflow_id=flow.id, execution_id=run))
    told = flows.ended(flow.id, run)
    assert (told.status, told.execution_id, told.output["body"]) == ("success", run, {"ok": True})
    with pytest.raises(ClientRequestException) as refused:
        flows.client.retry_work_flow(RetryWorkFlowRequest(workflow_id=flow.id, execution_id=run))
    assert refused.value.status_code == 400


def test_an_error_takes_its_transition(flows: Flows, loopback_recorder: Recorder) -> None:
    loopback_recorder.answer("/down", {"ok": False}, status=503)
    functions = [Function(name="get", operation="http_request", metadata={})]
    calling = OperationState(
        id="calling",
        name="calling",
        type="Operation",
        actions=call("get", {"url": f"{loopback_recorder.url}/down"}),
        on_errors=[OnError(error="other", transition="end"), OnError(error="http_status", transition="saved")],
        transition="end",
    )
    saved = OperationState(id="saved", name="saved", type="Sleep", duration=0, end=True)
    flow = flows.made([calling, OperationState(id="end", name="end", type="End"), saved], functions)
    told = flows.ended(flow.id, flows.start(flow.id))
    assert told.status == "success"
    assert [each.node_id for each in told.node_execution_details] == ["calling", "saved"]


@pytest.mark.parametrize("is_early", [False, True])
@pytest.mark.parametrize(
    ("told", "status", "states"),
    [
        ({"result": "success"}, "success", ["ask", "end"]),
        ({"result": "fail", "error": "refused"}, "success", ["ask", "saved"]),
        ({"result": "fail"}, "fail", ["ask"]),
    ],
)
def test_a_callback_says_what_comes_of_a_state(
    flows: Flows, told: dict[str, str], status: str, states: list[str], is_early: bool
) -> None:
    functions = [Function(name="wait", operation="wait_for_event", metadata={})]
    ask = OperationState(
        id="ask",
        name="Ask",
        type="Operation",
        actions=call("wait", {"name": "answer"}),
        on_errors=[OnError(error="refused", transition="saved")],
        transition="end",
    )
    saved, end = (OperationState(id=name, name=name, type="End") for name in ("saved", "end"))
    pause = OperationState(id="pause", name="pause", type="Sleep", duration=2 if is_early else 0, transition="ask")
    flow = flows.made([pause, ask, saved, end], functions)
    run = flows.start(flow.id)

    def waits() -> bool:
        return [each.node_id for each in flows.show(flow.id, run).node_execution_details] == ["pause", "ask"]

    if not is_early:
        wait_until(waits, "the state waits")
    body = CallbackWorkflowRequestBody(**told, output={"n": 1})
    wanted = CreateCallbackWorkflowRequest(
        workflow_id=flow.id, x_workflow_run_id=run, x_workflow_state_id="ask", body=body
    )
    assert flows.client.create_callback_workflow(wanted).execution_id == run
    ended = flows.ended(flow.id, run)
    assert (ended.status, [each.node_id for each in ended.node_execution_details]) == (status, ["pause", *states])
    if told["result"] == "success":
        assert ended.output == {"n": 1}


def test_several_actions_run_in_a_row_or_side_by_side(flows: Flows) -> None:
    functions = [Function(name="set", operation="set"), Function(name="other", operation="set")]
    both = call("set", {"mapping": {"x": "$.v"}}) + call("other", {"mapping": {"y": "$.v"}})
    side = OperationState(
        id="side", name="side", type="Operation", action_mode="parallel", actions=both, transition="row"
    )
    row = OperationState(
        id="row",
        name="row",
        type="Operation",
        actions=call("set", {"mapping": {"v": "$.set.x"}}) + call("other", {"mapping": {"w": "$.other.y"}}),
        end=True,
    )
    flow = flows.made([side, row], functions)
    assert flows.ended(flow.id, flows.start(flow.id, None, {"v": 3})).output == {"w": 3}


def test_an_express_flow_runs_while_its_caller_waits(flows: Flows) -> None:
    flow = flows.made([OperationState(id="end", name="end", type="End")], mode="EXPRESS")
    body = FlowExecuteBody(input={"v": 3})
    wanted = StartSyncWorkflowExecutionRequest(workflow_id=flow.id, body=body)
    answer = flows.client.start_sync_workflow_execution(wanted)
    assert (answer.status, answer.output, answer.errors) == ("success", {"v": 3}, [])

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import HttpResponse, NodeError, Output

OUTSIDE = [
    "workflows",
    "/api/v1/api-keys",
    "//elsewhere.example.com/workflows",
    "https://elsewhere.example.com/workflows",
    "/workflows/vault",
    "/workflows/%76ault",
    "/workflows/vault/vlt_1?x=1",
    "/workflows/authorization",
    "/workflows/x/../vault",
    "/workflows//vault",
    "/workflows/./vault",
    "/workflowsx",
    "//[",
]


async def test_it_calls_and_gives_what_was_answered() -> None:
    context = FakeContext({"id": "fl_1"})
    context.answer = HttpResponse(202, {"content-type": "application/json"}, b'{"id": "fl_run_1"}', "http://here/")
    output = await run(
        "altostrat_api",
        context,
        method="POST",
        endpoint="/workflows/{{ input.id }}/execute",
        body={"context": {"n": 1}},
    )
    assert isinstance(output, Output)
    assert (output.value["status"], output.value["body"]) == (202, {"id": "fl_run_1"})
    assert context.calls == [("POST", "/workflows/fl_1/execute", b'{"context": {"n": 1}}')]
    await run("altostrat_api", context, endpoint="/workflows?page=1", body={"not": "sent"})
    assert context.calls[1:] == [("GET", "/workflows?page=1", None)]


@pytest.mark.parametrize(("status", "retryable"), [(404, False), (503, True)])
async def test_a_refusal_fails_with_what_was_said(status: int, retryable: bool) -> None:
    context = FakeContext()
    context.answer = HttpResponse(status, {"content-type": "application/json"}, b'{"code": "x"}', "http://here/")
    with pytest.raises(NodeError) as failed:
        await run("altostrat_api", context, endpoint="/workflows/fl_1")
    assert (failed.value.code, failed.value.retryable) == ("http_status", retryable)
    assert failed.value.details["body"] == {"code": "x"}


@pytest.mark.parametrize("endpoint", OUTSIDE)
async def test_nothing_else_is_reached(endpoint: str) -> None:
    assert [field for field, _ in faults("altostrat_api", endpoint=endpoint)] == ["endpoint"]
    context = FakeContext({"endpoint": endpoint})
    with pytest.raises(NodeError) as failed:
        await run("altostrat_api", context, endpoint="{{ input.endpoint }}")
    assert (failed.value.code, failed.value.field, context.calls) == ("endpoint_refused", "endpoint", [])

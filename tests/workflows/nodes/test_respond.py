import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Respond


async def test_it_answers_with_its_input() -> None:
    assert await run("respond", FakeContext({"a": 1})) == Respond(200, (), {"a": 1})


async def test_status_headers_and_body_can_be_said() -> None:
    result = await run(
        "respond",
        FakeContext({"id": 7}),
        status="{{ 200 + 1 }}",
        headers=[{"key": "X-Id", "value": "{{ input.id }}"}],
        body={"made": "{{ input.id }}"},
    )
    assert result == Respond(201, (("X-Id", "7"),), {"made": 7})


@pytest.mark.parametrize("status", [99, 101, 600, "fine"])
def test_the_status_is_one_of_http(status: object) -> None:
    assert faults("respond", status=status) == [("status", "invalid_parameter")]


@pytest.mark.parametrize(
    ("name", "value"), [("X Id", "1"), ("", "1"), ("X-Id", "1\r\nSet-Cookie: a=b"), ("X-Id", "\0"), ("X-Id", "☃")]
)
def test_a_header_that_http_cannot_carry_fails_the_node(name: str, value: str) -> None:
    with pytest.raises(NodeError, match="header") as error:
        Respond(200, ((name, value),), None)
    assert (error.value.code, error.value.field, error.value.retryable) == ("invalid_header", "headers", False)


def test_a_header_needs_a_name() -> None:
    assert faults("respond", headers=[{"value": "x"}]) == [("headers[0].key", "missing_parameter")]

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Stop


@pytest.mark.parametrize("kind", ["stop", "terminate"])
async def test_it_ends_the_run_with_its_input(kind: str) -> None:
    assert await run(kind, FakeContext({"a": 1})) == Stop("completed", {"a": 1})


async def test_it_may_say_another_output() -> None:
    assert await run("stop", FakeContext({"a": 1}), output={"b": "{{ input.a }}"}) == Stop("completed", {"b": 1})


async def test_it_may_fail_the_run_with_a_message() -> None:
    result = await run("stop", FakeContext(5), status="failed", message="{{ input }} is too few")
    assert result == Stop("failed", 5, "5 is too few")


async def test_a_message_is_text_whatever_the_expression_gives() -> None:
    result = await run("stop", FakeContext({"a": [1]}), status="failed", message="{{ input }}")
    assert result == Stop("failed", {"a": [1]}, '{"a":[1]}')


def test_there_are_two_ways_to_end() -> None:
    assert faults("stop", status="cancelled") == [("status", "invalid_parameter")]

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output


async def test_it_records_the_message_and_passes_its_input_on() -> None:
    ctx = FakeContext({"id": 7})
    assert await run("log", ctx, message="Order {{ input.id }}", level="warning") == Output({"id": 7})
    assert ctx.messages == [("warning", "Order 7")]


async def test_any_value_can_be_recorded() -> None:
    ctx = FakeContext({"id": 7})
    await run("log", ctx, message="{{ input }}")
    assert ctx.messages == [("info", '{"id":7}')]


def test_it_needs_a_message_and_a_known_level() -> None:
    assert faults("log", level="loud") == [("message", "missing_parameter"), ("level", "invalid_parameter")]

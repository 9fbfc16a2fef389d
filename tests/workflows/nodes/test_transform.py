from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output


async def test_its_output_is_the_value_of_the_expression() -> None:
    ctx = FakeContext({"items": [{"price": 2}, {"price": 3}]})
    assert await run("transform", ctx, expression="sum(i.price for i in input.items)") == Output(5)


async def test_braces_may_be_written() -> None:
    assert await run("transform", FakeContext({"a": None}), expression="{{ input.a }}") == Output(None)


def test_it_needs_an_expression_that_can_be_read() -> None:
    assert faults("transform") == [("expression", "missing_parameter")]
    assert [field for field, _ in faults("transform", expression="1 +")] == ["expression"]

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output


@pytest.mark.parametrize("kind", ["set", "data_mapper"])
async def test_it_makes_a_new_object(kind: str) -> None:
    ctx = FakeContext({"first": "Ada", "born": 1815})
    result = await run(kind, ctx, mapping={"name": "{{ input.first }}", "born": "{{ input.born }}", "fixed": [1]})
    assert result == Output({"name": "Ada", "born": 1815, "fixed": [1]})


async def test_it_may_add_to_the_input() -> None:
    result = await run("set", FakeContext({"a": 1, "b": 2}), mapping={"b": 3}, keep_input=True)
    assert result == Output({"a": 1, "b": 3})


async def test_without_an_input_there_is_nothing_to_keep() -> None:
    assert await run("set", FakeContext(None), mapping={"b": 3}, keep_input=True) == Output({"b": 3})


async def test_fields_cannot_be_added_to_a_list() -> None:
    with pytest.raises(NodeError) as caught:
        await run("set", FakeContext([1]), mapping={}, keep_input=True)
    assert (caught.value.code, caught.value.field) == ("not_an_object", "keep_input")


def test_the_mapping_is_an_object() -> None:
    assert faults("set") == [("mapping", "missing_parameter")]
    assert faults("set", mapping=[1]) == [("mapping", "invalid_parameter")]

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output


async def test_its_output_is_what_it_sets() -> None:
    result = await run("set_variables", FakeContext({"n": 2}), variables={"n": "{{ input.n }}", "tags": ["a"]})
    assert result == Output({"n": 2, "tags": ["a"]})


def test_the_variables_are_an_object() -> None:
    assert faults("set_variables") == [("variables", "missing_parameter")]
    assert faults("set_variables", variables=[1]) == [("variables", "invalid_parameter")]

from tests.workflows.nodes.context import FakeContext, run
from workflows.nodes.base import Output


async def test_it_gives_the_result_of_what_is_in_it() -> None:
    assert await run("try", FakeContext(input=[1])) == Output([1])

from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, run
from workflows.nodes.base import Again, NodeError, Output


async def test_it_ends_with_the_result_of_the_pass_after_which_the_condition_holds() -> None:
    assert await run("repeat_until", FakeContext(input=7), until=True) == Output(7)
    assert await run("repeat_until", FakeContext(input=7), until=False) == Again()


async def test_it_may_give_the_results_of_all_passes() -> None:
    context = FakeContext(input=7)
    context.results = [5, 7]
    assert await run("repeat_until", context, until=True, output="all") == Output([5, 7])


async def test_it_does_not_go_on_for_ever() -> None:
    context = FakeContext(input=7)
    context.results = [5, 6, 7]
    with pytest.raises(NodeError, match="3 passes"):
        await run("repeat_until", context, until=False, max_passes=3)
    assert await run("repeat_until", context, until=True, max_passes=3) == Output(7)


@pytest.mark.parametrize("until", [None, 0, "true", []])
async def test_what_is_neither_true_nor_false_fails(until: Any) -> None:
    with pytest.raises(NodeError, match="true or false"):
        await run("repeat_until", FakeContext(input=until), until="input")

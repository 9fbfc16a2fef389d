from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, run
from workflows.nodes.base import NodeError, Passes


@pytest.mark.parametrize(
    ("settings", "passes"),
    [
        ({}, Passes([1, 2, 3])),
        ({"concurrency": 2}, Passes([1, 2, 3], at_once=2)),
        ({"batch_size": 2}, Passes([[1, 2], [3]])),
        ({"on_failure": "collect"}, Passes([1, 2, 3], keep_going=True)),
    ],
)
async def test_what_it_goes_over(settings: dict[str, Any], passes: Passes) -> None:
    assert await run("for_each", FakeContext(), items=[1, 2, 3], **settings) == passes


@pytest.mark.parametrize(
    ("items", "what"), [(None, "nothing"), ({"a": 1}, "dict"), ("text", "str"), ([0] * 10_001, "10,001")]
)
async def test_what_is_no_list_of_a_fair_length_fails(items: Any, what: str) -> None:
    with pytest.raises(NodeError, match=what):
        await run("for_each", FakeContext(input=items), items="{{ input }}")

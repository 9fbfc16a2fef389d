from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output

BRANCHES = {"left": {"a": 1, "b": 1}, "right": {"b": 2}}


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        ({}, {"a": 1, "b": 2}),
        ({"mode": "combine"}, {"a": 1, "b": 2}),
        ({"mode": "list"}, [{"a": 1, "b": 1}, {"b": 2}]),
        ({"mode": "by_node"}, BRANCHES),
        ({"mode": "first"}, {"a": 1, "b": 1}),
    ],
)
async def test_its_modes(settings: dict[str, str], value: Any) -> None:
    assert await run("merge", FakeContext(inputs=BRANCHES), **settings) == Output(value)


async def test_only_objects_can_be_combined() -> None:
    with pytest.raises(NodeError, match='"right" gave a list'):
        await run("merge", FakeContext(inputs={"left": {}, "right": [1]}))


async def test_without_branches_it_has_nothing_to_give() -> None:
    assert await run("merge") == Output({})
    assert await run("merge", mode="first") == Output(None)


def test_other_modes_are_refused() -> None:
    assert faults("merge", mode="zip") == [("mode", "invalid_parameter")]

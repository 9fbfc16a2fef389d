from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output
from workflows.nodes.registry import REGISTRY


@pytest.mark.parametrize(
    ("settings", "starts"),
    [
        ({}, None),
        ({"wait_for": "all", "count": 3}, None),
        ({"wait_for": "any"}, (1, True)),
        ({"wait_for": "any", "count": 3, "cancel_rest": False}, (1, False)),
        ({"wait_for": "count"}, (2, True)),
        ({"wait_for": "count", "count": 3}, (3, True)),
    ],
)
def test_what_starts_it(settings: dict[str, Any], starts: tuple[int, bool] | None) -> None:
    kind = REGISTRY.get("join")
    assert kind is not None
    assert kind.join(settings) == starts


async def test_it_hands_on_what_came_in() -> None:
    assert await run("join", FakeContext(input={"a": 1})) == Output({"a": 1})


@pytest.mark.parametrize("name", ["wait_for", "count", "cancel_rest"])
def test_its_settings_are_fixed(name: str) -> None:
    assert [field for field, _ in faults("join", **{name: "{{ input.x }}"})] == [name]

from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, run
from workflows.nodes.base import StartChild


@pytest.mark.parametrize(
    ("settings", "payload"), [({}, {"in": 1}), ({"payload": [2]}, [2]), ({"payload": None}, {"in": 1})]
)
async def test_it_starts_a_run_and_does_not_wait(settings: dict[str, Any], payload: Any) -> None:
    context = FakeContext(input={"in": 1})
    assert await run("start_workflow", context, workflow="w", **settings) == StartChild("w", payload, wait=False)

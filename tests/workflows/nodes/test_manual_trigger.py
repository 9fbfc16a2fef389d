import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output


@pytest.mark.parametrize("kind", ["manual_trigger", "api_trigger"])
async def test_it_gives_what_the_run_was_started_with(kind: str) -> None:
    result = await run(kind, FakeContext(trigger={"user_id": 123}, trigger_type="api"))
    assert result == Output({"user_id": 123, "trigger_type": "api", "run_id": "fl_run_1"})


async def test_the_payloads_own_keys_win() -> None:
    result = await run("manual_trigger", FakeContext(trigger={"run_id": "mine"}))
    assert result == Output({"run_id": "mine", "trigger_type": "manual"})


async def test_a_payload_that_is_no_object_is_passed_on() -> None:
    assert await run("manual_trigger", FakeContext(trigger=[1, 2])) == Output([1, 2])


def test_it_needs_no_settings() -> None:
    assert faults("manual_trigger") == []

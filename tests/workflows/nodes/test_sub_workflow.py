from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import StartChild


async def test_it_starts_the_other_workflow_with_its_input_and_waits() -> None:
    result = await run("sub_workflow", FakeContext({"a": 1}), workflow="fl_other")
    assert result == StartChild("fl_other", {"a": 1}, wait=True)


async def test_it_may_say_the_payload_and_go_on() -> None:
    result = await run("sub_workflow", FakeContext({"a": 1}), workflow="w", payload={"b": "{{ input.a }}"}, wait=False)
    assert result == StartChild("w", {"b": 1}, wait=False)


async def test_trigger_workflow_goes_on_and_may_call_it_workflow_id() -> None:
    result = await run("trigger_workflow", FakeContext(), workflow_id="fl_other", payload={})
    assert result == StartChild("fl_other", {}, wait=False)
    result = await run("trigger_workflow", FakeContext(), workflow="fl_other", payload={}, wait=True)
    assert result == StartChild("fl_other", {}, wait=True)


def test_it_needs_a_workflow() -> None:
    assert faults("sub_workflow") == [("workflow", "missing_parameter")]
    assert faults("sub_workflow", workflow="") == [("workflow", "invalid_parameter")]
    assert faults("trigger_workflow") == [("workflow", "missing_parameter")]

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, RaiseEvent


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"name": "paid", "run": "mine"}, RaiseEvent("paid", {"id": 7}, "mine", None)),
        ({"name": "paid", "correlation": "{{ input.id }}"}, RaiseEvent("paid", {"id": 7}, None, "7")),
        ({"name": "paid", "run": "mine", "payload": {"x": "{{ input.id }}"}}, RaiseEvent("paid", {"x": 7}, "mine")),
    ],
)
async def test_it_tells_a_run_or_whoever_waits(settings: dict[str, object], told: RaiseEvent) -> None:
    assert await run("raise_event", FakeContext({"id": 7}), **settings) == told


async def test_nobody_is_meant_when_the_expression_gives_nothing() -> None:
    with pytest.raises(NodeError) as caught:
        await run("raise_event", FakeContext({"run": ""}), name="paid", run="{{ input.run }}")
    assert (caught.value.code, caught.value.field) == ("whom_to_tell", "run")


@pytest.mark.parametrize("settings", [{"name": "x"}, {"name": "x", "run": "a", "correlation": "b"}])
def test_either_a_run_or_a_correlation(settings: dict[str, object]) -> None:
    assert [name for name, _ in faults("raise_event", **settings)] == ["run"]

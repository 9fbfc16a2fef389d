import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output


async def test_it_gives_the_request() -> None:
    request = {"body": {"a": 1}, "headers": {"x-a": "1"}, "query": {}, "params": {}, "method": "POST", "path": ""}
    result = await run("webhook_trigger", FakeContext(trigger=request, trigger_type="webhook"))
    assert result == Output({**request, "trigger_type": "webhook", "run_id": "fl_run_1"})


def test_it_needs_no_settings() -> None:
    assert faults("webhook_trigger") == []


@pytest.mark.parametrize("path", ["", "orders", "/orders/{id}", "a/b/{c}/d-e_f.g~h"])
def test_paths_have_segments_and_names(path: str) -> None:
    assert faults("webhook_trigger", path=path) == []


@pytest.mark.parametrize("path", ["a b", "a//b", "orders/{Id}", "orders/{id", "a/{x}/{x}", "ä", "a?b"])
def test_other_paths_are_refused(path: str) -> None:
    assert faults("webhook_trigger", path=path) == [("path", "invalid_parameter")]


@pytest.mark.parametrize("methods", [[], ["FETCH"], "POST"])
def test_methods_are_a_list_of_known_ones(methods: object) -> None:
    assert [code for _, code in faults("webhook_trigger", methods=methods)] == ["invalid_parameter"]

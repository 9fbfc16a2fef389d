import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output


async def test_it_gives_the_first_result_and_all_of_them() -> None:
    context = FakeContext({"list": [1, 2]})
    assert await run("jq", context, filter=".list[]") == Output({"result": 1, "resultList": [1, 2]})
    assert await run("jq", context, filter="empty") == Output({"result": None, "resultList": []})
    assert await run("jq", context, filter=".a", data={"a": "{{ input.list }}"}) == Output(
        {"result": [1, 2], "resultList": [[1, 2]]}
    )


async def test_it_fails_with_what_jq_says() -> None:
    with pytest.raises(NodeError, match="Cannot index array") as failed:
        await run("jq", FakeContext([1]), filter=".a.b")
    assert (failed.value.code, failed.value.field) == ("code_failed", "filter")


def test_what_is_no_filter_is_refused() -> None:
    assert faults("jq", filter=".a |") == [("filter", "invalid_parameter")]
    assert faults("jq") == [("filter", "missing_parameter")]

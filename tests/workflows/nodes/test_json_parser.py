from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        (" 7 ", 7),
        ('"text"', "text"),
        ("{{ input.text }}", {"n": 10**30}),
        ("{{ input.parsed }}", [1, {"a": "ä"}]),
    ],
)
async def test_it_gives_the_value_that_the_text_means(text: str, value: Any) -> None:
    context = FakeContext({"text": f'{{"n": {10**30}}}', "parsed": [1, {"a": "ä"}]})
    assert await run("json_parser", context, text=text) == Output(value)


@pytest.mark.parametrize("text", ["{", "{'a': 1}", '{"a": 1, "a": 2}', "NaN", "[" * 100_000, '"\\ud800"', "1 2"])
async def test_text_that_is_no_json_fails_and_says_where(text: str) -> None:
    with pytest.raises(NodeError) as failed:
        await run("json_parser", text=text)
    assert (failed.value.code, failed.value.field, failed.value.retryable) == ("not_json", "text", False)


def test_it_asks_for_a_text() -> None:
    assert faults("json_parser") == [("text", "missing_parameter")]

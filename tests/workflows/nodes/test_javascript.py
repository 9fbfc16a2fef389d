import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output


async def test_it_finds_its_inputs_under_a_dollar() -> None:
    context = FakeContext({"n": 2})
    source = "console.log('n is', $.n);\nreturn {twice: $.n * 2}"
    assert await run("javascript", context, source=source) == Output({"twice": 4})
    assert context.messages == [("info", "n is 2")]
    inputs = {"a": "{{ input.n }}", "fixed": [1]}
    assert await run("javascript", context, source="$", inputs=inputs) == Output({"a": 2, "fixed": [1]})


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("x.y", "code_failed", "Line 2: ReferenceError"),
        ("return x.y", "code_failed", "Line 2: ReferenceError"),
        ("'a\\u0000b'", "code_result_no_json", "NUL"),
        ("return {a: '\\ud800'}", "code_result_no_json", "surrogate"),
        ("2n ** 64n", "code_result_no_json", "BigInt"),
        ("'x'.repeat(5 * 1024 * 1024)", "code_result_too_large", "5,242,880"),
        ("'x'.repeat(1e9)", "code_memory", "128 MB"),
    ],
)
async def test_how_it_fails(source: str, code: str, message: str) -> None:
    context = FakeContext()
    with pytest.raises(NodeError, match=message) as failed:
        await run("javascript", context, source=f"console.log('so far')\n{source}")
    assert (failed.value.code, failed.value.field) == (code, "source")
    assert context.messages == [("info", "so far")]


async def test_what_it_prints_is_kept_to_its_end() -> None:
    context = FakeContext()
    await run("javascript", context, source="console.log('a\\u0000b', '\\ud800', 'c')")
    assert context.messages == [("info", "a\ufffdb ? c")]


@pytest.mark.parametrize("source", ["{}", "try {{ {} }} catch {{}} 7", "{}; throw new Error('late')"])
async def test_what_prints_too_much_fails_as_in_python(source: str) -> None:
    context = FakeContext()
    prints = "for (let i = 0; i < 10000; i++) console.log('x'.repeat(10))"
    with pytest.raises(NodeError, match="printed more than 65,536 characters") as failed:
        await run("javascript", context, source=source.format(prints))
    assert failed.value.code == "code_printed_too_much"
    assert [text for _, text in context.messages] == ["x" * 10] * (65_536 // 11)


async def test_it_may_take_as_long_as_its_settings_say() -> None:
    with pytest.raises(NodeError, match=r"longer than 0.2 s") as failed:
        await run("javascript", FakeContext(), source="for (;;) {}", seconds=0.2)
    assert failed.value.code == "code_timeout"


def test_what_is_no_javascript_is_refused() -> None:
    assert faults("javascript", source="let let = 1") == [("source", "invalid_parameter")]
    assert faults("javascript") == [("source", "missing_parameter")]
    assert faults("javascript", source="return 1") == []

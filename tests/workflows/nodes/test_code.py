import asyncio
from typing import Any

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("return 1", 1),
        ("1 + 1", 2),
        ("x = 3\nx * 2", 6),
        ("if input['n'] > 5:\n    return 'large'\nreturn 'small'", "large"),
        ("def twice(x):\n    return x * 2\n\ntwice(input['n'])", 14),
        ("input = 5\ninput", 5),
        ("nodes['before']['n']", 7),
        ("import json\njson.loads('[1, 2]')", [1, 2]),
        ("for i in range(3):\n    pass", None),
        ("", None),
        ('text = """\n  as\nit is\n"""\ntext', "\n  as\nit is\n"),
        ("(\n    1 +\n    2\n)", 3),
        ("'ä' + input['name']  # ü", "äAda"),
        ("x = 1; x + 1", 2),
        ("{'a': (1, 2)}", {"a": [1, 2]}),
        (
            "from datetime import datetime, timezone\ndatetime(2026, 1, 2, tzinfo=timezone.utc)",
            "2026-01-02T00:00:00.000000Z",
        ),
        ("f'{{{input['n']}}}'" if False else "'{{ input.n }}'", "{{ input.n }}"),
    ],
)
async def test_what_it_gives(source: str, value: Any) -> None:
    assert await run("code", FakeContext(input={"n": 7, "name": "Ada"}), source=source) == Output(value)


async def test_what_it_prints_goes_to_the_log() -> None:
    context = FakeContext()
    await run("code", context, source="print('one', 2)\nprint('three')")
    assert [text for _, text in context.messages] == ["one 2", "three"]


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("x = 1\nreturn x / 0", "code_failed", "Line 3: ZeroDivisionError"),
        ("while True:\n    pass", "code_timeout", "longer than 0.5 s"),
        ("x = 'a' * 10**9", "code_memory", "128 MB"),
        ("return 'a' * (5 * 1024 * 1024)", "code_result_too_large", "5,242,880"),
        ("return {1, 2}", "code_result_no_json", "JSON"),
        ("return float('nan')", "code_result_no_json", "JSON"),
        ("open('/etc/passwd')", "code_failed", "Line 2"),
        ("item", "code_failed", '"item"'),
    ],
)
async def test_how_it_fails(source: str, code: str, message: str) -> None:
    context = FakeContext()
    with pytest.raises(NodeError, match=message) as failure:
        await run("code", context, source=f"print('so far')\n{source}", seconds=0.5)
    assert failure.value.code == code
    assert context.messages == ([] if source == "item" else [("info", "so far")])


@pytest.mark.parametrize("source", ["return (", "x = ", "  x", "class A(", "\0"])
def test_what_is_no_python_is_refused_when_it_is_written(source: str) -> None:
    assert faults("code", source=source) == [("source", "invalid_parameter")]


async def test_nothing_is_handed_from_one_call_to_the_next() -> None:
    await run("code", FakeContext(), source="global kept\nkept = 1")
    with pytest.raises(NodeError, match="kept"):
        await run("code", FakeContext(), source="return kept")


async def test_it_says_how_far_it_is() -> None:
    context = FakeContext()
    source = "progress(0.5, 'half')\nprint('one')\nprogress(message='two\\nlines')\nprint('two', end='')"
    await run("code", context, source=source)
    await asyncio.sleep(0)
    assert context.reports[-1] == (None, "two lines")
    assert [text for _, text in context.messages] == ["one", "two"]


async def test_a_name_of_its_own_is_its_own() -> None:
    context = FakeContext()
    result = await run("code", context, source="progress = 3\nreturn progress")
    assert (result, context.reports) == (Output(3), [])


@pytest.mark.parametrize("source", ["", "progress(0.1)\n"])
@pytest.mark.parametrize("end", ["\\n", ""])
async def test_what_prints_without_end_fails(source: str, end: str) -> None:
    context = FakeContext()
    with pytest.raises(NodeError, match="printed more than 65,536 characters") as failure:
        await run("code", context, source=f"{source}for i in range(10**5):\n    print('x' * 10, end='{end}')")
    assert failure.value.code == "code_printed_too_much"
    assert sum(len(text) for _, text in context.messages) > 50_000

"""Programs in JavaScript and jq: what they give, and that none of them holds up or takes down who asks for it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from workflows.expressions import Limits
from workflows.scripts import Language, ScriptError, pool, run_script, syntax_fault

LIMITS = Limits(seconds=10, memory_bytes=32 * 1024**2, result_chars=10_000)
SHORT = Limits(seconds=1.5, memory_bytes=32 * 1024**2, result_chars=10_000)


async def result(language: Language, source: str, data: Any = None, limits: Limits = LIMITS) -> Any:
    return (await run_script(language, source, data, limits))[0]


async def failure(language: Language, source: str, limits: Limits = LIMITS) -> str:
    with pytest.raises(ScriptError) as failed:
        await run_script(language, source, None, limits)
    return failed.value.failure


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 1", 2),
        ("if ($.n > 5) { true; } else { false; }", True),
        ("if ($.n > 5) { return {size: 'large'} } return {size: 'small'}", {"size": "large"}),
        ("(function () { return $.list.map(x => x * 2); })();", [2, 4]),
        ("function e() { return $['n'] + 1 } e();", 8),
        ("const {n, ...rest} = $; return rest // the end", {"list": [1, 2], "text": "ä\u2028𝄞"}),
        ("$.text", "ä\u2028𝄞"),
        ("undefined", None),
        ("NaN", None),
        ("[typeof require, typeof process, typeof setTimeout, typeof std]", ["undefined"] * 4),
        ("new Date(0).toString().includes('GMT+0000')", True),
    ],
)
async def test_what_javascript_gives(source: str, expected: Any) -> None:
    assert await result("javascript", source, {"n": 7, "list": [1, 2], "text": "ä\u2028𝄞"}) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (".n + 1", [8]),
        (".list[]", [1, 2]),
        ("empty", []),
        ('.list | map(select(. > 1)) | {"big": .}', [{"big": [2]}]),
        ('$ENV | has("HOME")', [False]),
        ("nan", [None]),
    ],
)
async def test_what_jq_gives(source: str, expected: Any) -> None:
    assert await result("jq", source, {"n": 7, "list": [1, 2]}) == expected


async def test_what_is_printed_comes_back_also_after_a_failure() -> None:
    assert await run_script("javascript", "console.log('a', {b: 1}); 2", {}, LIMITS) == (2, 'a {"b":1}')
    many = await run_script("javascript", "for (let i = 0; i < 1500; i++) console.log(i); 2", {}, LIMITS)
    assert many == (2, "\n".join(map(str, range(1_500))))
    with pytest.raises(ScriptError) as failed:
        await run_script("javascript", "console.log('so far');\n\nthrow new Error('boom')", {}, LIMITS)
    assert (failed.value.message, failed.value.printed) == ("Line 3: Error: boom", "so far")


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("javascript", "nobody.knows", "raised"),
        ("javascript", "function f() { return f() + 1 } f()", "raised"),
        ("javascript", "const a = []; for (;;) a.push(new Array(1000).fill(7))", "memory"),
        ("javascript", "'x'.repeat(1e9)", "memory"),
        ("javascript", "'x'.repeat(20000)", "result_too_large"),
        ("javascript", "'\\ud800'", "not_json"),
        ("javascript", "10n", "not_json"),
        ("javascript", "const o = {}; o.o = o; o", "not_json"),
        ("javascript", "let a = [", "syntax"),
        ("jq", ".a.b | error", "raised"),
        ("jq", "repeat(1)", "result_too_large"),
        ("jq", '"x" * 1e9', "crashed"),
        ("jq", ".a |", "syntax"),
        ("jq", 'import "/etc/hostname" as $name; $name', "syntax"),
    ],
)
async def test_how_a_program_fails(language: Language, source: str, expected: str) -> None:
    assert await failure(language, source) == expected
    assert await result(language, "1") in (1, [1])


ENDLESS: list[tuple[Language, str]] = [
    ("javascript", "for (;;) {}"),
    ("javascript", "new Array(1e9).sort()"),  # its engine does not stop this one
    ("javascript", "({toJSON() { for (;;) {} }})"),
    ("jq", "[repeat(1)]"),
    ("jq", "def f: f; f"),
]


async def test_what_never_ends_is_ended_and_holds_nobody_up() -> None:
    await asyncio.gather(*(result("javascript", "0") for _ in range(8)))  # as many processes as there may be
    began = time.monotonic()
    endless = [asyncio.create_task(failure(language, source, SHORT)) for language, source in ENDLESS]
    neighbours = await asyncio.gather(*(result("javascript", "$ + 1", n) for n in range(3)))
    assert neighbours == [1, 2, 3]
    assert not all(task.done() for task in endless)
    assert await asyncio.gather(*endless) == ["timeout"] * len(ENDLESS)
    assert time.monotonic() - began < 30


async def test_nothing_is_left_from_one_call_to_the_next() -> None:
    await result("javascript", "globalThis.left = 1; JSON.stringify = () => '5'; Object.prototype.x = 1")
    seen = [await result("javascript", "[typeof left, JSON.stringify('a'), ({}).x]") for _ in range(10)]
    assert seen == [["undefined", '"a"', None]] * 10


def test_what_is_wrong_is_said_before_it_runs() -> None:
    assert syntax_fault("javascript", "let a;\na = ;") == "Line 2: SyntaxError: unexpected token in expression: ';'"
    assert syntax_fault("javascript", "for (;;) {}") is None
    assert syntax_fault("javascript", "if ($.a) { return 1 }") is None
    assert syntax_fault("jq", ".a | map(") == "syntax error, unexpected end of file at <top-level>, line 1, column 9"
    assert syntax_fault("jq", "def f: f; f") is None


def test_a_check_that_could_not_be_made_says_nothing_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as busy:
        busy.setattr(pool, "_asked", _too_late)
        assert syntax_fault("jq", ".a | .b") == "The program cannot be read: timeout."
    assert syntax_fault("jq", ".a | .b") is None


def _too_late(*_: object) -> None:
    raise ScriptError("timeout")

"""docs/expressions.md is true: every example is run, every figure and name compared."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from workflows.expressions import (
    DEFAULT_LIMITS,
    ExpressionError,
    Scope,
    compile_parameters,
    conditions,
    limits,
    resolve,
    vocabulary,
)
from workflows.expressions.operators import OPERATORS

PAGE = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()
DATA = json.loads(re.search(r"```json data\n(.*?)```", PAGE, re.DOTALL)[1])  # type: ignore[index]
SCOPE = Scope({name: value for name, value in DATA.items() if name != "nodes"}, DATA["nodes"])
EXAMPLES = re.findall(r"^\| `(.*(?:\{\{|\$path).*?)` \| (?:`(.*)`|error: (.*)) \|$", PAGE, re.MULTILINE)


def test_no_example_is_overlooked() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| `[^|]*(\{\{|\$path)", line)]
    assert len(EXAMPLES) == len(rows) > 40


@pytest.mark.parametrize(("written", "gives", "message"), EXAMPLES)
async def test_an_example_does_what_the_page_says(written: str, gives: str, message: str) -> None:
    setting: Any = json.loads(written) if written.startswith('{"$path"') else written
    compiled = compile_parameters({"it": setting}, list(DATA["nodes"]))
    if message:
        with pytest.raises(ExpressionError) as caught:
            await resolve(compiled, SCOPE)
        assert caught.value.message == message
    else:
        assert await resolve(compiled, SCOPE) == {"it": json.loads(gives)}


def listed(before: str, after: str) -> list[str]:
    return re.findall(r"`(\w+)`", PAGE.split(before, 1)[1].split(after, 1)[0])


def test_the_page_lists_every_name() -> None:
    assert set(listed("\nFunctions:", "\n\n")) == vocabulary.FUNCTIONS
    assert set(listed("\nModules:", "\n\n")) == vocabulary.IMPORTS.keys()
    assert all(f"`{name}(" in PAGE for name in vocabulary.HELPERS)
    table = PAGE.split("## What there is to read", 1)[1].split("\n\nA node may", 1)[0]
    first_cells = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)", first_cells)) == vocabulary.ROOTS


def test_the_page_lists_every_operator_by_its_type() -> None:
    table = PAGE.split("| Type | Operators |", 1)[1].split("\n\n", 1)[0]
    rows = [re.findall(r"`(\w+)`", line) for line in table.splitlines() if "`" in line]
    assert {row[0]: row[1:] for row in rows} == {kind: list(operators) for kind, operators in OPERATORS.items()}


def test_the_page_names_every_limit() -> None:
    figures = [
        limits.MAX_SOURCE,
        limits.MAX_NESTING,
        limits.MAX_EXPRESSIONS,
        limits.MAX_QUERY,
        limits.MAX_QUERY_STEPS,
        conditions.MAX_GROUPS,
        conditions.MAX_PATTERN,
        DEFAULT_LIMITS.result_chars,
        DEFAULT_LIMITS.text_chars,
    ]
    assert all(re.search(rf"\b{figure:,}\b", PAGE) for figure in figures)
    assert f"{DEFAULT_LIMITS.seconds:g} s |" in PAGE
    assert f"{DEFAULT_LIMITS.memory_bytes // 1024**2} MB |" in PAGE
    assert len(fields(DEFAULT_LIMITS)) == 4

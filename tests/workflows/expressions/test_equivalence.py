"""The rewritten expression means what the author wrote: checked against Python itself, where data is made of
objects whose attributes are their keys."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.expressions import ExpressionError, Scope, compile_parameters, resolve


class Data(dict[str, Any]):
    def __getattribute__(self, name: str) -> Any:
        if name in self:
            return self[name]
        return super().__getattribute__(name)


def as_data(value: Any) -> Any:
    if isinstance(value, dict):
        return Data({key: as_data(member) for key, member in value.items()})
    return [as_data(item) for item in value] if isinstance(value, list) else value


ROOTS: dict[str, Any] = {
    "input": {"n": 3, "s": "Ab", "rows": [{"n": 1, "s": "x", "rows": [1]}, {"n": 2, "s": "yy", "rows": []}]},
    "vars": {"n": -1, "s": "", "rows": []},
}

Sources = st.SearchStrategy[str]

SOME_NUMBERS = st.sampled_from(["1", "-2", "input.n", "vars.n", 'input["n"]', "input.rows[0].n", "input.rows[-1]['n']"])
SOME_TEXTS = st.sampled_from(["'q'", "input.s", "vars.s", "input.rows[1].s"])
SOME_ROWS = st.sampled_from(["input.rows", "vars.rows", "input.rows[1:]"])
DEPTH = 3


def form(template: str, *operands: Sources) -> Sources:
    return st.tuples(*operands).map(lambda sources: template.format(*sources))


@cache
def numbers(depth: int = DEPTH) -> Sources:
    if not depth:
        return SOME_NUMBERS
    number, text, row = numbers(depth - 1), texts(depth - 1), rows(depth - 1)
    return SOME_NUMBERS | st.one_of(
        form("({} {} {})", number, st.sampled_from("+-*"), number),
        form("len({})", row | text),
        form("sum(r.n for r in {})", row),
        form("({1} if {0} else {2})", questions(depth - 1), number, number),
        form("max([x.n for x in {}] + [{}])", row, number),
    )


@cache
def texts(depth: int = DEPTH) -> Sources:
    if not depth:
        return SOME_TEXTS
    number, text, row = numbers(depth - 1), texts(depth - 1), rows(depth - 1)
    return SOME_TEXTS | st.one_of(
        form("{}.upper()", text),
        form("({} + {})", text, text),
        form("f'<{{input.s:>4}}{{{}!r}}>'", number.filter(lambda source: "'" not in source)),
        form("{}.join(i.s for i in {})", text, row),
    )


@cache
def rows(depth: int = DEPTH) -> Sources:
    if not depth:
        return SOME_ROWS
    number, text, row = numbers(depth - 1), texts(depth - 1), rows(depth - 1)
    return SOME_ROWS | st.one_of(
        form("[input for input in {} if input.n > {}]", row, number),
        form("sorted({}, key=lambda vars: -vars.n)", row),
        form("({} + {})", row, row),
        form("[dict(n={}, s={}, rows={})]", number, text, row),
    )


@cache
def questions(depth: int = DEPTH) -> Sources:
    if not depth:
        return st.just("input.n > vars.n")
    number, text, test = numbers(depth - 1), texts(depth - 1), questions(depth - 1)
    return st.one_of(
        form("{} {} {}", number, st.sampled_from(["<", "==", ">="]), number),
        form("{} in {}", text, text),
        form("not ({})", test),
        form("({} {} {})", test, st.sampled_from(["and", "or"]), test),
    )


@settings(max_examples=200)
@given(st.lists(numbers() | texts() | rows() | questions(), min_size=1, max_size=4))
async def test_expressions_mean_what_python_says(sources: list[str]) -> None:
    functions = {"len": len, "sum": sum, "max": max, "sorted": sorted, "dict": Data}
    names = {"__builtins__": functions} | {name: as_data(value) for name, value in ROOTS.items()}
    compiled = compile_parameters({"all": [f"{{{{ {source} }}}}" for source in sources]}, [])
    assert not compiled.errors
    try:
        expected = [eval(source, names) for source in sources]  # noqa: S307 - the reference
    except (TypeError, AttributeError, IndexError):
        with pytest.raises(ExpressionError):
            await resolve(compiled, Scope(ROOTS))
    else:
        assert (await resolve(compiled, Scope(ROOTS)))["all"] == expected

"""JSONPath in settings: `{"$path": …, "default": …}`."""

import time
from typing import Any

import pytest

from tests.workflows.expressions.scenes import NODE_IDS, SCOPE, error_of, value_of
from workflows.expressions import Scope, compile_parameters, references, resolve_now


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ({"$path": "$.input.name"}, "Ada"),
        ({"$path": "$.input.items[0].price"}, 2),
        ({"$path": "$.input.items[-1]['id']"}, "b"),
        ({"$path": "$.input.items[*].id"}, ["a", "b"]),
        ({"$path": "$.input.items[?@.price > 3].id"}, ["b"]),
        ({"$path": "$.input.items[?@.price > $.vars.limit].id"}, ["b"]),
        ({"$path": "$.input.items[?count(@.*) == 3].id"}, ["a"]),
        ({"$path": "$.input.items[?length(@.id) == 1 && !@.qty].id"}, ["b"]),
        ({"$path": "$.input.items[0:1]"}, [{"id": "a", "price": 2, "qty": 3}]),
        ({"$path": "$.nodes.fetch..id"}, [1, 2]),
        ({"$path": "$.nodes['http-1'].x"}, 5),
        ({"$path": "$.trigger.from"}, "Bob"),
        ({"$path": "$.input"}, SCOPE.roots["input"]),
        ({"$path": "$.input.arg1", "default": 5}, 5),
        ({"$path": "$.input.nothing", "default": 5}, None),
        ({"$path": "$.item.x", "default": None}, None),
        ({"$path": "$.nodes.skipped.x", "default": "none"}, "none"),
        ({"$path": "$.input.items[?@.price > 99].id"}, []),
        ({"$path": "$.input.items[?@.price > 99].id", "default": "none"}, "none"),
        ({"$path": "$.input.items[*].id", "default": "none"}, ["a", "b"]),
        ([{"deep": {"$path": "$.vars.limit"}}], [{"deep": 3}]),
        ({"$path": "$.input.name", "other": 1}, {"$path": "$.input.name", "other": 1}),
        ({"$path": 5}, {"$path": 5}),
        ({"$path": "$.input.arg1", "default": "{{ not looked into }}"}, "{{ not looked into }}"),
    ],
)
def test_queries_find_values(setting: Any, value: Any) -> None:
    compiled = compile_parameters({"it": setting}, NODE_IDS)
    assert not compiled.errors
    assert not compiled.needs_sandbox
    assert resolve_now(compiled, SCOPE) == {"it": value}


def test_references_include_those_of_filters() -> None:
    setting = {"$path": "$.nodes.fetch.body.items[?@.id == $.nodes.sum.total || @.id == $.vars.x]"}
    compiled = compile_parameters({"it": setting}, NODE_IDS)
    assert references(compiled) == {"fetch", "sum"}
    assert compiled.roots == {"nodes", "vars"}


@pytest.mark.parametrize(
    ("query", "code", "message", "offset"),
    [
        ("$.input[", "query", "Not a JSONPath query", 8),
        ("input.x", "query", "Not a JSONPath query", 0),
        ("$", "query", 'A query begins with "$."', 0),
        ("$..name", "query", 'A query begins with "$."', 0),
        ("$.*", "query", 'A query begins with "$."', 0),
        ("$['input','vars']", "query", 'A query begins with "$."', 0),
        ("$.secrets.x", "query", 'A query begins with "$."', 0),
        ("$.input[?$..b]", "query", 'A query begins with "$."', 0),
        ("$.nodes", "unknown_node", "Name the node", 0),
        ("$.nodes.gone.x", "unknown_node", 'There is no node "gone"', 0),
        ("$.input.items[?match(@.id, '(a+)+b')]", "query", "'match' is not defined", 15),
        ("$.input.items[?search(@.id, '(a+)+b')]", "query", "'search' is not defined", 15),
        ("$.input" + "[0]" * 200, "query", "500 characters", 0),
        ("$.input.a[?" + "@[?" * 150, "query", "", None),
    ],
)
def test_bad_queries_show_when_compiled(query: str, code: str, message: str, offset: int | None) -> None:
    (error,) = compile_parameters({"a": [{"$path": query}]}, NODE_IDS).errors
    assert (error.code, error.field) == (f"expression_{code}", 'a[0]["$path"]')
    assert message in error.message
    assert error.position is not None
    assert offset in (None, error.position.offset)


async def test_a_value_that_is_not_there_is_an_error_that_names_the_query() -> None:
    error = await error_of({"$path": "$.input.arg1"})
    assert (error.code, error.message) == ("expression_missing", "There is nothing at $.input.arg1.")


LONG = [{"n": number, "inner": [number]} for number in range(300)]


@pytest.mark.parametrize(
    "query",
    [
        "$.input" + "[*,*]" * 3 + "[0,0]" * 60,
        "$.input.deep" + "[0,0]" * 60,
        "$.input..[?@..[?@..[?@..n]]]",
        "$.input.deep[?count(@" + "[0,0]" * 58 + ") > 1]",
        "$.input.rows[" + ",".join(["?@"] * 90) + "]",
        "$.input.rows[" + ",".join(["*"] * 200) + "][?@ == 1]",
        "$.input.." + "[*].." * 60 + "n",
        "$.input.rows[?$.input.rows[?$.input.rows[?@.n > 5]]]",
    ],
)
async def test_hostile_queries_run_out_of_steps(query: str) -> None:
    deep: Any = 1
    for _ in range(60):
        deep = [deep, 2]
    start = time.process_time()
    error = await error_of({"$path": query}, Scope({"input": {"rows": LONG, "deep": deep}}))
    assert error.code == "expression_query_too_long"
    assert time.process_time() - start < 5


async def test_filters_do_not_compare_whole_trees() -> None:
    error = await error_of({"$path": "$.input.rows[?@.inner == $.input.rows]"}, Scope({"input": {"rows": LONG}}))
    assert (error.code, "not lists and objects" in error.message) == ("expression_query", True)


async def test_an_ordinary_query_over_many_values_is_well_within_the_steps() -> None:
    rows = [{"id": number, "price": number / 2, "name": "x", "tags": []} for number in range(5_000)]
    scope = Scope({"input": {"rows": rows}})
    assert len(await value_of({"$path": "$.input.rows[?@.price > 10 && @.name == 'x'].id"}, scope)) == 4_979

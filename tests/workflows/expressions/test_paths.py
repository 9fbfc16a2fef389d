"""Plain paths, against a slow and obvious reference."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.expressions.scenes import NODE_IDS, SCOPE
from workflows.expressions import ExpressionError, Scope, compile_parameters, resolve_now
from workflows.expressions.errors import Fault
from workflows.expressions.paths import Path, read

keys = st.sampled_from(["a", "b", "a b", "from", "0", "é"]) | st.integers(-3, 3)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "text", "né"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "a b", "from", "0", "é"]), inner, max_size=3)
    ),
    max_leaves=12,
)


class NothingThereError(Exception):
    pass


def by_the_book(value: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        if isinstance(value, dict) and isinstance(key, str):
            found = [member for name, member in value.items() if name == key]
        elif isinstance(value, list | str) and isinstance(key, int):
            place = key if key >= 0 else len(value) + key
            found = [item for number, item in enumerate(value) if number == place]
        else:
            found = []
        if not found:
            raise NothingThereError
        value = found[0]
    return value


@given(json_values, st.lists(keys, max_size=4).map(tuple))
def test_a_path_finds_what_the_reference_finds(value: Any, steps: tuple[str | int, ...]) -> None:
    try:
        expected = by_the_book(value, steps)
    except NothingThereError:
        with pytest.raises(Fault, match="has no"):
            read(Path("input", None, steps), Scope({"input": value}))
    else:
        assert read(Path("input", None, steps), Scope({"input": value})) is expected


@given(json_values, st.lists(keys, max_size=4).map(tuple), st.sampled_from(["input", "trigger", "n", "http-1"]))
def test_a_path_written_out_is_read_back_as_itself(value: Any, steps: tuple[str | int, ...], start: str) -> None:
    is_node = start in ("n", "http-1")
    path = Path("nodes" if is_node else start, start if is_node else None, steps)
    scope = Scope({} if is_node else {start: value}, {start: value} if is_node else {})
    compiled = compile_parameters({"it": f"{{{{ {path} }}}}"}, ["n", "http-1"])
    assert not compiled.needs_sandbox
    try:
        expected = by_the_book(value, steps)
    except NothingThereError:
        with pytest.raises(ExpressionError):
            resolve_now(compiled, scope)
    else:
        assert resolve_now(compiled, scope) == {"it": expected}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("nodes.fetch.body.items[0].id", 1),
        ("nodes.fetch.body.items[-1]['id']", 2),
        ('nodes["http-1"].x', 5),
        ("fetch.status", 200),
        ("fetch", {"status": 200, "body": {"items": [{"id": 1}, {"id": 2}]}}),
        ("sum", {"total": 9}),
        ("sum.total", 9),
        ("json.loads", [1]),
        ("trigger.user_id", 7),
        ("trigger.from", "Bob"),
        ("trigger.body.class", "A"),
        ('trigger.body["a b"]', 1),
        ("input.name[0]", "A"),
        ("input.huge", 10**999),
        ("workflow . name", "Orders"),
    ],
)
def test_paths_need_no_sandbox(expression: str, value: Any) -> None:
    compiled = compile_parameters({"it": f"{{{{{expression}}}}}"}, NODE_IDS)
    assert not compiled.errors
    assert not compiled.needs_sandbox
    assert resolve_now(compiled, SCOPE) == {"it": value}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nodes.fetch.body.itens[0].id", 'nodes.fetch.body has no "itens"'),
        ("fetch.body.items[2]", "nodes.fetch.body.items has no item 2, it has 2"),
        ("input.name.first", 'input.name is text, it has no "first"'),
        ("input.nothing.x", 'input.nothing is null, it has no "x"'),
        ('input["no such"].x', 'input has no "no such"'),
        ("nodes.skipped.x", 'The node "skipped" has no output here: it has not run before this.'),
        ("item.id", 'There is no "item" here: it exists inside a loop only.'),
        ("trigger.body[0]", "trigger.body has no 0"),
    ],
)
def test_a_missing_path_is_named(expression: str, message: str) -> None:
    compiled = compile_parameters({"headers": [{"value": f"x {{{{ {expression} }}}}"}]}, NODE_IDS)
    with pytest.raises(ExpressionError) as caught:
        resolve_now(compiled, SCOPE)
    error = caught.value
    assert (error.message, error.code, error.field) == (message, "expression_missing", "headers[0].value")
    assert error.position is not None
    assert error.position.offset == 5


def test_only_what_is_read_is_asked_for() -> None:
    class Lazy(dict[str, Any]):
        def __missing__(self, key: str) -> Any:
            asked.append(key)
            return {"x": key}

    asked: list[str] = []
    compiled = compile_parameters({"a": "{{ input.x }}", "b": "{{ nodes.fetch.x }}"}, NODE_IDS)
    assert resolve_now(compiled, Scope(Lazy(), Lazy())) == {"a": "input", "b": "fetch"}
    assert asked == ["input", "fetch"]

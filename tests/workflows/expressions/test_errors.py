"""A bad expression is an error that names field and position, as early as it can be known."""

import pytest

from tests.workflows.expressions.scenes import NODE_IDS, SCOPE, error_of
from workflows.expressions import ExpressionError, Limits, compile_parameters, resolve, resolve_now


@pytest.mark.parametrize(
    ("text", "code", "message", "at"),
    [
        ("{{ input.x + }}", "syntax", "Not a Python expression: invalid syntax.", " }}"),
        ("é {{ f(1 }}", "syntax", "'(' was never closed", "(1"),
        ("{{}}", "syntax", "The expression is empty.", "}}"),
        ("a {{ b", "unclosed", 'This "{{" has no "}}"', "{{"),
        ("{{ foo }}", "unknown_name", 'There is no "foo"', "foo"),
        ("{{ 1 + foo.bar }}", "unknown_name", 'There is no "foo"', "foo"),
        ("{{ foo(1) }}", "unknown_name", 'There is no function "foo"', "foo"),
        ("{{ open('/etc/passwd') }}", "unknown_name", 'There is no function "open"', "open"),
        ("{{ true }}", "unknown_name", '"true" is written True', "true"),
        ("{{ nodes.bar.x }}", "unknown_node", 'There is no node "bar"', "nodes"),
        ("{{ len(nodes) }}", "unknown_node", "Name the node", "nodes"),
        ("{{ nodes[input.name] }}", "unknown_node", "Name the node", "nodes"),
        ("{{ (x := 5) }}", "not_offered", "cannot assign", "x :="),
        ("{{ [(yield 1)] }}", "not_offered", "yield", "yield"),
        ("{{ await input.x }}", "not_offered", "await", "await"),
        ("{{ [x async for x in input] }}", "not_offered", "async", "[x"),
        ("{{ [1 for input.x in [1]] }}", "not_offered", "loop's variable", "input.x"),
        ("{{ input.clear() }}", "changes_data", "clear() is not offered", "input"),
        ("{{ [1].append(2) }}", "changes_data", "append() is not offered", "[1]"),
        ("{{ [x.pop() for x in input.items] }}", "changes_data", "pop() is not offered", "x.pop"),
        ("{{ default(1, 2) }}", "syntax", "default() takes a path first", "1, 2"),
        ("{{ default(input.x) }}", "syntax", "default() takes a path and", "default"),
        ("{{ now }}", "syntax", "now is a function", "now"),
        ("{{ " + "1+" * 2_000 + "1 }}", "too_long", "may have 4,000 characters", "1+"),
        ("{{ " + "1+" * 200 + "1 }}", "too_deep", "100 levels", "1+"),
        ("{{ " + "-" * 3_900 + "1 }}", "too_deep", "deep", "-"),
        ("{{ " + "(" * 3_000 + " }}", "syntax", "too many nested", None),
        ("{{ a\0b }}", "syntax", "null bytes", None),
    ],
)
def test_mistakes_show_when_the_settings_are_compiled(text: str, code: str, message: str, at: str | None) -> None:
    compiled = compile_parameters({"headers": [{"value": text}]}, NODE_IDS)
    (error,) = compiled.errors
    assert (error.code, error.field) == (f"expression_{code}", "headers[0].value")
    assert message in error.message
    assert error.position is not None
    if at is not None:
        assert text[error.position.offset :].startswith(at)
    with pytest.raises(ExpressionError):
        resolve_now(compiled, SCOPE)


def test_every_mistake_is_told_with_its_own_field() -> None:
    params = {"a b": "{{ foo }}{{ 1 + }}", "ok": "{{ input }}", "list": [{"x": "{{ nodes.no }}"}]}
    compiled = compile_parameters(params, NODE_IDS)
    assert [(error.field, error.code) for error in compiled.errors] == [
        ('["a b"]', "expression_unknown_name"),
        ('["a b"]', "expression_syntax"),
        ("list[0].x", "expression_unknown_node"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "message", "at"),
    [
        ("{{ [i.qty for i in input.items] }}", "missing", 'i has no "qty"', "i.qty"),
        ("{{ [i['qty'] for i in input.items] }}", "missing", "i has no 'qty'", "i['qty']"),
        ("{{ [i.id.x for i in input.items] }}", "missing", 'i.id is text, it has no "x"', "i.id.x"),
        ("{{ max(input.items, key=lambda i: i.foo) }}", "missing", 'i has no "foo"', "i.foo"),
        ("{{ 1 + input.nope }}", "missing", 'input has no "nope"', "input.nope"),
        ("{{ input.items.id + 1 }}", "missing", 'input.items is a list, it has no "id"', "input.items"),
        ("{{ 'é' + nodes.skipped.x }}", "missing", 'The node "skipped" has no output', "nodes"),
        ("é\n{{ 2 * (1 / 0) }}", "failed", "ZeroDivisionError: division by zero", "1 / 0"),
        ("{{ len(5) }}", "failed", "TypeError: object of type 'int' has no len()", "len(5)"),
        ("{{ input.name + 1 }}", "failed", "TypeError", "input.name + 1"),
        ("{{ input.name.foo() }}", "failed", "'str' object has no attribute 'foo'", "input.name.foo()"),
        ("{{ f'{input.name}' + f'{1 / 0}' }}", "failed", "division by zero", None),
        ("{{ {1, 2} }}", "not_json", "is a set, which JSON does not have", "{1"),
        ("{{ lambda: 1 }}", "not_json", "Python's type function", "lambda"),
        ("{{ float('nan') }}", "not_json", "no JSON value", "float"),
        ("{{ [1e308 * 10] }}", "not_json", "no JSON value", "["),
        ("{{ b'abc' }}", "not_json", "Python's type bytes", "b'"),
        ("{{ 10 ** 1500 }}", "not_json", "1,000 digits", "10"),
        ("{{ '\\x00' + input.name }}", "not_json", "NUL", "'"),
    ],
)
async def test_what_fails_when_it_runs_is_placed_too(text: str, code: str, message: str, at: str | None) -> None:
    error = await error_of(text)
    assert (error.code, error.field) == (f"expression_{code}", "it")
    assert message in error.message
    assert error.position is not None
    if at is not None:
        assert text[error.position.offset :].startswith(at)


async def test_the_failing_one_of_several_expressions_is_named() -> None:
    params = {"a": "{{ 1 + 1 }}", "b": ["{{ 1 + 2 }}", "x {{ 3 // 0 }}"], "c": "{{ 1 + 4 }}"}
    with pytest.raises(ExpressionError) as caught:
        await resolve(compile_parameters(params, []), SCOPE)
    assert (caught.value.field, caught.value.position and caught.value.position.offset) == ("b[1]", 5)


async def test_the_one_that_took_too_long_is_named() -> None:
    params = {"a": "{{ 1 + 1 }}", "b": "{{ sum(x * y for x in range(2000) for y in range(2000)) }}", "c": "{{ 1 + 2 }}"}
    with pytest.raises(ExpressionError) as caught:
        await resolve(compile_parameters(params, []), SCOPE, Limits(seconds=0.05))
    assert (caught.value.field, caught.value.code) == ("b", "expression_timeout")


async def test_a_position_counts_lines_and_columns_from_one() -> None:
    error = await error_of("line one\nline {{ 1 +\n foo }}")
    assert error.position is not None
    error = await error_of("line one\nlïne 😀 {{ foo }}")
    assert error.position is not None
    assert (error.position.line, error.position.column, error.position.offset) == (2, 11, 19)


def test_the_number_of_expressions_is_limited() -> None:
    compiled = compile_parameters({"a": ["{{ input.x }}"] * 1_001 + ["{{ input.y }}"]}, [])
    (error,) = compiled.errors
    assert (error.code, error.field) == ("expression_too_many", "a[1000]")

"""What authors write, and what becomes of it."""

from typing import Any

import pytest

from tests.workflows.expressions.scenes import NODE_IDS, SCOPE, error_of, value_of
from workflows.expressions import compile_parameters, references, resolve, resolve_now


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sum(i.price for i in input.items)", 6.5),
        ("[i.id for i in input.items if i.price > vars.limit]", ["b"]),
        ("max(input.items, key=lambda i: i.price).id", "b"),
        ("{i.id: i.price for i in input.items}", {"a": 2, "b": 4.5}),
        ("sorted({x % 2 for x in [1, 2, 3]})", [0, 1]),
        ("input.items[len(input.items) - 1].id", "b"),
        ("input.items[1:][0].id", "b"),
        ("[item.id for item in nodes.fetch.body.items]", [1, 2]),
        ("[[y * 2 for y in x] for x in [[1], [2]]]", [[2], [4]]),
        ("[y for x in [[1], [2]] for y in x]", [1, 2]),
        ("[a + b for a, (b, *_) in [[1, [2, 3]]]]", [3]),
        ("input.name.lower()", "ada"),
        ("trigger.from.upper() + trigger.body.class", "BOBA"),
        ("f'{input.name:>5}!'", "  Ada!"),
        ("'yes' if 'name' in input else input.nope", "yes"),
        ("input.nothing or 'none'", "none"),
        ("not input.nothing and len(input) > 1", True),
        ("sum.total + 1", 10),
        ("sum([sum.total, 1])", 10),
        ("json.loads('[1, 2]')[1]", 2),
        ("json.dumps(input.items[0])", '{"id": "a", "price": 2, "qty": 3}'),
        ("re.sub('[aeiou]', '*', input.name)", "Ad*"),
        (r"re.findall('\d+', 'a1b22')", ["1", "22"]),
        ("math.floor(math.pi)", 3),
        ("base64.b64encode(input.name.encode()).decode()", "QWRh"),
        ("hashlib.sha256(b'a').hexdigest()[:8]", "ca978112"),
        ("(datetime.fromisoformat(input.when) - datetime(2026, 11, 20, tzinfo=timezone.utc)).days", 2),
        ("datetime.fromisoformat(input.when) + timedelta(hours=1)", "2026-11-22T11:00:00.000000Z"),
        ("[date(2026, 1, 2), {'at': datetime(2026, 1, 2)}]", ["2026-01-02", {"at": "2026-01-02T00:00:00.000000Z"}]),
        ("now() > datetime.fromisoformat('2026-01-01T00:00:00Z')", True),
        ("(1, 2)", [1, 2]),
        ("list(map(str, [1, 2]))", ["1", "2"]),
        ("input.huge + 1", 10**999 + 1),
        ("(lambda n, m=input.name: n + m)('x')", "xAda"),
        ("'é' * 3", "ééé"),
        ("'a' 'b' if True else 1", "ab"),
        ("[\n  1,\n  2\n]", [1, 2]),
        ("input.items # all of them", [{"id": "a", "price": 2, "qty": 3}, {"id": "b", "price": 4.5}]),
    ],
)
async def test_expressions(expression: str, value: Any) -> None:
    assert await value_of(f"{{{{ {expression} }}}}") == value


@pytest.mark.parametrize(
    ("expression", "value", "is_sandboxed"),
    [
        ("default(input.name, 1)", "Ada", False),
        ("default(input.nope.x, [1])", [1], False),
        ("default(item, None)", None, False),
        ("default(nodes.skipped.body, 'none')", "none", False),
        ("default(input.nothing, 5)", None, False),
        ("default(input.nope, input.name.lower())", "ada", True),
        ("default(input.name, 1 / 0)", "Ada", True),
        ("[default(i.qty, 0) for i in input.items]", [3, 0], True),
        ("[default(i.price.x['y'], i.id) for i in input.items]", ["a", "b"], True),
        ("default(input.items[vars.limit].id, '?')", "?", True),
        ("default(input.nope, 2) + default(input.nope, 3)", 5, True),
        ("default(default, 1)", None, None),
    ],
)
async def test_default_stands_in_for_what_is_missing(expression: str, value: Any, is_sandboxed: bool | None) -> None:
    compiled = compile_parameters({"it": f"{{{{ {expression} }}}}"}, NODE_IDS)
    if is_sandboxed is None:
        assert compiled.errors
        return
    assert compiled.needs_sandbox == is_sandboxed
    assert await resolve(compiled, SCOPE) == {"it": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hi {{ input.name }}!", "Hi Ada!"),
        ("{{ input.name }}{{ input.name }}", "AdaAda"),
        (" {{ vars.limit }}", " 3"),
        ("n={{ input.nothing }} b={{ 1 == 1 }}", "n=null b=true"),
        ("{{ input.items[0] }};", '{"id":"a","price":2,"qty":3};'),
        ("{{ ['é', 1.0] }}.", '["é",1.0].'),
        ('write {{ "{{" }} x }}', "write {{ x }}"),
        ("{{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("{{ [1, {'a': None}] }}", [1, {"a": None}]),
        ("no holes { } }}", "no holes { } }}"),
        ("", ""),
    ],
)
async def test_one_hole_keeps_its_type_and_text_with_holes_is_text(text: str, value: Any) -> None:
    assert await value_of(text) == value


def test_constants_need_no_sandbox() -> None:
    compiled = compile_parameters({"a": '{{ "{{" }}', "b": "{{ [1, -2] }}", "c": "{{ None }}"}, [])
    assert not compiled.needs_sandbox
    assert resolve_now(compiled, SCOPE) == {"a": "{{", "b": [1, -2], "c": None}


async def test_settings_are_walked_however_deep_and_the_rest_stays() -> None:
    params = {
        "url": "https://x/{{ vars.limit }}",
        "headers": [{"key": "a", "value": "{{ input.name.upper() }}"}, {"key": "b", "value": "plain"}],
        "body": {"deep": [{"er": ["{{ len(input.items) }}", 5, None, True]}]},
        "source": "f'{{x}}'",
    }
    compiled = compile_parameters(params, NODE_IDS, verbatim={"source"})
    assert await resolve(compiled, SCOPE) == {
        "url": "https://x/3",
        "headers": [{"key": "a", "value": "ADA"}, {"key": "b", "value": "plain"}],
        "body": {"deep": [{"er": [2, 5, None, True]}]},
        "source": "f'{{x}}'",
    }


@pytest.mark.parametrize("source", ["len(input.items)", " len(input.items) ", "{{ len(input.items) }}"])
async def test_a_setting_that_is_an_expression_needs_no_braces(source: str) -> None:
    params = {"expression": source, "cases": [{"value": source, "name": source}]}
    compiled = compile_parameters(params, NODE_IDS, expressions={"expression", "cases[].value"})
    resolved = await resolve(compiled, SCOPE)
    assert (resolved["expression"], resolved["cases"][0]["value"]) == (2, 2)
    assert resolved["cases"][0]["name"] == (2 if "{{" in source else source)


def test_an_expression_without_braces_tells_its_place() -> None:
    compiled = compile_parameters({"expression": "  a +"}, [], expressions={"expression"})
    (error,) = compiled.errors
    assert (error.field, error.code) == ("expression", "expression_syntax")
    assert error.position is not None
    assert error.position.offset == 5


def test_references_are_the_nodes_that_are_read_wherever_they_stand() -> None:
    compiled = compile_parameters(
        {
            "a": "{{ nodes.fetch.x }} and {{ nodes['http-1'].y.lower() }}",
            "b": [{"$path": "$.nodes.sum.total"}],
            "c": "{{ default(nodes.skipped.x, 1) }} {{ [json.x for json in input.items] }} {{ item }}",
        },
        NODE_IDS,
    )
    assert references(compiled) == {"fetch", "http-1", "sum", "skipped"}
    assert compiled.roots == {"nodes", "input", "item"}


async def test_the_value_read_cannot_be_changed_by_an_expression() -> None:
    data = {"items": [3, 1, 2]}
    for expression in ("[x for x in (input or {}).values()]", "sorted(input.items)", "(input.items or []).copy()"):
        await value_of(f"{{{{ {expression} }}}}", type(SCOPE)({"input": data}))
    assert data == {"items": [3, 1, 2]}


async def test_expressions_of_one_node_go_to_the_sandbox_together_and_keep_their_order() -> None:
    params = {f"p{number}": f"{{{{ vars.limit + {number} }}}}" for number in range(20)}
    resolved = await resolve(compile_parameters(params, []), SCOPE)
    assert resolved == {f"p{number}": 3 + number for number in range(20)}


async def test_names_of_the_program_around_cannot_be_reached() -> None:
    for expression in ("__path0", "__json", "__out(1)", "[__out for __out in [1]]", "(lambda __get: 1)(2)"):
        error = await error_of(f"{{{{ {expression} }}}}")
        assert error.code in ("expression_unknown_name", "expression_not_offered")

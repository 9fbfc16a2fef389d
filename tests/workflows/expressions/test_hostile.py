"""Hostile expressions: each ends as a clean error, in time, and the worker and the data are as before."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.expressions.scenes import NODE_IDS, SCOPE, error_of, value_of
from workflows.expressions import DEFAULT_LIMITS, Limits, compile_parameters

BOMBS = [
    ("9**9**9", "memory|timeout"),
    ("7**123456789", "memory|timeout"),
    ("'x' * 2_000_000_000", "memory|timeout"),
    ("[1] * 100_000_000", "memory|timeout"),
    ("[0 for a in range(10**9)]", "memory|timeout"),
    ("list(range(10**9))", "memory|timeout"),
    ("sum(1 for a in range(10**5) for b in range(10**5))", "memory|timeout"),
    ("[[a for b in range(3000)] and 0 for a in range(10**7)]", "timeout"),
    ("max(sum(range(3000)) for a in range(10**6))", "timeout"),
    ("'a'.replace('a', 'a' * 10**4).replace('a', 'a' * 10**4).replace('a', 'a' * 10**4)", "memory|timeout"),
    ("f'{1:>2000000000}'", "memory|timeout"),
    ("'%2000000000d' % 1", "memory|timeout"),
    ("'{:2000000000}'.format(1)", "memory|timeout"),
    ("'a'.rjust(2_000_000_000)", "memory|timeout"),
    ("'a'.zfill(2_000_000_000)", "memory|timeout"),
    ("','.join(['x' * 10**6] * 10**6)", "memory|timeout"),
    ("(lambda f: f(f))(lambda f: f(f))", "failed"),
    ("[[[[[0] * 10**4] * 10**4] * 10**4]]", "memory|timeout"),
    ("json.dumps([['a' * 1000] * 1000] * 1000)", "memory|timeout"),
    ("10**10000", "not_json"),
    ("str(10**10000)", "failed"),
    ("'a' * 2_000_000", "result_too_large"),
    ("'[' * 5000 + ']' * 5000 and json.loads('[' * 5000 + ']' * 5000)", "failed"),
    ("json.loads('[' * 100 + ']' * 100)", "not_json"),
    ("re.search('(x+x+)+\\\\1y', 'x' * 60)", "failed"),
]
ESCAPES = [
    "().__class__.__bases__[0].__subclasses__()",
    "input.__class__.__mro__",
    "(lambda: 0).__globals__",
    "(lambda: 0).__code__",
    "'{0.__class__.__init__.__globals__}'.format(input)",
    "'{0[items].__class__}'.format({'items': 1})",
    "f'{input.__class__}'",
    "input.name.format.__self__.__class__",
    "json.__builtins__",
    "json.codecs",
    "datetime.__subclasses__()",
    "re.compile('a').__class__",
    "max.__self__",
    "type.mro(int)",
]
UNKNOWN = [
    "__import__('os').system('id')",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "open('/etc/passwd').read()",
    "globals()",
    "locals()",
    "vars()",
    "getattr(input, 'clear')()",
    "setattr(input, 'a', 1)",
    "os.environ",
    "sys.modules",
    "breakpoint()",
    "help()",
    "print(1)",
    "input('x')",
    "credentials.github",
    "secrets.token",
    "env.SECRET",
]
MUTATIONS = [
    "input.clear()",
    "input['items'].append(1)",
    "input.items.sort()",
    "input.update({'a': 1})",
    "[i.pop('id') for i in input.items]",
    "dict.clear(input)",
    "nodes.fetch.body.items.insert(0, 1)",
    "trigger.setdefault('x', 1)",
    "(input or {}).popitem()",
]


# Whether memory or time runs out first depends on how fast the machine is at that moment.
@pytest.mark.parametrize(("expression", "code"), BOMBS)
async def test_a_bomb_is_stopped(expression: str, code: str) -> None:
    start = time.perf_counter()
    error = await error_of(f"{{{{ {expression} }}}}")
    assert error.code.removeprefix("expression_") in code.split("|")
    # The limit, the grace after which the process is killed, and much for a busy machine: without limits it
    # would be hours.
    assert time.perf_counter() - start < DEFAULT_LIMITS.seconds + 1 + 30
    assert await value_of("{{ vars.limit + 1 }}") == 4


@pytest.mark.parametrize("expression", ESCAPES)
async def test_there_is_no_way_to_python_behind_the_data(expression: str) -> None:
    assert (await error_of(f"{{{{ {expression} }}}}")).code.startswith("expression_")


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_reaches_outside_does_not_compile(expression: str) -> None:
    compiled = compile_parameters({"it": f"{{{{ {expression} }}}}"}, NODE_IDS)
    assert compiled.errors


@pytest.mark.parametrize("expression", MUTATIONS)
def test_data_cannot_be_changed(expression: str) -> None:
    (error,) = compile_parameters({"it": f"{{{{ {expression} }}}}"}, NODE_IDS).errors
    assert error.code in ("expression_changes_data", "expression_unknown_name")


@pytest.mark.parametrize(
    "source",
    ["(" * 20_000, "[" * 20_000 + "]" * 20_000, "not " * 20_000 + "1", "-" * 20_000 + "1", "1+" * 20_000 + "1"],
)
def test_deep_nesting_is_refused_at_once(source: str) -> None:
    for text in (source, source[:3_999], source[-3_999:]):
        start = time.process_time()
        (error,) = compile_parameters({"it": f"{{{{ {text} }}}}"}, []).errors
        assert error.code in ("expression_too_long", "expression_too_deep", "expression_syntax")
        assert time.process_time() - start < 1


async def test_a_small_text_cannot_become_a_huge_one() -> None:
    scope = type(SCOPE)({"input": "x" * 100_000})
    error = await error_of("{{ input }} " * 900, scope)
    assert error.code == "expression_result_too_large"
    error = await error_of(["{{ input }}!"] * 900, scope, Limits(text_chars=1_000_000))
    assert (error.code, error.field) == ("expression_result_too_large", "it[9]")


def test_deep_settings_compile_even_deep_in_a_stack() -> None:
    def deeper(levels: int) -> None:
        if levels:
            return deeper(levels - 1)
        compiled = compile_parameters({"it": "{{ " + "(1 + " * 90 + "input" + ")" * 90 + " }}"}, [])
        assert not compiled.errors or compiled.errors[0].code == "expression_too_deep"
        return None

    deeper(700)


@given(st.text(max_size=60) | st.text(alphabet="abinput.[](){}'\"*+-:= \n0129lambdfor_", max_size=60))
def test_no_text_breaks_the_compiler(source: str) -> None:
    compiled = compile_parameters({"it": source, "b": f"{{{{ {source} }}}}", "e": source}, ["a"], expressions={"e"})
    for error in compiled.errors:
        assert error.code.startswith("expression_")
        assert error.position is not None
        assert 0 <= error.position.offset <= len(source) + 6

"""Splitting text at its holes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.expressions.errors import Fault
from workflows.expressions.template import Hole, split

plain = st.text(max_size=20).filter(lambda text: "{{" not in text and not text.endswith("{"))
text_literals = st.text(max_size=10).map(repr) | st.text(alphabet="{}'\"\\x", max_size=8).map(repr)
expressions = st.recursive(
    st.sampled_from(["input.x", "1", "f(2)"]) | text_literals,
    lambda inner: st.lists(st.tuples(text_literals, inner), min_size=1, max_size=2).map(
        lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
    ),
    max_leaves=4,
)


@given(st.lists(st.tuples(plain, expressions), max_size=4), plain)
def test_it_finds_every_hole_where_it_was_put(pairs: list[tuple[str, str]], end: str) -> None:
    text = "".join(f"{before}{{{{ {source} }}}}" for before, source in pairs) + end
    parts = split(text)
    holes = [part for part in parts if isinstance(part, Hole)]
    assert [hole.source for hole in holes] == [source for _, source in pairs]
    assert all(text[hole.start :].startswith(hole.source) for hole in holes)
    assert "".join(part for part in parts if isinstance(part, str)) == "".join(before for before, _ in pairs) + end


@given(st.text(alphabet="{}'\" ax\\\n", max_size=40))
def test_any_text_is_split_or_refused_and_nothing_is_lost(text: str) -> None:
    try:
        parts: list[str | Hole] = split(text)
    except Fault as fault:
        parts = [text[: fault.offset]]
        assert text[fault.offset] in "{\"'"  # noqa: PT017 - either outcome is right
    for part in parts:
        assert (part if isinstance(part, str) else part.source) in text
    if "{{" not in text:
        assert parts == [text]


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ('{{ {"a": {"b": 1}} }}', ['{"a": {"b": 1}}']),
        ('{{{"a": 1}}}', ['{"a": 1}']),
        ("{{ '}}' }} and }} {{ x }}", ["'}}'", "x"]),
        ("{{ '''a ' }} ''' }}", ["'''a ' }} '''"]),
        (r"{{ '\'}}' }}", [r"'\'}}'"]),
        ("{{}}", [""]),
        ("{{ (a }}", ["(a"]),
        ("{ {x} }", []),
    ],
)
def test_braces_inside_a_hole_do_not_end_it(text: str, sources: list[str]) -> None:
    assert [part.source for part in split(text) if isinstance(part, Hole)] == sources


@pytest.mark.parametrize("text", ["a {{ b", "{{ {1 }}", "{{ a } }}"])
def test_a_hole_without_an_end_is_a_fault_where_it_begins(text: str) -> None:
    with pytest.raises(Fault) as caught:
        split(text)
    assert (caught.value.code, caught.value.offset) == ("expression_unclosed", text.index("{{"))


@pytest.mark.parametrize("text", ["{{ it's }} x", "{{ 'a }}", "{{ 'a\n' }}", '{{ """a"" }}', "{{ 'a\\' }}"])
def test_a_text_without_its_closing_quote_is_a_fault_where_it_begins(text: str) -> None:
    with pytest.raises(Fault, match="no closing quote") as caught:
        split(text)
    assert caught.value.offset == min(text.find(quote) for quote in "\"'" if quote in text)


@pytest.mark.parametrize("noise", ["'\n", '"', "'''\"\"\"", "{", "\\'", "{'}'"])
def test_a_megabyte_of_noise_is_split_in_linear_time(noise: str) -> None:
    text = "{{ " + noise * (1_000_000 // len(noise))
    start = time.process_time()
    with pytest.raises(Fault):
        split(text)
    assert time.process_time() - start < 5

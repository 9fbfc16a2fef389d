import datetime
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wire import strict_json
from wire.strict_json import BadJson, BadValue, JsonFault, canonical, check_value, dumps, encoded, join_path, loads

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | texts | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=30)


def refused(data: bytes | str) -> JsonFault:
    with pytest.raises(JsonFault) as caught:
        loads(data.encode() if isinstance(data, str) else data)
    return caught.value


@given(documents)
def test_what_is_written_reads_back_the_same(document: Any) -> None:
    assert loads(dumps(document).encode()) == document


@given(st.binary() | texts.map(str.encode) | documents.map(lambda value: json.dumps(value).encode()))
@example(b"\xef\xbb\xbf{}")
@example(b"")
def test_any_bytes_give_a_value_or_a_fault(data: bytes) -> None:
    try:
        value = loads(data)
    except (BadJson, BadValue):
        return
    check_value(value)
    assert loads(dumps(value).encode()) == value


@pytest.mark.parametrize("text", ["", "{", '{"a":}', "[1,]", "'a'", '"a\nb"', "01", "1 2", "nul"])
def test_broken_text_says_where(text: str) -> None:
    fault = refused(text)

    assert (fault.status, fault.code) == (400, "invalid_json")
    assert "line 1, column" in fault.message or "line 2" in fault.message


@pytest.mark.parametrize("data", [b'"\xff"', b'"\xed\xa0\x80"', '"ä"'.encode("utf-16")])
def test_bad_utf8_is_400(data: bytes) -> None:
    assert (refused(data).status, refused(data).code) == (400, "invalid_utf8")


def test_a_duplicate_key_is_400_with_its_path() -> None:
    fault = refused('{"nodes": [{}, {"data": {"url": 1, "url": 2}}]}')

    assert (fault.status, fault.code, fault.path) == (400, "duplicate_key", "nodes[1].data.url")


def test_the_same_key_written_with_escapes_is_a_duplicate() -> None:
    assert refused(r'{"a": 1, "\u0061": 2}').code == "duplicate_key"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_400(number: str) -> None:
    fault = refused(f'{{"a": [0, {number}]}}')

    assert (fault.status, fault.code, fault.path) == (400, "not_finite", "a[1]")


@pytest.mark.parametrize("number", ["1e999", "-1e309", "1" + "0" * 400 + ".0"])
def test_a_number_that_would_become_infinite_is_422(number: str) -> None:
    fault = refused(f'{{"a": {number}}}')

    assert (fault.status, fault.code, fault.path) == (422, "number_out_of_range", "a")


@pytest.mark.parametrize("text", [r'{"a": ["x\u0000"]}', r'{"a": ["\ud800"]}', r'{"a": ["\uDFFFx"]}'])
def test_text_that_no_database_takes_is_422_with_its_path(text: str) -> None:
    fault = refused(text)

    assert fault.status == 422
    assert fault.code in ("nul_character", "lone_surrogate")
    assert fault.path == "a[0]"


def test_keys_are_held_to_the_same_rules() -> None:
    assert refused(r'{"b": {"a\u0000": 1}}').path == r'b["a\u0000"]'
    assert refused(r'{"\ud800": 1}').code == "lone_surrogate"


def test_a_whole_surrogate_pair_and_an_escaped_backslash_pass() -> None:
    assert loads(rb'["\ud83d\ude00", "\\u0000", "\u00e4"]') == ["😀", "\\u0000", "ä"]


@pytest.mark.parametrize("sign", ["", "-"])
def test_integers_are_exact_to_a_thousand_digits(sign: str) -> None:
    digits = sign + "9" * 1000
    assert dumps(loads(digits.encode())) == digits

    fault = refused(f'{{"a": {sign}1{"0" * 1000}}}')
    assert (fault.status, fault.code, fault.path) == (422, "integer_too_long", "a")
    assert refused("7" * 100_000).code == "integer_too_long"


def test_sixty_four_levels_pass_and_the_next_does_not() -> None:
    assert loads(b"[" * 64 + b"]" * 64)
    assert loads(b'{"a":' * 64 + b"1" + b"}" * 64)

    fault = refused("[" * 65 + "]" * 65)
    assert (fault.status, fault.code) == (400, "too_deep")
    assert fault.path == "[0]" * 64


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_a_hundred_thousand_brackets_are_just_too_deep(text: str) -> None:
    assert (refused(text).status, refused(text).code) == (400, "too_deep")


def test_brackets_in_text_do_not_count() -> None:
    assert loads(b'"' + b"[" * 1000 + b'"') == "[" * 1000


class TestCheckValue:
    @given(documents)
    def test_json_passes(self, document: Any) -> None:
        check_value(document)

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            (math.nan, "not_finite"),
            (-math.inf, "not_finite"),
            (10**1000, "integer_too_long"),
            pytest.param(-(10**5000), "integer_too_long", id="longer than Python prints"),
            ("a\0", "nul_character"),
            ("\ud800", "lone_surrogate"),
            ({1: 2}, "key_not_text"),
            ({"\0": 2}, "nul_character"),
            ((1, 2), "not_json"),
            (b"x", "not_json"),
            (datetime.datetime.now(datetime.UTC), "not_json"),
        ],
    )
    def test_what_json_cannot_hold_is_named(self, value: object, code: str) -> None:
        with pytest.raises(JsonFault) as caught:
            check_value({"body": [value]})
        assert caught.value.code == code
        assert caught.value.path.startswith("body[0]")

    def test_two_halves_of_a_pair_in_two_texts_are_still_two_halves(self) -> None:
        with pytest.raises(BadValue):
            check_value(["\ud83d", "\ude00"])

    def test_a_value_that_holds_itself_is_too_deep(self) -> None:
        loop: list[object] = []
        loop.append(loop)

        with pytest.raises(BadJson, match="deeper"):
            check_value(loop)

    def test_depth_is_counted_in_containers(self) -> None:
        value: object = 1
        for _ in range(64):
            value = [value]
        check_value(value)
        with pytest.raises(BadJson, match="deeper"):
            check_value([value])
        with pytest.raises(BadJson, match="deeper"):
            check_value(_nested_empty(65))

    @given(st.recursive(scalars | st.just("\0") | st.just(10**1001), st.lists, max_leaves=10))
    def test_the_quick_look_and_the_close_look_agree(self, value: Any) -> None:
        assert strict_json._is_clean(value) == (strict_json._find_fault(value, 0) is None)


def _nested_empty(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels - 1):
        value = [value]
    return value


class TestDumps:
    def test_it_is_compact_and_keeps_text_readable(self) -> None:
        assert dumps({"ä": [1, 2.5, None, True]}) == '{"ä":[1,2.5,null,true]}'

    @pytest.mark.parametrize("write", [dumps, encoded, canonical])
    def test_it_names_what_it_cannot_write(self, write: Callable[[Any], object]) -> None:
        with pytest.raises(BadJson, match=r"a\[0\]"):
            write({"a": [math.nan]})
        with pytest.raises(BadValue, match="set is not a JSON type"):
            write({"a": {1}})
        with pytest.raises(BadJson, match=r"a\[1\]"):
            write({"a": [None, math.inf]})
        with pytest.raises(BadValue, match="date is not a JSON type"):
            write([datetime.date(2025, 10, 31)])

    @pytest.mark.parametrize("value", [math.nan, -math.inf, [None, (1, math.inf)], {"a": {"b": math.nan}}])
    @pytest.mark.parametrize("default", [None, str])
    def test_what_is_not_a_number_is_refused_by_all_alike(self, value: Any, default: Any) -> None:
        for write in (dumps, encoded):
            with pytest.raises(JsonFault):
                write(value, default)

    @given(documents)
    def test_text_and_bytes_are_the_same(self, value: Any) -> None:
        assert encoded(value, str).decode() == encoded(value).decode() == dumps(value, str) == dumps(value)
        assert loads(encoded(value)) == value

    @pytest.mark.parametrize("value", [2**63, 2**64, -(2**64), 10**999, [None, 2**70], {"null": 1e22}, 1e16, "null"])
    def test_what_comes_back_is_what_was_written(self, value: Any) -> None:
        back = json.loads(dumps(value))
        assert back == value
        assert type(back) is type(value)

    def test_a_default_turns_other_types_into_json(self) -> None:
        assert dumps({"at": datetime.date(2025, 10, 31)}, default=str) == '{"at":"2025-10-31"}'

    @settings(max_examples=30)
    @given(st.dictionaries(texts, documents, max_size=5))
    def test_the_canonical_form_ignores_the_order_of_keys(self, document: dict[str, Any]) -> None:
        assert canonical(document) == canonical(dict(reversed(document.items())))


def test_a_path_reads_like_the_code_that_would_get_there() -> None:
    assert join_path([]) == ""
    assert join_path(["nodes", 2, "data", "url"]) == "nodes[2].data.url"
    assert join_path([0, "a b", 'q"', "\ud800"]) == r'[0]["a b"]["q\""]["\ud800"]'
    assert len(join_path(["k" * 5000])) == 100

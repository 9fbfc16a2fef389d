"""Shapes and short copies of any JSON value."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runs.shapes import MOST_CHARS, shape_of, shortened

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
)


@given(values)
def test_what_is_short_stays_as_it_is(value: Any) -> None:
    assert shortened(value) == (value, False)


def test_what_is_long_keeps_its_beginning_and_fits() -> None:
    rows = [{"id": number, "text": "x" * 5_000} for number in range(10_000)]
    short, is_shortened = shortened({"rows": rows, "total": 10_000})
    assert is_shortened
    assert len(json.dumps(short)) <= MOST_CHARS
    assert short["total"] == 10_000
    assert short["rows"][0]["id"] == 0
    assert short["rows"][0]["text"].startswith("xxx")


def test_a_long_text_and_a_wide_object_fit() -> None:
    for value in ("x" * 10**6, {f"field {number}": "y" * 1000 for number in range(5_000)}, [[["z" * 9_000] * 90] * 90]):
        short, is_shortened = shortened(value)
        assert is_shortened
        assert len(json.dumps(short)) <= MOST_CHARS


def test_shapes() -> None:
    assert shape_of({"a": 1, "b": [True]}) == {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "boolean"}}},
    }
    assert shape_of([{"a": 1}, {"a": "x", "b": None}])["items"] == {
        "type": "object",
        "properties": {"a": {"type": ["integer", "string"]}, "b": {"type": "null"}},
    }
    assert shape_of([]) == {"type": "array", "items": {}}
    assert shape_of([[], [1], [2.5]])["items"] == {"type": "array", "items": {"type": ["integer", "number"]}}


@given(values)
def test_every_value_has_a_shape(value: Any) -> None:
    json.dumps(shape_of(value))

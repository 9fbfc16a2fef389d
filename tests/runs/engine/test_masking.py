"""Secrets are replaced in whatever is kept, in every form in which they travel."""

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.engine.masking import MASK, Mask
from wire.strict_json import dumps, loads

SECRET = 'C4n@ry/s"e+c\\ret=é'


def masked(value: Any, *secrets: str) -> Any:
    mask = Mask()
    mask.add(secrets or [SECRET])
    return json.loads(mask.in_json(dumps(value)))


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote_plus(SECRET),
        SECRET.encode().decode("latin-1"),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(SECRET).replace("/", "\\/")[1:-1],
    ],
)
def test_every_form_is_found_wherever_it_stands(form: str) -> None:
    told = masked({"a": [f"Basic {form}, {form}"], form: {"key": None}})
    assert told == {"a": [f"Basic {MASK}, {MASK}"], MASK: {"key": None}}


def test_a_secret_of_digits_is_found_in_numbers_too() -> None:
    assert masked({"pin": 12345678, "more": [9123456780, 1234567.8, 1234]}, "12345678") == {
        "pin": MASK,
        "more": [MASK, 1234567.8, 1234],
    }


@pytest.mark.parametrize("secret", ["null,1", "true,false", "[false]", "12345,"])
def test_a_secret_that_looks_like_json_changes_nothing_but_text(secret: str) -> None:
    value = {"a": [None, 1, True, False], "b": [[False]], "c": [12345, 6], "d": f"is {secret}"}
    assert masked(value, secret) == {**value, "d": f"is {MASK}"}


def test_what_is_too_short_to_be_a_secret_is_left_alone() -> None:
    assert masked({"user": "admin"}, "admin") == {"user": "admin"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text('a1é"\\,:'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('a1é"\\'), inner, max_size=4),
    max_leaves=8,
)


@given(json_values, st.text('a1é"\\,:[]{}.nulltrue', min_size=6, max_size=8))
def test_what_comes_out_is_json_without_the_secret(value: Any, secret: str) -> None:
    mask = Mask()
    mask.add([secret])
    text = mask.in_json(dumps(value))
    assert not any(secret in part for part in _texts(loads(text.encode())))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for member in value.values() for text in _texts(member))]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else [json.dumps(value)] if not isinstance(value, bool | None) else []

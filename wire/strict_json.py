"""JSON as it may enter, be stored and leave: strict at the edge, exact in between.

What the standard library lets pass and a database or a browser does not is refused here, with the path of
the fault: duplicate keys, NaN and Infinity, NUL and lone surrogates, integers beyond 1,000 digits, nesting
beyond 64 levels.

    JsonFault
     ├── BadJson    400  the bytes are no acceptable JSON text
     └── BadValue   422  the text is JSON, but holds a value that cannot be stored exactly
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import orjson

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Step: TypeAlias = str | int

MAX_DEPTH = 64
MAX_INTEGER_DIGITS = 1_000

_INTEGER_LIMIT = 10**MAX_INTEGER_DIGITS
_MESSAGE_KEY_LENGTH = 100
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
# In text that was decoded strictly, only an escape can bring in a NUL or half of a surrogate pair.
_SUSPICIOUS_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class JsonFault(ValueError):  # noqa: N818 - named for what it says, like its kinds
    """Refused JSON. `code` is stable, `path` reads like `nodes[2].data.url` ("" is the whole document)."""

    status = 400

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.code = code
        self.message = message
        self.path = path


class BadJson(JsonFault):
    status = 400


class BadValue(JsonFault):
    status = 422


def join_path(steps: Sequence[Step]) -> str:
    """`["nodes", 2, "data", "a b"]` → `nodes[2].data["a b"]`; long keys are cut short."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            path += f".{step[:_MESSAGE_KEY_LENGTH]}" if path else step[:_MESSAGE_KEY_LENGTH]
        else:
            path += f"[{json.dumps(step[:_MESSAGE_KEY_LENGTH])}]"
    return path


# --- reading ---


def loads(data: bytes) -> JSON:
    """The value in a JSON text of UTF-8 bytes. Raises BadJson or BadValue; the caller limits the size."""
    text = _decode(data)
    try:
        value: JSON = _reader.decode(text)
    except (_SuspectError, json.JSONDecodeError, RecursionError):
        value = _read_with_marks(text)
        check_value(value)
        return value
    if text.count("[") + text.count("{") > MAX_DEPTH or _SUSPICIOUS_ESCAPE.search(text):
        check_value(value)
    return value


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadJson("invalid_utf8", f"Byte {error.start} is not UTF-8.") from None


class _SuspectError(Exception):
    """The quick reader met something that needs a second reading, which can tell where it stands."""


class _Mark:
    """Stands in a second reading for a value that must be refused."""

    def __init__(self, fault: type[JsonFault], code: str, message: str) -> None:
        self.fault, self.code, self.message = fault, code, message


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _SuspectError
    return members


def _integer(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise _SuspectError
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _SuspectError
    return number


def _constant(name: str) -> NoReturn:
    raise _SuspectError


def _marked_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        again = key in members
        members[key] = _Mark(BadJson, "duplicate_key", "This key occurs twice.") if again else value
    return members


def _marked_integer(digits: str) -> int | _Mark:
    if len(digits.removeprefix("-")) > MAX_INTEGER_DIGITS:
        return _Mark(BadValue, "integer_too_long", _INTEGER_TOO_LONG)
    return int(digits)


def _marked_float(digits: str) -> float | _Mark:
    number = float(digits)
    return _Mark(BadValue, "number_out_of_range", _OUT_OF_RANGE) if math.isinf(number) else number


def _marked_constant(name: str) -> _Mark:
    return _Mark(BadJson, "not_finite", f"{name} is not a JSON number.")


def _read_with_marks(text: str) -> Any:
    try:
        return _marking_reader.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadJson("invalid_json", f"Not JSON: {error.msg} at {where}.") from None
    except RecursionError:
        raise BadJson("too_deep", _TOO_DEEP) from None


_INTEGER_TOO_LONG = f"Integers are kept exactly up to {MAX_INTEGER_DIGITS:,} digits; this one is longer."
_OUT_OF_RANGE = "This number is beyond the range of a double (about 1.8e308)."
_TOO_DEEP = f"Nested deeper than {MAX_DEPTH} levels."

_reader = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
_marking_reader = json.JSONDecoder(
    object_pairs_hook=_marked_object,
    parse_int=_marked_integer,
    parse_float=_marked_float,
    parse_constant=_marked_constant,
)


# --- checking ---


def check_value(value: object) -> None:
    """Holds a value from elsewhere (a node's output) to the same rules: BadJson or BadValue with the path."""
    if _is_clean(value):
        return
    fault = _find_fault(value, 0)
    if fault is not None:
        (kind, code, message), backwards = fault
        raise kind(code, message, join_path(backwards[::-1]))


def _is_clean(value: object) -> bool:
    """Quick and sure when it says yes, level by level; a no only means that a closer look is needed."""
    texts: list[str] = []
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str:
                texts.append(item)
            elif kind is dict:
                texts += item
                deeper += item.values()
            elif kind is list:
                deeper += item
            elif kind not in _HARMLESS and _scalar_fault(item):
                return False
        if not deeper:
            return _are_clean(texts)
        level = deeper
    return False


_HARMLESS = frozenset((bool, type(None)))


def _are_clean(texts: list[str]) -> bool:
    try:
        return _text_fault("".join(texts)) is None
    except TypeError:  # a key that is no text
        return False


_Fault: TypeAlias = tuple[tuple[type[JsonFault], str, str], list[Step]]


def _find_fault(value: object, depth: int) -> _Fault | None:
    """The first fault with the steps that lead to it, innermost first; only containers recurse."""
    if isinstance(value, dict):
        if depth == MAX_DEPTH:
            return (BadJson, "too_deep", _TOO_DEEP), []
        for key, member in value.items():
            wrong = _scalar_fault(key) if isinstance(key, str) else _BAD_KEY
            fault = (wrong, []) if wrong else _find_fault(member, depth + 1)
            if fault:
                fault[1].append(str(key))
                return fault
        return None
    if isinstance(value, list):
        if depth == MAX_DEPTH:
            return (BadJson, "too_deep", _TOO_DEEP), []
        for index, member in enumerate(value):
            fault = _find_fault(member, depth + 1)
            if fault:
                fault[1].append(index)
                return fault
        return None
    wrong = _scalar_fault(value)
    return (wrong, []) if wrong else None


_BAD_KEY = (BadValue, "key_not_text", "Keys of an object must be text.")


def _scalar_fault(value: object) -> tuple[type[JsonFault], str, str] | None:
    if isinstance(value, str):
        return _text_fault(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        fits = -_INTEGER_LIMIT < value < _INTEGER_LIMIT
        return None if fits else (BadValue, "integer_too_long", _INTEGER_TOO_LONG)
    if isinstance(value, float):
        return None if math.isfinite(value) else (BadJson, "not_finite", f"{value} is not a JSON number.")
    if isinstance(value, _Mark):
        return value.fault, value.code, value.message
    return BadValue, "not_json", f"{type(value).__name__} is not a JSON type."


def _text_fault(text: str) -> tuple[type[JsonFault], str, str] | None:
    if "\0" in text:
        return BadValue, "nul_character", "Text must not hold the NUL character (U+0000)."
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return BadValue, "lone_surrogate", "Text must not hold half of a surrogate pair."
    return None


# --- writing ---


def dumps(value: object, default: Callable[[Any], Any] | None = None) -> str:
    """Compact JSON text, integers exact. `default` turns what is not JSON into JSON.

    Raises BadJson or BadValue with the path for what JSON cannot hold. Text is not looked into: NUL and
    lone surrogates are found by `check_value` where values come in.
    """
    quick = _quickly(value, default)
    return _write(value, sort_keys=False, default=default) if quick is None else quick.decode()


def encoded(value: object, default: Callable[[Any], Any] | None = None) -> bytes:
    """The same in UTF-8."""
    quick = _quickly(value, default)
    return _write(value, sort_keys=False, default=default).encode() if quick is None else quick


def _quickly(value: object, default: Callable[[Any], Any] | None) -> bytes | None:
    """None: the thorough writer knows what is wrong, or takes it, as an integer beyond 64 bits."""
    try:
        data = orjson.dumps(value, default, _QUICK)
    except TypeError:
        return None
    # The quick writer says null of what is not a number, too.
    return data if b"null" not in data or _has_numbers_only(value) else None


def _has_numbers_only(value: object) -> bool:
    """No NaN and no Infinity among the numbers."""
    level: list[Any] = [value]
    while level:
        deeper: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                deeper += item.values()
            elif kind is list or kind is tuple:
                deeper += item
            elif kind is float and not math.isfinite(item):
                return False
        level = deeper
    return True


def canonical(value: JSON) -> bytes:
    """UTF-8 bytes that are equal for values that differ only in the order of their keys; for fingerprints."""
    return _write(value, sort_keys=True, default=None).encode()


# Made once: the standard library's `dumps` makes an encoder at every call with other than its own options. A value
# that holds itself needs no guard: it is nested too deep.
_OPTIONS: dict[str, Any] = {
    "ensure_ascii": False,
    "allow_nan": False,
    "separators": (",", ":"),
    "check_circular": False,
}
_QUICK = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_writer = json.JSONEncoder(**_OPTIONS)
_sorting_writer = json.JSONEncoder(**_OPTIONS, sort_keys=True)


def _write(value: object, sort_keys: bool, default: Callable[[Any], Any] | None) -> str:
    writer = _sorting_writer if sort_keys else _writer
    if default is not None:
        writer = json.JSONEncoder(**_OPTIONS, default=default)
    try:
        return writer.encode(value)
    except (TypeError, ValueError, RecursionError):
        check_value(value)
        raise

"""The operators of conditions, by the type of value that they ask about."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from wire import strict_json
from workflows.expressions.paths import kind


@dataclass(frozen=True, slots=True)
class Operator:
    """`left` and `right` read the two sides and refuse (TypeError) what is not theirs; `test` compares."""

    test: Callable[[Any, Any], bool]
    left: Callable[[Any], Any]
    right: Callable[[Any], Any] | None = None


# --- operands ---


def _text(value: Any) -> str:
    if not isinstance(value, str):
        _wrong("text", value)
    return value


def _text_or_null(value: Any) -> str:
    return "" if value is None else _text(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        _wrong("a list", value)
    return value


def _list_or_null(value: Any) -> list[Any]:
    return [] if value is None else _list(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        _wrong("true or false", value)
    return value


def _number(value: Any) -> int | float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        _wrong("a number", value)
    return value


def _written_number(value: Any) -> int | float:
    """A form's text field holds "5" where 5 is meant; the author's side of a rule may be written so."""
    try:
        return _number(strict_json.loads(value.encode()) if isinstance(value, str) else value)
    except ValueError:
        _wrong("a number", value)


def _date(value: Any) -> datetime:
    """ISO 8601, a date or a date and time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(_text(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        _wrong("a date such as 2026-11-22 or 2026-11-22T10:00:00Z", value)


def _pair(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def both(value: Any) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            _wrong("a list of two, the lowest and the highest", value)
        return read(value[0]), read(value[1])

    return both


def _anything(value: Any) -> Any:
    return value


def _wrong(wanted: str, value: Any) -> NoReturn:
    text = json.dumps(value, ensure_ascii=False)
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    raise TypeError(f"{shown} is {kind(value)}, but {wanted} is needed here.")


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


# --- operators ---

MATCHES = Operator(lambda _, __: False, _text, _text)
"""`test` is not asked: patterns go to the sandbox, where one that never ends can be stopped."""

OPERATORS: dict[str, dict[str, Operator]] = {
    "string": {
        "equals": Operator(lambda left, right: left == right, _text, _text),
        "not_equals": Operator(lambda left, right: left != right, _text, _text),
        "contains": Operator(lambda left, right: right in left, _text, _text),
        "not_contains": Operator(lambda left, right: right not in left, _text, _text),
        "starts_with": Operator(lambda left, right: left.startswith(right), _text, _text),
        "ends_with": Operator(lambda left, right: left.endswith(right), _text, _text),
        "matches": MATCHES,
        "is_empty": Operator(lambda left, _: not left, _text_or_null),
        "is_not_empty": Operator(lambda left, _: bool(left), _text_or_null),
    },
    "number": {
        "eq": Operator(lambda left, right: left == right, _number, _written_number),
        "ne": Operator(lambda left, right: left != right, _number, _written_number),
        "gt": Operator(lambda left, right: left > right, _number, _written_number),
        "gte": Operator(lambda left, right: left >= right, _number, _written_number),
        "lt": Operator(lambda left, right: left < right, _number, _written_number),
        "lte": Operator(lambda left, right: left <= right, _number, _written_number),
        "between": Operator(lambda left, right: right[0] <= left <= right[1], _number, _pair(_written_number)),
    },
    "date": {
        "before": Operator(lambda left, right: left < right, _date, _date),
        "after": Operator(lambda left, right: left > right, _date, _date),
        "on": Operator(lambda left, right: left.date() == right.date(), _date, _date),
        "between": Operator(lambda left, right: right[0] <= left <= right[1], _date, _pair(_date)),
    },
    "boolean": {
        "is_true": Operator(lambda left, _: left, _boolean),
        "is_false": Operator(lambda left, _: not left, _boolean),
    },
    "array": {
        "contains": Operator(lambda left, right: any(_same(item, right) for item in left), _list, _anything),
        "not_contains": Operator(lambda left, right: not any(_same(item, right) for item in left), _list, _anything),
        "is_empty": Operator(lambda left, _: not left, _list_or_null),
        "is_not_empty": Operator(lambda left, _: bool(left), _list_or_null),
        "count_eq": Operator(lambda left, right: len(left) == right, _list, _written_number),
        "count_gt": Operator(lambda left, right: len(left) > right, _list, _written_number),
        "count_lt": Operator(lambda left, right: len(left) < right, _list, _written_number),
    },
}

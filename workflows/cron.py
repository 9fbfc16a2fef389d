"""The grammar of cron expressions, read field by field so that a mistake can be named.

Five fields (minute, hour, day of month, month, day of week), or six with seconds first, or `@daily` and its
kin. In a field: `*`, numbers, names of months and weekdays, ranges (also over the end: `fri-mon`), steps and
lists of them; `?` for `*` in a day field; `L` for the last day of the month; `fri#2` for the second and `L5`
for the last Friday. Where both day fields restrict, either is enough.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

ALIASES: Mapping[str, str] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
WEEKDAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}

_ITEM = re.compile(r"(?:\*|(?P<low>[0-9a-z]+)(?:-(?P<high>[0-9a-z]+))?)(?:/(?P<step>[0-9]+))?", re.ASCII)
_NTH_WEEKDAY = re.compile(r"(?:[0-7]|sun|mon|tue|wed|thu|fri|sat)#[1-5]|l[0-7]", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    special: re.Pattern[str] | None = None
    full_is_star: bool = True

    def spelled_out(self, text: str) -> str:
        """`*`, or every number of the field in a list; ValueError says what is wrong."""
        if text == "*":
            return text
        numbers: set[int] = set()
        specials = []
        for item in text.split(","):
            if self.special and self.special.fullmatch(item):
                specials.append(item)
            else:
                numbers.update(self._numbers(item))
        if self.full_is_star and numbers.issuperset(self._numbers("*")):
            return "*"  # a day field that leaves nothing out must not widen the other one
        return ",".join([*map(str, sorted(numbers)), *specials])

    def _numbers(self, item: str) -> list[int]:
        parts = _ITEM.fullmatch(item)
        if parts is None:
            raise ValueError(f'{self.name}: "{item}" cannot be read; {self._allowed()}')
        step = parts["step"] or "1"
        if len(step) > 2 or not 1 <= int(step) <= self.high:
            raise ValueError(f'{self.name}: the step in "{item}" must be from 1 to {self.high}')
        return list(self._span(parts))[:: int(step)]

    def _span(self, parts: re.Match[str]) -> Iterator[int]:
        low = self.low if parts["low"] is None else self._number(parts["low"])
        if parts["high"] is not None:
            high = self._number(parts["high"])
        else:
            high = low if parts["low"] and not parts["step"] else self.high
        if low <= high:
            yield from range(low, high + 1)
        else:
            yield from range(low, self.high + 1)
            yield from range(self.low, high + 1)

    def _number(self, text: str) -> int:
        if text in self.names:
            return self.names[text]
        if text.isdecimal() and len(text) <= 2 and self.low <= int(text) <= self.high:
            return int(text)
        raise ValueError(f'{self.name}: "{text}" is not possible; {self._allowed()}')

    def _allowed(self) -> str:
        names = f" or {'/'.join(self.names)}" if self.names else ""
        return f"allowed are {self.low} to {self.high}{names}, *, and ranges, steps and lists of them"


class _Weekdays(_Field):
    """Sunday is 0 and 7, so that both 0-6 and 1-7 are a week."""

    def _span(self, parts: re.Match[str]) -> Iterator[int]:
        ends = [self._number(parts[end]) if parts[end] else None for end in ("low", "high")]
        match ends:
            case [int(low), int(high)] if low > high:
                yield from (*range(low, 7), *range(high + 1))
            case [int(low), int(high)]:
                yield from (number % 7 for number in range(low, high + 1))
            case [int(low), None] if not parts["step"]:
                yield low % 7
            case [low, _]:
                yield from range((low or 0) % 7, 7)


_SECOND = _Field("second", 0, 59)
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23, full_is_star=False),  # at a change of the clocks only a bare star is every hour
    _Field("day of month", 1, 31, special=re.compile("l")),
    _Field("month", 1, 12, _MONTHS),
    _Weekdays("day of week", 0, 7, WEEKDAYS, special=_NTH_WEEKDAY),
)


def normalized(expression: str) -> str:
    """The same expression with every field `*` or a list of numbers; ValueError names the field at fault.

    The hour is `*` only where it was written so.
    """
    text = expression.strip().lower()
    if text.startswith("@"):
        if text not in ALIASES:
            raise ValueError(f'"{expression.strip()}" is not known; allowed are {", ".join(ALIASES)}')
        text = ALIASES[text]
    fields = text.split()
    if len(fields) not in (5, 6):
        raise ValueError(
            "a cron expression has five fields (minute, hour, day of month, month, day of week),"
            f" or six with seconds first; this has {len(fields)}"
        )
    for day_field in (-3, -1):
        fields[day_field] = "*" if fields[day_field] == "?" else fields[day_field]
    kinds = (_SECOND, *_FIELDS)[-len(fields) :]
    spelled_out = [kind.spelled_out(part) for kind, part in zip(kinds, fields, strict=True)]
    _check_nth_weekdays(fields[-1], fields[-3])
    return " ".join(spelled_out)


def _check_nth_weekdays(weekdays: str, days: str) -> None:
    special = [_NTH_WEEKDAY.fullmatch(item) is not None for item in weekdays.split(",")]
    if any(special) and not all(special):
        raise ValueError("day of week: an nth or last weekday cannot be listed with plain ones")
    if any(special) and days != "*":
        raise ValueError("day of week: an nth or last weekday cannot be combined with a day of month")

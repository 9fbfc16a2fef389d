"""Date transform: a moment moved by some time, and written as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from workflows.nodes.base import Context, Node, NodeError, Output, Params, Text, setting

Operation = Literal["format", "add", "subtract"]
Unit = Literal["seconds", "minutes", "hours", "days", "weeks", "months", "years"]

_MOST = 1_000_000
_MOVES = ["add", "subtract"]
_CODE = re.compile(r"%(.?)", re.DOTALL)
_CODES = "aAbBdfGHIjmMpSuUVwWyYzZ%"


class DateTransformSettings(Params):
    date: Text = setting(
        title="Date",
        description="ISO 8601, in UTC where it names no zone, or `now`.",
        placeholder="{{ input.created_at }}",
        min_length=1,
        max_length=100,
    )
    operation: Operation = setting(
        "format",
        title="Operation",
        description="What is done to it before it is written.",
        labels={"format": "Nothing", "add": "Add", "subtract": "Subtract"},
    )
    amount: float = setting(
        0, title="Amount", description="How much is added or taken away.", ge=0, le=_MOST, show_if={"operation": _MOVES}
    )
    unit: Unit = setting("days", title="Unit", description="What the amount counts.", show_if={"operation": _MOVES})
    format: str = setting(
        "",
        title="Format",
        description="How it is written, with the codes of strftime; empty: as ISO 8601.",
        placeholder="%d.%m.%Y %H:%M",
        max_length=100,
    )
    timezone: str = setting(
        "",
        title="Time zone",
        description="In which it is written; empty: the date's own.",
        widget="timezone",
        placeholder="Europe/Berlin",
    )


class DateTransform(Node):
    kind = "date_transform"
    title = "Date transform"
    category = "data"
    description = "Moves a date by some time and writes it as text, in any form and time zone."
    icon = "calendar-clock"
    keywords = ("time", "format", "add", "subtract", "timezone", "moment")
    params = DateTransformSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        faults = []
        form, zone = _written(settings, "format"), _written(settings, "timezone")
        if (wrong := _unknown_code(form)) is not None:
            faults.append(("format", f"“%{wrong}” is no code of a format; there are {', '.join(_CODES)}."))
        if zone and _zone(zone) is None:
            faults.append(("timezone", _no_zone(zone)))
        return faults

    async def run(self, params: DateTransformSettings, ctx: Context) -> Output:
        moment = ctx.now() if params.date == "now" else _read(params.date)
        zone = _zone(params.timezone) if params.timezone else moment.tzinfo
        if zone is None:
            raise NodeError("bad_date", _no_zone(params.timezone), field="timezone", retryable=False)
        if _unknown_code(params.format) is not None:
            raise NodeError("bad_date", "The format holds an unknown code.", field="format", retryable=False)
        try:
            written = _moved(moment, params).astimezone(zone)
        except (OverflowError, ValueError):
            message = "The date would lie outside the years 1 to 9999."
            raise NodeError("bad_date", message, field="amount", retryable=False) from None
        return Output(written.strftime(params.format) if params.format else written.isoformat())


def _written(settings: Mapping[str, Any], name: str) -> str:
    """What is known before any run."""
    text = settings.get(name)
    return text if isinstance(text, str) and "{{" not in text else ""


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        message = f"“{text}” is no date such as 2026-11-22 or 2026-11-22T10:00:00Z."
        raise NodeError("bad_date", message, field="date", retryable=False) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moved(moment: datetime, params: DateTransformSettings) -> datetime:
    if params.operation == "format":
        return moment
    amount = int(params.amount) if params.amount.is_integer() else params.amount
    if params.unit in ("months", "years") and not isinstance(amount, int):
        raise NodeError("bad_date", "Months and years are counted in whole numbers.", field="amount", retryable=False)
    step = relativedelta(**{params.unit: amount if params.operation == "add" else -amount})
    moved: datetime = moment + step
    return moved


def _unknown_code(form: str) -> str | None:
    return next((code for code in _CODE.findall(form) if code == "" or code not in _CODES), None)


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _no_zone(name: str) -> str:
    return f"There is no time zone “{name}”."

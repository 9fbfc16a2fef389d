"""Wait until: sleeps until a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendar import instant_of
from workflows.nodes.base import Context, Node, NodeError, Output, Params, Text, Wait, setting

_UTC = ZoneInfo("UTC")


class WaitUntilSettings(Params):
    moment: Text = setting(
        title="Moment",
        description="Date and time in ISO 8601; without an offset in the time zone below.",
        min_length=1,
        placeholder="2030-01-31T09:00",
    )
    timezone: str = setting(
        "", title="Time zone", description="Whose clock counts; without one UTC.", widget="timezone"
    )


class WaitUntil(Node):
    kind = "wait_until"
    title = "Wait until"
    category = "flow"
    description = "Waits until a moment, then passes its input on; a moment in the past does not wait."
    icon = "hourglass"
    keywords = ("date", "time", "sleep", "pause", "moment")
    params = WaitUntilSettings

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        faults = []
        for name, read in (("moment", _moment), ("timezone", _zone)):
            text = settings.get(name)
            if not isinstance(text, str) or not text or "{{" in text:
                continue  # not known yet, or the schema says so already
            try:
                read(text)
            except NodeError as error:
                faults.append((name, error.message))
        return faults

    async def run(self, params: WaitUntilSettings, ctx: Context) -> Wait:
        moment = _moment(params.moment, _zone(params.timezone))
        return Wait(max(moment - ctx.now(), timedelta()), then=Output(ctx.input))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        message = f'There is no time zone "{name}".'
        raise NodeError("no_such_timezone", message, field="timezone", retryable=False) from None


def _moment(text: str, zone: ZoneInfo = _UTC) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else instant_of(moment, zone)
    except (ValueError, OverflowError):
        message = f'"{text[:100]}" is no date and time in ISO 8601, such as 2030-01-31T09:00.'
        raise NodeError("no_moment", message, field="moment", retryable=False) from None

"""How long: a number and its unit, as the settings of waiting kinds say it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

Unit = Literal["seconds", "minutes", "hours", "days"]

LONGEST = timedelta(days=366)


def length(number: float, unit: Unit) -> timedelta:
    """Never an error: what is too long for a timedelta is as long as one can be."""
    try:
        return timedelta(**{unit: number})
    except OverflowError:
        return timedelta.max

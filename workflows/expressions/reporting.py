"""How a program in the sandbox says how far it is: `progress(fraction, message)` prints a marked line, told at once."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

from workflows.expressions.limits import MAX_PRINTED

Told = Callable[[float | None, str], None]

_MARK = "\x1f"
TOO_MUCH = f"more than {MAX_PRINTED:,} characters"
EVERY_SECONDS = 0.25

PROGRESS = f"""
def progress(fraction=None, message=''):
    print('{_MARK}' + str(fraction) + '{_MARK}' + ' '.join(str(message).split()))
"""


class ReportingPrints:
    """Collects what is printed, up to a size. With `told` the marked lines are left out, and it hears of them
    in the event loop that this was made in, not more often than anybody could see, and of the last one always."""

    def __init__(self, told: Told | None) -> None:
        self.is_full = False
        """More was printed than there is room for; that ends the program."""
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._lines: list[str] = []
        self._room = MAX_PRINTED
        self._rest = ""
        self._last: tuple[float | None, str] | None = None
        self._told_at = float("-inf")

    def __call__(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._hear(f"{line}\n")
        self._check(len(self._rest))
        if time.monotonic() - self._told_at >= EVERY_SECONDS:
            self._tell()

    @property
    def output(self) -> str:
        """Asked for when the program is over."""
        self._tell()
        return "".join(self._lines) + self._rest

    def _hear(self, line: str) -> None:
        if self._told and line.startswith(_MARK):
            _, fraction, message, *_ = f"{line[:-1]}{_MARK}".split(_MARK)
            self._last = (_number(fraction), message)
            return
        self._check(len(line))
        self._room -= len(line)
        self._lines.append(line)

    def _check(self, length: int) -> None:
        if length > self._room:
            self.is_full = True
            raise MemoryError(TOO_MUCH)

    def _tell(self) -> None:
        if self._told and self._last is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._told, *self._last)
            self._last, self._told_at = None, time.monotonic()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None

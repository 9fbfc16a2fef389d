"""How long somebody waits for a run. Once the process was told to stop, nobody waits longer than it lives: each caller
gets an answer, as the run stands then."""

from __future__ import annotations

import time

# The first looks come quickly, for runs that another process ends in a moment; later ones are rarer.
FIRST_LOOK_SECONDS = 0.01
LOOK_EVERY_SECONDS = 0.5

_last_moment = float("inf")


class Patience:
    """So many seconds, in longer and longer pauses between two looks."""

    def __init__(self, seconds: float, *, first_pause: float = FIRST_LOOK_SECONDS) -> None:
        self._end = time.monotonic() + seconds
        self._pause = first_pause

    @property
    def seconds(self) -> float:
        """What is left of it."""
        return max(min(self._end, _last_moment) - time.monotonic(), 0)

    def next_pause(self) -> float:
        pause = self._pause
        self._pause = min(2 * pause, LOOK_EVERY_SECONDS)
        return min(pause, self.seconds)


def end_all_within(seconds: float) -> None:
    """Of everybody in this process, now and later."""
    global _last_moment
    _last_moment = time.monotonic() + seconds

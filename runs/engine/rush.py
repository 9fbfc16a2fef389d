"""When more runs come in than are run meanwhile: what comes in goes first, for a while.

A sender waits until its run is on disk, and nobody waits for the run. In a rush they are written down only, to be
claimed when it is over, or after HOLD_SECONDS if it is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# So long after the last one the next one is no part of the same rush.
CALM_SECONDS = 0.003
# As long as a wake-up that was lost may delay a run, and no longer.
HOLD_SECONDS = 1.0


class Rush:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._coming_in = 0
        self._began = self._over_at = float("-inf")

    @property
    def is_on(self) -> bool:
        """Whether a run comes in, or one came just now."""
        return self._coming_in > 0 or self._now() < self._over_at

    @property
    def holds(self) -> bool:
        """Whether runs that wait to be claimed are to be left for now."""
        return self.is_on and self._now() < self._began + HOLD_SECONDS

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """While it comes in."""
        if not self.is_on:
            self._began = self._now()
        self._coming_in += 1
        try:
            yield
        finally:
            self._coming_in -= 1
            self._over_at = self._now() + CALM_SECONDS

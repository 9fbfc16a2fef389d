"""Taking turns at something that only one thread may use at a time, in the order of asking.

A lock of Python's goes to whoever comes by when it is free, and who polls for a file's lock comes by rarely: beside a
thread that takes it again and again, the others would wait for most of a second.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """A lock that is handed on to whoever has waited longest."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def take(self, seconds: float) -> bool:
        """False when it was not our turn within that time."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # it was handed to us at the last moment

    def give(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


_by_name: dict[str, Turns] = {}


def turns_for(name: str) -> Turns:
    """The same for all threads of the process that ask by this name."""
    return _by_name.setdefault(name, Turns())

"""Public ids: a prefix that says what it is, and a lower-case 26-character ULID that sorts by birth."""

import os
import re
import secrets
import threading
import time
from functools import lru_cache

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_ULID = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}", re.ASCII)
_RANDOM_BITS = 80
_RANDOM_BYTES = _RANDOM_BITS // 8
_LOW_BITS = 30  # three pairs


class _Source:
    """Hands out 128-bit numbers (48 bits of milliseconds, 80 random) that only ever rise."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._random = b""

    def next(self) -> int:
        now_ms = time.time_ns() // 1_000_000
        with self._lock:
            if now_ms > self._last >> _RANDOM_BITS:
                self._last = now_ms << _RANDOM_BITS | self._draw()
            else:  # same millisecond, or the clock was set back
                self._last += 1
            return self._last

    def _draw(self) -> int:
        """Fetched for many ids at once: every call of the system hands the interpreter to another thread."""
        if not self._random:
            self._random = secrets.token_bytes(_RANDOM_BYTES * 256)
        drawn, self._random = self._random[:_RANDOM_BYTES], self._random[_RANDOM_BYTES:]
        return int.from_bytes(drawn)

    def forget(self) -> None:
        """For a forked child: counting on from the parent's last number gives out the parent's next ids."""
        self._lock = threading.Lock()
        self._last = 0
        self._random = b""


_source = _Source()
os.register_at_fork(after_in_child=_source.forget)


def new_id(prefix: str) -> str:
    """A new id such as `fl_run_01jb…`; ids of one process sort in the order in which they were made."""
    number = _source.next()
    low = f"{_PAIRS[number >> 20 & 0x3FF]}{_PAIRS[number >> 10 & 0x3FF]}{_PAIRS[number & 0x3FF]}"
    return f"{prefix}_{_high_part(number >> _LOW_BITS)}{low}"


@lru_cache(maxsize=4)
def _high_part(number: int) -> str:
    """The same for most ids of one millisecond."""
    return "".join([_PAIRS[number >> shift & 0x3FF] for shift in range(120 - _LOW_BITS, -1, -10)])


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` has exactly the form that `new_id(prefix)` makes; says nothing about existence."""
    head, _, ulid = text.rpartition("_")
    return head == prefix and _ULID.fullmatch(ulid) is not None

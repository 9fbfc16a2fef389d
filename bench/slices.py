"""Processes with a part of a core each: what `cpulimit` does, by stopping them and letting them go on."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from subprocess import Popen
from threading import Event, Thread
from typing import Any

AT_WORK_SECONDS = 0.02
STOPPED_SECONDS = 0.03


@contextmanager
def two_fifths_of_a_core(processes: Sequence[Popen[Any]]) -> Iterator[None]:
    """For each of them, not all at the same moments."""
    over = Event()
    threads = [Thread(target=_slice, args=(each, number, over)) for number, each in enumerate(processes)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _slice(process: Popen[Any], number: int, over: Event) -> None:
    time.sleep(number * STOPPED_SECONDS / 2)
    while not over.is_set():
        process.send_signal(signal.SIGCONT)
        time.sleep(AT_WORK_SECONDS)
        process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
    process.send_signal(signal.SIGCONT)

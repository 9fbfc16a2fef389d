"""Tells this process at once what was committed about a run. Whoever listens also polls: another process may have
done it, and a notice that nobody hears is no loss."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

Listener = Callable[[str], None]
"""Called with the run's id in the thread that committed: it must only set a flag."""

_lock = threading.Lock()
_listeners: dict[str, list[Listener]] = {}


def subscribe(run_id: str, listener: Listener) -> Callable[[], None]:
    """Calls `listener` after every commit about the run, until the function that comes back is called."""
    with _lock:
        _listeners.setdefault(run_id, []).append(listener)

    def unsubscribe() -> None:
        with _lock:
            remaining = _listeners.get(run_id, [])
            if listener in remaining:
                remaining.remove(listener)
            if not remaining:
                _listeners.pop(run_id, None)

    return unsubscribe


def publish(run_ids: Iterable[str]) -> None:
    if not _listeners:
        return
    with _lock:
        heard = [(listener, run_id) for run_id in run_ids for listener in _listeners.get(run_id, ())]
    for listener, run_id in heard:
        listener(run_id)

"""What a server process tells Python's garbage collector, once it is up."""

from __future__ import annotations

import gc

NEW_OBJECTS = 2_000


def keep_what_is_loaded() -> None:
    """All that is there by now stays till the end. The collector would look through all of it every few thousand runs,
    and everything stand still for a sixth of a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)

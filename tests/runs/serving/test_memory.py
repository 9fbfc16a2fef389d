"""The garbage collector passes over what was loaded at the start, and finds what runs leave behind."""

import subprocess
import sys

LOOK = """
import gc, weakref
from runs.serving.memory import keep_what_is_loaded

class Ring:
    pass

keep_what_is_loaded()
looked_through = len(gc.get_objects())
ring = Ring()
ring.itself, gone = ring, weakref.ref(ring)
del ring
gc.collect()
print(gc.get_freeze_count(), looked_through, gone() is None)
"""


def test_what_is_loaded_is_passed_over_and_what_comes_later_is_not() -> None:
    said = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True, timeout=60).stdout
    kept, looked_through, is_found = said.split()
    assert int(kept) > 1_000
    assert int(looked_through) < int(kept) / 10
    assert is_found == "True"

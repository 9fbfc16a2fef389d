import os
import threading

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from wire.ids import is_id, new_id


def test_an_id_is_its_prefix_and_a_lower_case_ulid() -> None:
    made = new_id("fl_run")

    assert made.startswith("fl_run_")
    assert len(made) == len("fl_run_") + 26
    assert made == made.lower()
    assert is_id(made, "fl_run")


@time_machine.travel("2025-10-31T12:00:00Z", tick=False)
def test_ids_of_one_millisecond_rise() -> None:
    ids = [new_id("fl") for _ in range(1000)]

    assert ids == sorted(set(ids))


def test_ids_rise_when_the_clock_is_set_back() -> None:
    with time_machine.travel("2070-01-01T00:00:00Z"):
        before = new_id("fl")
    assert new_id("fl") > before


def test_the_time_is_in_the_first_ten_characters() -> None:
    with time_machine.travel("2100-01-01T00:00:00Z", tick=False):
        ulid = new_id("fl").removeprefix("fl_")
    ms = 0
    for character in ulid[:10]:
        ms = ms * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    assert ms == 4_102_444_800_000


def test_threads_never_share_an_id() -> None:
    made: list[str] = []

    def make() -> None:
        made.extend([new_id("fl") for _ in range(500)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4000


@time_machine.travel("2110-01-01T00:00:00Z", tick=False)
def test_a_forked_child_does_not_repeat_its_parents_ids() -> None:
    new_id("fl")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_id("fl").encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100).decode() != new_id("fl")
    os.close(reading)
    os.close(writing)


def test_is_id_wants_exactly_this_prefix() -> None:
    run_id = new_id("fl_run")

    assert not is_id(run_id, "fl")
    assert not is_id(run_id, "fl_log")
    assert not is_id(run_id.upper(), "fl_run")
    assert not is_id(run_id + "\n", "fl_run")
    assert not is_id("fl_run_" + "u" * 26, "fl_run")
    assert not is_id("fl_run_" + "8" + "0" * 25, "fl_run")
    assert not is_id("fl_run_01jb", "fl_run")


@given(st.text())
def test_is_id_answers_for_any_text(text: str) -> None:
    assert is_id(text, "fl") is False

"""The pool of sandbox processes: any loop, any thread, after a fork, and when a process dies."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from workflows.expressions.limits import DEFAULT_LIMITS, Limits
from workflows.expressions.sandbox import SandboxError, close_sandbox, run_code


async def answer(source: str = "20 + 1", seconds: float = 1.0) -> object:
    return (await run_code(source, {}, Limits(seconds=seconds)))[0]


def children() -> set[int]:
    listing = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return {int(line.split()[0]) for line in listing.splitlines() if "monty" in line}


async def test_it_gives_the_last_value_and_what_was_printed() -> None:
    assert await run_code("print('a', x)\nx + 1", {"x": 4}, DEFAULT_LIMITS) == (5, "a 4\n")


async def test_nothing_is_left_for_the_next_call() -> None:
    await run_code("secret = 1\nlen = 5", {"given": 2}, DEFAULT_LIMITS)
    for name in ("secret", "given"):
        with pytest.raises(SandboxError, match=f"name '{name}' is not defined"):
            await run_code(name, {}, DEFAULT_LIMITS)
    assert await answer("len([1])") == 1


async def test_there_is_no_file_no_network_and_no_sleep() -> None:
    for source in ("open('/etc/passwd').read()", "import os\nos.environ['PATH']", "import os\nos.listdir('/')"):
        with pytest.raises(SandboxError):
            await answer(source)
    for module in ("socket", "subprocess", "ctypes", "urllib.request"):
        with pytest.raises(SandboxError, match="No module named"):
            await answer(f"import {module}")
    start = time.perf_counter()
    await answer("import time\ntime.sleep(60)")
    assert time.perf_counter() - start < 40


async def test_time_and_memory_end_with_their_own_words() -> None:
    with pytest.raises(SandboxError) as caught:
        await answer("while True: pass", seconds=0.1)
    assert caught.value.failure == "timeout"
    with pytest.raises(SandboxError) as caught:
        await answer("'x' * 10**9")
    assert caught.value.failure == "memory"


def test_every_loop_in_turn_and_at_once_may_use_it() -> None:
    assert [asyncio.run(answer()) for _ in range(3)] == [21, 21, 21]
    asyncio.run(close_sandbox())
    answers: list[object] = []

    def ask() -> None:
        answers.append(asyncio.run(answer()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [21] * 8


async def test_many_calls_at_once_share_few_processes() -> None:
    assert await asyncio.gather(*(answer(f"{number} * 2") for number in range(100))) == [n * 2 for n in range(100)]
    assert 1 <= len(children()) <= (os.cpu_count() or 1)


async def test_a_process_that_is_killed_is_replaced() -> None:
    await answer()
    for _ in range(3):
        for process in children():
            os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.05)
        assert await answer() == 21


async def test_a_process_that_is_killed_in_the_middle_is_an_error_and_replaced() -> None:
    await answer()
    running = asyncio.create_task(answer("while True: pass", seconds=20))
    await asyncio.sleep(0.2)
    for process in children():
        os.kill(process, signal.SIGKILL)
    with pytest.raises(SandboxError) as caught:
        await running
    assert caught.value.failure == "crashed"
    assert await answer() == 21


async def test_a_cancelled_call_frees_its_process_when_its_time_is_over() -> None:
    calls = [asyncio.create_task(answer("while True: pass", seconds=0.5)) for _ in range(4)]
    await asyncio.sleep(0.2)
    for call in calls:
        call.cancel()
    assert all(
        isinstance(gone, asyncio.CancelledError) for gone in await asyncio.gather(*calls, return_exceptions=True)
    )
    assert await asyncio.wait_for(answer(), 10) == 21


async def test_closing_waits_for_the_calls_under_way_and_drops_the_rest() -> None:
    await answer()
    calls = [asyncio.create_task(answer("while True: pass", seconds=0.3)) for _ in range(20)]
    await asyncio.sleep(0.1)
    await close_sandbox()
    assert not children()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {SandboxError, asyncio.CancelledError}


async def test_closing_ends_the_processes_and_the_next_call_opens_anew() -> None:
    await answer()
    assert children()
    await close_sandbox()
    assert not children()
    await close_sandbox()
    assert await answer() == 21


def test_a_child_forked_before_the_first_use_has_its_own_and_one_forked_later_is_told_so() -> None:
    script = """
        import asyncio, os
        from workflows.expressions import DEFAULT_LIMITS, run_code
        def answer():
            return asyncio.run(run_code("6 * 7", {}, DEFAULT_LIMITS))[0]
        def in_child():
            child = os.fork()
            if child:
                assert os.waitpid(child, 0)[1] == 0
                return
            try:
                print(answer(), flush=True)
            except RuntimeError as error:
                print("forked" in str(error), flush=True)
            os._exit(0)
        in_child()
        print(answer(), flush=True)
        in_child()
        print(answer(), flush=True)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stdout.split(), ran.stderr, ran.returncode) == (["42", "42", "True", "42"], "", 0)

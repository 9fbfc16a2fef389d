"""The supervised pool of sandbox processes: the one place that knows pydantic-monty.

Code in it has no file, network, environment or object of ours, and hard limits on time and memory. A process
that crashes or hangs is replaced and takes nothing with it. Every call gets a fresh session, so nothing is
handed from one node, run or project to the next.

There is one pool per process (and one more for code that may take long), opened on first use and usable from any of
its event loops. A process that
forks must do so before it first uses the sandbox.
"""

import asyncio
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic_monty import (
    CollectString,
    Monty,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
    OSPolicy,
    ResourceLimits,
)

from workflows.expressions.limits import MAX_PRINTED, Limits

_GRACE_SECONDS = 1.0
"""How far past its time a process may be before it is killed from outside."""
_CALLS_PER_PROCESS = 1_000
_POLICY: OSPolicy = {"timezone": "utc", "sleep": "zero"}

Failure = Literal["raised", "timeout", "memory", "crashed"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the code that ran; lines and columns (in characters) count from 1, the end is exclusive."""

    function: str
    line: int
    column: int
    end_line: int
    end_column: int


class SandboxError(Exception):
    """The code did not come to its end. `frames` lead from the outermost call to where it broke."""

    def __init__(
        self,
        failure: Failure,
        message: str,
        *,
        raised: BaseException | None = None,
        frames: tuple[Frame, ...] = (),
        prints: str = "",
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.message = message
        self.raised = raised
        self.frames = frames
        self.prints = prints


class Prints(Protocol):
    """What is printed, heard piece by piece."""

    @property
    def output(self) -> str: ...

    def __call__(self, stream: Literal["stdout", "stderr"], text: str) -> None: ...


async def run_code(
    source: str, inputs: Mapping[str, Any], limits: Limits, *, apart: bool = False, prints: Prints | None = None
) -> tuple[Any, str]:
    """Runs the code with `inputs` as its variables: the value of its last line, and what it printed.

    The value is whatever the code made, converted to plain objects. Nested lists that share parts stay
    shared, so a small value can stand for a huge tree: code that is not ours must hand out text, whose
    length tells its size. A call that is cancelled runs on unseen until its limits end it.

    What may take long runs `apart`, in processes of its own, so that nothing short has to wait for it. `prints` hears,
    in a thread of the sandbox's, what is printed while it is.
    """
    sandbox = _sandboxes.get(apart)
    if sandbox is None:
        sandbox = await asyncio.to_thread(_open_sandbox, apart)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(sandbox.threads, _run, sandbox.pool, source, dict(inputs), limits, prints)


def _run(pool: Monty, source: str, inputs: dict[str, Any], limits: Limits, prints: Prints | None) -> tuple[Any, str]:
    printed = prints or CollectString(MAX_PRINTED)
    try:
        with pool.checkout(limits=_resources(limits), os_policy=_POLICY) as session:
            value = session.feed_run(source, inputs=inputs, print_callback=printed)
    except MontyError as error:
        raise _translated(error, printed.output) from None
    return value, printed.output


def _resources(limits: Limits) -> ResourceLimits:
    return {
        "max_feed_duration_secs": limits.seconds,
        "max_memory": limits.memory_bytes,
        "max_recursion_depth": 200,
        "max_suspensions": 100,
        "max_total_sleep_secs": 0.0,
    }


def _translated(error: MontyError, prints: str) -> SandboxError:
    if isinstance(error, MontyCrashedError):
        failure: Failure = "timeout" if error.timed_out else "crashed"
        return SandboxError(failure, str(error), prints=prints)
    raised = error.exception()
    failure = "timeout" if isinstance(raised, TimeoutError) else "raised"
    if isinstance(raised, MemoryError):
        failure = "memory"
    frames: tuple[Frame, ...] = ()
    if isinstance(error, MontyRuntimeError | MontySyntaxError):
        frames = tuple(
            Frame(frame.function_name or "", frame.line, frame.column, frame.end_line, frame.end_column)
            for frame in error.traceback()
        )
    return SandboxError(failure, str(error), raised=raised, frames=frames, prints=prints)


# --- one pool per process ---


@dataclass(frozen=True, slots=True)
class _Sandbox:
    """As many threads as processes: a call waits for a thread, and then never for a process.

    The library's asyncio pool does the same with threads of its own, takes twice the CPU time, and aborts
    an interpreter that happens to end just after a call.
    """

    pool: Monty
    threads: ThreadPoolExecutor


_sandboxes: dict[bool, _Sandbox] = {}
"""What is short, and what runs apart."""
_lock = threading.Lock()
_is_forked = False


def _open_sandbox(apart: bool) -> _Sandbox:
    if _is_forked:
        raise RuntimeError("This process was forked from one that had used the sandbox, so it cannot use it.")
    with _lock:
        if apart not in _sandboxes:
            size = os.cpu_count() or 1
            pool = Monty(
                max_processes=size,
                feed_duration_limit_grace=_GRACE_SECONDS,
                max_checkouts_per_worker=_CALLS_PER_PROCESS,
            )
            pool.__enter__()
            _sandboxes[apart] = _Sandbox(pool, ThreadPoolExecutor(size, thread_name_prefix="sandbox"))
        return _sandboxes[apart]


async def close_sandbox() -> None:
    """Ends the sandbox processes, after the calls that are under way; the next call would open a new pool."""
    await asyncio.to_thread(_close_sandbox)


def _close_sandbox() -> None:
    with _lock:
        closing = list(_sandboxes.values())
        _sandboxes.clear()
    for sandbox in closing:
        sandbox.threads.shutdown(cancel_futures=True)
        sandbox.pool.__exit__(None, None, None)


def _forked() -> None:
    """The library's threads are not copied: in a child of a process that has used it, calls would hang."""
    global _is_forked
    _is_forked = _is_forked or bool(_sandboxes)
    _inherited.extend(_sandboxes.values())  # kept, because dropping them would end the parent's processes
    _sandboxes.clear()


_inherited: list[_Sandbox] = []
os.register_at_fork(after_in_child=_forked)

"""The supervised pool of sandbox processes: the one place that knows pydantic-monty.

Code in it has no file, network, environment or object of ours, and hard limits on time and memory. A process
that crashes or hangs is replaced and takes nothing with it. Every call gets a fresh session, so nothing is
handed from one node, run or project to the next.

There is one pool per process, opened on first use and usable from any of its event loops. It must not be
opened before a fork: a forked child starts with none and opens its own.
"""

import asyncio
import os
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_monty import (
    AsyncMonty,
    CollectString,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
    OSPolicy,
    ResourceLimits,
)

from workflows.expressions.limits import Limits

_CHECKOUT_SECONDS = 30.0
"""How long a call waits for a free process."""
_GRACE_SECONDS = 1.0
"""How far past its time a process may be before it is killed from outside."""
_CALLS_PER_PROCESS = 1_000
_MAX_PRINTED = 64 * 1024
_POLICY: OSPolicy = {"timezone": "utc", "sleep": "zero"}

Failure = Literal["raised", "timeout", "memory", "crashed", "busy"]


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


async def run_code(source: str, inputs: Mapping[str, Any], limits: Limits) -> tuple[Any, str]:
    """Runs the code with `inputs` as its variables: the value of its last line, and what it printed.

    The value is whatever the code made, converted to plain objects. Nested lists that share parts stay
    shared, so a small value can stand for a huge tree: code that is not ours must hand out text, whose
    length tells its size.
    """
    pool = await _pool()
    printed = CollectString(_MAX_PRINTED)
    try:
        async with pool.checkout(limits=_resources(limits), os_policy=_POLICY) as session:
            value = await session.feed_run(source, inputs=dict(inputs), print_callback=printed)
    except TimeoutError:
        raise SandboxError("busy", "No sandbox process became free in time.") from None
    except MontyError as error:
        raise _translated(error, printed.output) from None
    return value, printed.output


async def close_sandbox() -> None:
    """Ends this process's sandbox processes; the next call would open a new pool."""
    with _lock:
        opened = _opened.pop(os.getpid(), None)
    if opened is not None and opened.done():
        await opened.result().__aexit__(None, None, None)


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

_opened: dict[int, Future[AsyncMonty]] = {}
_lock = threading.Lock()
_inherited: list[dict[int, Future[AsyncMonty]]] = []


async def _pool() -> AsyncMonty:
    process = os.getpid()
    with _lock:
        opened = _opened.get(process)
        is_first = opened is None
        if opened is None:
            opened = _opened[process] = Future()
    if opened.done():
        return opened.result()
    if not is_first:
        # Shielded, because cancelling one waiter must not cancel the opening for all.
        return await asyncio.shield(asyncio.wrap_future(opened))
    return await _open(process, opened)


async def _open(process: int, opened: "Future[AsyncMonty]") -> AsyncMonty:
    pool = AsyncMonty(
        checkout_timeout=_CHECKOUT_SECONDS,
        feed_duration_limit_grace=_GRACE_SECONDS,
        max_checkouts_per_worker=_CALLS_PER_PROCESS,
    )
    try:
        await pool.__aenter__()
    except BaseException as error:
        with _lock:
            _opened.pop(process, None)
        opened.set_exception(SandboxError("busy", f"The sandbox could not be started: {error}"))
        raise
    opened.set_result(pool)
    return pool


def _forget_in_child() -> None:
    """A forked child cannot use its parent's pool, and must not drop it either: that would end the processes."""
    global _opened, _lock
    _inherited.append(_opened)
    _opened, _lock = {}, threading.Lock()


os.register_at_fork(after_in_child=_forget_in_child)

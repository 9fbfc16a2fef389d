"""The script processes of this process: started when they are needed, kept, and replaced when one has died.

A call takes a process for itself; there are as many as calls at once, up to MAX_PROCESSES. They end with their
input, so with this process, however that ends.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from queue import Empty, LifoQueue
from signal import SIGALRM
from typing import IO, Any, Literal, cast

from wire import strict_json
from workflows.expressions import MAX_PRINTED, Limits

MAX_PROCESSES = 8
PROCESS_BYTES = 512 * 1024 * 1024
"""Of one process altogether, with interpreter, program, data and result."""
_CHECKING = Limits(seconds=2)

Language = Literal["javascript", "jq", "liquid"]
Failure = Literal[
    "syntax", "raised", "timeout", "memory", "result_too_large", "printed_too_much", "not_json", "crashed"
]


class ScriptError(Exception):
    """The program did not come to its end. `message` may be empty where `failure` says it all."""

    def __init__(self, failure: Failure, message: str = "", printed: str = "") -> None:
        super().__init__(message or failure)
        self.failure = failure
        self.message = message
        self.printed = printed


async def run_script(language: Language, source: str, data: Any, limits: Limits) -> tuple[Any, str]:
    """The result, and what was printed. `data` is any JSON: JavaScript's `$`, jq's input. jq gives a list of all its
    results, JavaScript what it returns or else the value of its last statement. Liquid reads the members of an object
    by name, and gives text.

    Raises ScriptError within `limits.seconds` and a second, once a process is free.
    """
    loop = asyncio.get_running_loop()
    answer = await loop.run_in_executor(_threads(), _asked, language, source, strict_json.dumps(data), limits)
    try:
        return strict_json.loads(answer["text"].encode()), answer["printed"]
    except (strict_json.JsonFault, UnicodeEncodeError) as fault:
        raise ScriptError("not_json", str(fault), answer["printed"]) from None


def syntax_fault(language: Language, source: str) -> str | None:
    """What is wrong with the program as it is written; None if it can be run."""
    try:
        return _checked(language, source)
    except ScriptError as error:
        return error.message or f"The program cannot be read: {error.failure}."


@lru_cache(maxsize=1024)
def _checked(language: Language, source: str) -> str | None:
    """Raises ScriptError for what says nothing of the program, such as a machine that was too busy to check it."""
    try:
        _asked(language, source, None, _CHECKING)
    except ScriptError as error:
        if error.failure != "syntax":
            raise
        return error.message
    return None


async def template_names(source: str) -> list[str]:
    """The names from outside that a Liquid template reads. Raises ScriptError for what is none."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _names, source)


@lru_cache(maxsize=1024)
def _names(source: str) -> list[str]:
    names: list[str] = _asked("liquid", source, None, _CHECKING)["names"]
    return names


def _asked(language: Language, source: str, data: str | None, limits: Limits) -> dict[str, Any]:
    request = {"language": language, "source": source, "data": data, "seconds": limits.seconds}
    request |= {"memory": limits.memory_bytes, "most": limits.result_chars, "most_printed": MAX_PRINTED}
    with _process() as process:
        answer = process.ask(strict_json.dumps(request))
    if "failure" in answer:
        raise ScriptError(answer["failure"], answer["message"], answer["printed"])
    return answer


class _Process:
    def __init__(self) -> None:
        self._child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", str(Path(__file__).with_name("child.py")), str(PROCESS_BYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"TZ": "UTC", "LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
        self._requests = cast(IO[bytes], self._child.stdin)
        self._answers = cast(IO[bytes], self._child.stdout)

    def ask(self, request: str) -> dict[str, Any]:
        try:
            self._requests.write(request.encode() + b"\n")
            self._requests.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):
            raise self._died()
        return cast(dict[str, Any], strict_json.loads(line))

    def _died(self) -> ScriptError:
        status = self._child.wait()
        if status == -SIGALRM:
            return ScriptError("timeout")
        return ScriptError("crashed", "The program brought its process down; it may have needed too much memory.")

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def close(self) -> None:
        self._child.kill()
        self._child.communicate()


# --- one pool per process ---

_idle: LifoQueue[_Process] = LifoQueue()


@contextmanager
def _process() -> Iterator[_Process]:
    """A process for one call. One that did not answer is not used again."""
    try:
        process = _idle.get_nowait()
    except Empty:
        process = _Process()
    try:
        yield process
    finally:
        if process.is_alive:
            _idle.put(process)
        else:
            process.close()


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MAX_PROCESSES, thread_name_prefix="script")


def _forked() -> None:
    """The parent's processes are its own, and its threads are not copied."""
    global _idle
    _inherited.append(_idle)  # kept, because dropping it would close the parent's pipes' other ends here
    _idle = LifoQueue()
    _threads.cache_clear()


_inherited: list[LifoQueue[_Process]] = []
os.register_at_fork(after_in_child=_forked)

"""The engine as a part of a process: one thread with one event loop, started once and stopped cleanly."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections

from accounts.sealing import CannotOpenError
from runs.engine.attempts import CANCEL_SECONDS
from runs.engine.compiled import Kinds
from runs.engine.database import is_sqlite
from runs.engine.executor import ASK_AGAIN_SECONDS
from runs.engine.worker import Worker
from runs.services.events import tell_runs
from wire.outbound import OutboundClient
from wire.problems import Problem
from wire.strict_json import JsonFault, check_value
from workflows.nodes.base import NodeError, RaiseEvent, Secret
from workflows.nodes.registry import REGISTRY
from workflows.vault import NoSuchCredentialError, open_secret

logger = logging.getLogger(__name__)

T = TypeVar("T")

SIGN_ON_SECONDS = 10


class AlreadyRunningError(Exception):
    """Another process holds this data folder."""


class Engine:
    """`start()` comes back when the worker has signed on; `stop()` when every run is finished or given back."""

    name = "engine"

    def __init__(
        self,
        slots: int | None = None,
        lease: float | None = None,
        *,
        kinds: Kinds = REGISTRY,
        alone: bool | None = None,
        claims: bool = True,
    ) -> None:
        """`alone`: holds the data folder, so that no other engine can be alive (embedded only). Without `claims`
        it only runs what this process takes in and somebody waits for."""
        self._alone = is_sqlite() if alone is None else alone
        self._lock: IO[str] | None = None
        self._is_stopping = False
        self._worker = Worker(
            slots=slots or settings.SLOTS,
            lease=lease or settings.LEASE_SECONDS,
            kinds=kinds,
            http=OutboundClient(settings.OUTBOUND_ALLOW),
            open_secret=_open_secret,
            tell=_tell,
            alone=self._alone,
            claims=claims,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._life: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Raises AlreadyRunningError."""
        if self._alone:
            self._lock = _hold_data_folder()
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        self._worker.registered.wait(SIGN_ON_SECONDS)

    async def start_here(self) -> None:
        """The same in the running event loop, beside the web server: what comes in then changes no thread."""
        if self._alone:
            self._lock = _hold_data_folder()
        self._loop = asyncio.get_running_loop()
        self._life = self._loop.create_task(self._worker.live())
        self._life.add_done_callback(_tell_of_death)
        await asyncio.to_thread(self._worker.registered.wait, SIGN_ON_SECONDS)

    async def stop_here(self, grace_seconds: float) -> None:
        if self._life is not None and not self._life.done():
            await self._worker.stop(grace_seconds, grace_seconds)
            await asyncio.wait({self._life})
        self._let_go_of_folder()

    def works(self) -> bool:
        return self._thread.is_alive() or (self._life is not None and not self._life.done())

    def stop(self, grace_seconds: float = 30, hard_seconds: float | None = None) -> None:
        """Lets runs finish for a while, nodes that may not be repeated until `hard_seconds`; gives back the rest."""
        self.begin_stop(grace_seconds, hard_seconds)
        self.join()

    def begin_stop(self, grace_seconds: float, hard_seconds: float | None = None) -> None:
        """From now on nothing more is claimed."""
        if not self._is_stopping and self._loop is not None and self._thread.is_alive():
            self._is_stopping = True
            hard = grace_seconds if hard_seconds is None else hard_seconds
            asyncio.run_coroutine_threadsafe(self._worker.stop(grace_seconds, hard), self._loop)

    def join(self) -> None:
        if self._thread.ident is not None:
            self._thread.join()
        self._let_go_of_folder()

    def _let_go_of_folder(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _run(self) -> None:
        loop = self._loop
        assert loop is not None, "start() makes the loop"  # noqa: S101
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._worker.live())
            loop.run_until_complete(no_task_left())
            loop.run_until_complete(loop.shutdown_default_executor())
        except Exception:
            logger.critical("The engine died.", exc_info=True)
        finally:
            loop.close()


def _tell_of_death(life: asyncio.Task[None]) -> None:
    if not life.cancelled() and (error := life.exception()) is not None:
        logger.critical("The engine died.", exc_info=error)


async def no_task_left() -> None:
    """Nodes that ignored being cancelled are told once more; the process ends without them."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=CANCEL_SECONDS)


async def _open_secret(project_id: str, credential_id: str) -> Secret:
    def opened() -> Secret:
        try:
            return open_secret(project_id, credential_id)
        except (NoSuchCredentialError, CannotOpenError) as error:
            raise NodeError("credential_unusable", str(error), retryable=False) from error

    return await _in_thread(opened)


async def _tell(project_id: str, wanted: RaiseEvent, event_id: str) -> list[str]:
    def told() -> list[str]:
        try:
            check_value(wanted.payload)
            return tell_runs(project_id, wanted, event_id)
        except JsonFault as fault:
            raise NodeError("payload_not_json", str(fault), field="payload", retryable=False) from fault
        except Problem as problem:
            raise NodeError(problem.code, problem.detail, retryable=problem.status in (429, 503)) from problem

    return await _in_thread(told)


async def _in_thread(work: Callable[[], T]) -> T:
    """What uses Django's connections and may be done twice: as often as it takes, while the database is away."""

    def once() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    while True:
        try:
            return await asyncio.to_thread(once)
        except (OperationalError, InterfaceError) as error:
            logger.warning("A node could not ask the database and asks again: %s", error)
            await asyncio.sleep(ASK_AGAIN_SECONDS)


def lock_path() -> Path:
    """In the data folder, named for the database."""
    name = Path(str(connections["default"].settings_dict["NAME"])).stem
    return Path(settings.DATA_FOLDER) / f"{name}.lock"


def _hold_data_folder() -> IO[str]:
    """The kernel lets go of it when the process dies, however it dies."""
    path = lock_path()
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise AlreadyRunningError(f"The data folder {path.parent} is in use by process {holder}.") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock

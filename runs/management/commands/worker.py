"""`manage.py worker`: the engine, woken by Celery messages. It works without a broker too, by looking once a second."""

from __future__ import annotations

import signal
from typing import Any, ClassVar

from celery import bootsteps, current_app, signals
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from runs.engine.process import AlreadyRunningError, Engine
from runs.serving.first_start import require_fit_database
from runs.serving.memory import keep_what_is_loaded

# A person at the terminal does not wait; a service manager gives runs half a minute to finish, and nodes that
# may not be repeated twice that.
GRACE = {"SIGINT": (3, 3), "SIGTERM": (30, 60)}
THREADS = 2


class EarlySignals(bootsteps.StartStopStep):  # type: ignore[misc]
    """A signal that comes while the engine is at work already and Celery does not listen yet would end the process
    there and then, with its runs in hand. It is kept, and said again when Celery listens."""

    kept: ClassVar[list[int]] = []

    @classmethod
    def keep(cls) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: cls.kept.append(number))

    def start(self, parent: Any) -> None:
        for number in self.kept:
            signal.raise_signal(number)


class Command(BaseCommand):
    help = "Runs workflows: the engine, woken by Celery messages from the broker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slots", type=int, help="Runs at once; default: PENSTOCK_SLOTS.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_fit_database()
        except ImproperlyConfigured as fault:
            raise CommandError(str(fault)) from None
        self._work(Engine(options["slots"]))

    def _work(self, engine: Engine) -> None:

        def start(**_: Any) -> None:
            # Not on worker_ready: without a broker that never comes.
            try:
                engine.start()
            except AlreadyRunningError as fault:
                raise SystemExit(f"CommandError: {fault}") from None  # Celery would go on after any other error
            keep_what_is_loaded()

        def stop(sig: str = "SIGTERM", **_: Any) -> None:
            engine.begin_stop(*GRACE.get(sig, GRACE["SIGTERM"]))

        EarlySignals.keep()
        signals.worker_init.connect(start, weak=False)
        signals.worker_shutting_down.connect(stop, weak=False)
        app = current_app._get_current_object()
        app.conf.broker_connection_max_retries = None
        app.steps["worker"].add(EarlySignals)
        try:
            worker = app.Worker(
                pool="threads",
                concurrency=THREADS,
                loglevel="WARNING",
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
            )
            worker.start()
        finally:
            engine.begin_stop(*GRACE["SIGINT"])
            engine.join()

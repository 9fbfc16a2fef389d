"""`manage.py up`: everything in one process with no other service."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from runs.clock import Clock
from runs.engine.process import Engine
from runs.serving.doors import further_doors
from runs.serving.first_start import first_admin_with_samples, greeting, migrate
from runs.serving.folder import FolderHeldError, held
from runs.serving.process import log, started
from runs.serving.queue import EmbeddedCelery
from runs.serving.web import AddressTakenError, Web, listen
from runs.waiting import wait_for_end

SAMPLE_RUN_SECONDS = 10


class Command(BaseCommand):
    help = "Starts everything in one process: web app, API, workers and clock. Ctrl-C stops it."
    # The database is brought up to date first, so that there is nothing to check it against.
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with held(settings.DATA_FOLDER):
                self._run()
        except (FolderHeldError, AddressTakenError, ImproperlyConfigured) as fault:
            raise CommandError(str(fault)) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted while starting", returncode=130) from None

    def _run(self) -> None:
        bound = listen(settings.HOST, settings.PORT)
        migrate()
        admin, sample_runs = first_admin_with_samples()

        def ready() -> None:
            for run in sample_runs:
                wait_for_end(run.id, SAMPLE_RUN_SECONDS)
            self.stdout.write(greeting(admin))
            self.stdout.flush()

        with started([Clock(), EmbeddedCelery(current_app._get_current_object()), *further_doors()]) as stop:
            Web(Engine(), ready, stop).run(sockets=[bound])
        log.info("stopped")

"""`manage.py web`: the web server of the distributed shape; workers and clocks are processes of their own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from runs.engine.process import Engine
from runs.serving.doors import further_doors
from runs.serving.first_start import first_admin, greeting, require_migrated
from runs.serving.process import log, started
from runs.serving.web import AddressTakenError, Web, listen


class Command(BaseCommand):
    help = "Serves the web app, the API and webhooks. Needs `manage.py worker` and `manage.py clock` beside it."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run()
        except (AddressTakenError, ImproperlyConfigured) as fault:
            raise CommandError(str(fault)) from None

    def _run(self) -> None:
        bound = listen(settings.HOST, settings.PORT, shared=settings.SHARE_PORT)
        require_migrated()
        admin = first_admin()

        def ready() -> None:
            # A link lies in the log of every process, so it is made only for who has no other way in.
            if admin.user.has_usable_password():
                log.info("web is ready: %s/", settings.PUBLIC_URL)
            else:
                self.stdout.write(greeting(admin))
                self.stdout.flush()

        with started(further_doors()) as stop:
            Web(Engine(claims=False), ready, stop).run(sockets=[bound])
        log.info("web stopped")

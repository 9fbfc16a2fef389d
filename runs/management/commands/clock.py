"""`manage.py clock`: starts what is due by schedule. Any number of them may run; each occurrence starts once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from runs.clock import Clock
from runs.serving.first_start import require_migrated
from runs.serving.process import log, stay


class Command(BaseCommand):
    help = "Starts workflows that are due by their schedule. Ctrl-C stops it."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_migrated()
        except ImproperlyConfigured as fault:
            raise CommandError(str(fault)) from None
        log.info("the clock runs")
        stay([Clock()])
        log.info("the clock stopped")

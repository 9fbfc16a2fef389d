"""The Celery application. Its messages are only wake-ups: the run table is the queue (docs/architecture.md)."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("penstock")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _leave_logging_alone(**_: Any) -> None:
    """With a receiver here Celery sets up no logging of its own; config/settings.py has said how the log looks."""


setup_logging.connect(_leave_logging_alone, weak=False)

"""Beat's rows are made once; after that they belong to the administrator."""

from __future__ import annotations

import pytest
from celery import current_app
from django_celery_beat.models import PeriodicTask

from runs.serving.housekeeping import HOUSEKEEPING, ensure_housekeeping

pytestmark = pytest.mark.django_db


def test_every_entry_names_a_task_that_is_there() -> None:
    current_app.loader.import_default_modules()
    ensure_housekeeping()
    assert {each.task for each in PeriodicTask.objects.all()} == {task for _, task, _ in HOUSEKEEPING}
    assert {task for _, task, _ in HOUSEKEEPING} <= set(current_app.tasks)


def test_what_an_administrator_changed_stays_so() -> None:
    ensure_housekeeping()
    PeriodicTask.objects.update(enabled=False)
    ensure_housekeeping()
    assert not PeriodicTask.objects.filter(enabled=True).exists()


@pytest.mark.django_db(transaction=True)  # the sweeper's connection is not the test's
def test_each_task_can_be_done() -> None:
    current_app.loader.import_default_modules()
    for _, task, _ in HOUSEKEEPING:
        current_app.tasks[task]()

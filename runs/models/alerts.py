"""What went wrong, and the runs that were started to tell of it."""

from __future__ import annotations

from functools import partial

from django.db import models

from runs.models.runs import Run
from wire.ids import new_id
from workflows.models import Workflow


class Alert(models.Model):
    """Something went wrong and a workflow was to be started for it: the run that it is, or why there is none.

    `cause` is unique: whoever notices first tells it, and nobody tells it again.
    """

    class Kind(models.TextChoices):
        FAILED = "failed"
        STALLED = "stalled"
        MISSED = "missed"
        TEST = "test"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "alr"), editable=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    cause = models.CharField(max_length=120, unique=True)
    message = models.TextField()
    subject = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="alerts")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workflow", "-created_at", "-id"], name="alert_list_of_workflow")]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"

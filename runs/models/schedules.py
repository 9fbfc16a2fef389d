"""The occurrences of schedules, and ranges of the past that are run through again."""

from __future__ import annotations

from functools import partial

from django.db import models

from runs.models.runs import Run
from wire.ids import new_id
from workflows.models import Schedule, Workflow


class Backfill(models.Model):
    """A range of the past that a schedule runs through again, a few at a time. `next_due_at` is how far it got."""

    class Status(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "bkf"), editable=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="backfills")
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, related_name="backfills")
    since = models.DateTimeField()
    until = models.DateTimeField()
    only_missing = models.BooleanField(default=True)
    per_minute = models.PositiveSmallIntegerField()
    at_once = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    reason = models.TextField(blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    next_due_at = models.DateTimeField(null=True)
    last_started_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["status"], name="backfill_running", condition=models.Q(status="running"))]

    def __str__(self) -> str:
        return f"{self.since} to {self.until}"


class Firing(models.Model):
    """One occurrence of a schedule: the run that it started, or why there is none. Unique, hence never twice.

    `alarm`: it did not start within its grace time, and nobody has said yet that they know.
    """

    class Outcome(models.TextChoices):
        STARTED = "started"
        QUEUED = "queued"
        SKIPPED = "skipped"
        MISSED = "missed"
        REFUSED = "refused"

    # The schedule's own row goes when it is taken out of the drawing; its firings stay with the workflow.
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="firings")
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, related_name="firings")
    backfill = models.ForeignKey(Backfill, models.CASCADE, null=True, related_name="firings")
    due_at = models.DateTimeField()
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="firings")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    alarm = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "due_at"],
                condition=models.Q(backfill__isnull=True),
                name="one_firing_per_occurrence",
            ),
            models.UniqueConstraint(fields=["backfill", "due_at"], name="one_firing_per_backfilled_occurrence"),
        ]
        indexes = [
            models.Index(fields=["-due_at", "-id"], name="firing_list"),
            models.Index(fields=["workflow", "-due_at", "-id"], name="firing_list_of_workflow"),
            models.Index(fields=["schedule", "-due_at"], name="firing_list_of_schedule"),
            models.Index(fields=["schedule"], name="firing_queued", condition=models.Q(outcome="queued")),
            models.Index(fields=["workflow"], name="firing_alarm", condition=models.Q(alarm=True)),
        ]

    def __str__(self) -> str:
        return f"{self.due_at} {self.outcome}"

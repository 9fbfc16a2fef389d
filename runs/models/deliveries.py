"""Requests that reached the addresses of webhooks, and editors that wait for one."""

from __future__ import annotations

from functools import partial

from django.db import models

from accounts.models import Project
from runs.models.runs import Run
from wire.fields import JSONText
from wire.ids import new_id
from workflows.models import Workflow


class Delivery(models.Model):
    """One request that reached a webhook's address, and what became of it.

    Headers and body are kept here only where no run has them in its payload. A run may be gone before its delivery;
    then the delivery still names it.
    """

    class Outcome(models.TextChoices):
        STARTED = "started"
        DUPLICATE = "duplicate"
        FILTERED = "filtered"
        ANSWERED = "answered"
        HEARD = "heard"
        RAISED = "raised"
        REFUSED = "refused"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "dlv"), editable=False)
    # Unknown for an address that nobody has.
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, null=True, related_name="deliveries", db_index=False)
    node_id = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    code = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True)
    # Null where the caller waits for the run's own answer.
    status = models.PositiveSmallIntegerField(null=True)
    run = models.ForeignKey(Run, models.DO_NOTHING, null=True, related_name="deliveries", db_constraint=False)
    replay_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )
    delivery_key = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=20)
    path = models.CharField(max_length=500)
    query = models.TextField(blank=True)
    client_address = models.CharField(max_length=64, blank=True)
    headers = JSONText(null=True)
    body = models.BinaryField(null=True)
    body_size = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    duration_ms = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-received_at", "-id"], name="delivery_list"),
            models.Index(fields=["workflow", "-received_at", "-id"], name="delivery_list_of_workflow"),
            models.Index(fields=["replay_of"], name="delivery_replays", condition=models.Q(replay_of__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.outcome}"


class Listener(models.Model):
    """An editor that waits for the next request at a workflow's test address. What arrives starts no run."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "lis"), editable=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="listeners")
    expires_at = models.DateTimeField()
    node_id = models.CharField(max_length=200, blank=True)
    payload = JSONText(null=True)
    received_at = models.DateTimeField(null=True)
    refusal = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.id

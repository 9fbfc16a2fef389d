"""Runs, what stays of those that are gone, and the keys that start them once."""

from __future__ import annotations

from functools import partial

from django.db import models

from accounts.models import Project
from runs.models.big_values import ValueText
from wire.fields import JSONText
from wire.ids import new_id
from workflows.models import Version, Workflow


class RunQuerySet(models.QuerySet["Run"]):
    def for_project(self, project: Project) -> RunQuerySet:
        """The runs of one tenant. Every look-up starts here."""
        return self.filter(project=project)


class Run(models.Model):
    """One execution of one immutable version.

    `status` is what people see; `owner`, `epoch` and `ready_at` say who works on it; `intent` is what
    somebody asked for. The row itself is the queue: nothing else must survive for a run to go on.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        WAITING = "waiting"
        SUSPENDED = "suspended"
        COMPLETED = "completed"
        FAILED = "failed"
        TERMINATED = "terminated"

    TERMINAL = (Status.COMPLETED, Status.FAILED, Status.TERMINATED)
    GOING = (Status.PENDING, Status.RUNNING, Status.WAITING)
    LIVE = (*GOING, Status.SUSPENDED)

    class Intent(models.TextChoices):
        NONE = ""
        TERMINATE = "terminate"

    class Trigger(models.TextChoices):
        API = "api"
        MANUAL = "manual"
        WEBHOOK = "webhook"
        SCHEDULE = "schedule"
        WORKFLOW = "workflow"
        ALERT = "alert"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "fl_run"), editable=False)
    # The lists' indexes below begin with these two; one more each would only cost writes.
    project = models.ForeignKey(Project, models.CASCADE, related_name="runs", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="runs", db_index=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="runs")
    is_draft = models.BooleanField(default=False)
    handle = models.CharField(max_length=64, null=True)
    correlation_id = models.CharField(max_length=200, null=True)
    metadata = JSONText(default=dict)
    # What a dialect has to tell again and no column holds, such as its input's own text; NULL for most runs.
    extra = ValueText(null=True)
    priority = models.PositiveSmallIntegerField(default=0)

    trigger_type = models.CharField(max_length=10, choices=Trigger.choices)
    trigger_node = models.CharField(max_length=200, blank=True)
    trigger_payload = ValueText()
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="retries", db_index=False)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children", db_index=False)
    depth = models.PositiveSmallIntegerField(default=0)

    # Of a run from the editor that is about a part of the draft: {scope, node_id, targets, given}, the last two as
    # node ids. The outcomes that it was given are logs of the first epoch.
    partial = ValueText(null=True)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    intent = models.CharField(max_length=10, choices=Intent.choices, default=Intent.NONE, blank=True)
    owner = models.CharField(max_length=40, null=True)
    epoch = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    crashes = models.PositiveSmallIntegerField(default=0)
    seq = models.PositiveIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    """How many were raised for it: its owner compares, and looks into the inbox when there are more."""

    output = ValueText(null=True)
    # Always small, for lists tell it: details that are not are on the log alone.
    error = JSONText(null=True)
    # The first answer that a respond node gave: {status, headers, body}. Stored, so that any process can give it.
    response = ValueText(null=True)
    reason = models.TextField(blank=True)
    # Whose wish its end was, by e-mail; empty where the server ended it.
    terminated_by = models.CharField(max_length=254, blank=True, db_default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "handle"], name="one_run_per_handle", condition=models.Q(handle__isnull=False)
            ),
        ]
        # Every run is entered into each of them: what most runs have not is left out.
        indexes = [
            # The claim: who is next, by priority and then by age.
            models.Index(
                models.F("priority").desc(),
                "ready_at",
                "id",
                name="run_claim",
                condition=models.Q(owner__isnull=True, ready_at__isnull=False),
            ),
            models.Index(
                fields=["crashes"],
                name="run_suspects",
                condition=models.Q(owner__isnull=True, ready_at__isnull=False, crashes__gte=3),
            ),
            models.Index(fields=["owner"], name="run_owner", condition=models.Q(owner__isnull=False)),
            models.Index(fields=["deadline_at"], name="run_deadline", condition=models.Q(deadline_at__isnull=False)),
            # Those that sleep: the sweeper asks every few seconds whether something is still to wake each of them.
            models.Index(
                fields=["id"],
                name="run_asleep",
                condition=models.Q(
                    owner__isnull=True, ready_at__isnull=True, status__in=["pending", "running", "waiting"]
                ),
            ),
            # Lists page by keyset over these.
            models.Index(fields=["project", "-created_at", "-id"], name="run_list"),
            models.Index(fields=["workflow", "-created_at", "-id"], name="run_list_of_workflow"),
            models.Index(fields=["project", "status", "-created_at", "-id"], name="run_list_by_status"),
            models.Index(
                fields=["project", "correlation_id"],
                name="run_correlation",
                condition=models.Q(correlation_id__isnull=False),
            ),
            models.Index(fields=["retry_of"], name="run_retries", condition=models.Q(retry_of__isnull=False)),
            models.Index(fields=["parent"], name="run_children", condition=models.Q(parent__isnull=False)),
            # What failed lately, for those who are to be told of it.
            models.Index(fields=["completed_at"], name="run_failed", condition=models.Q(status="failed")),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_terminal(self) -> bool:
        return self.status in self.TERMINAL

    @property
    def is_on_its_way(self) -> bool:
        """Somebody works on it, or will as soon as there is room."""
        return self.status in self.GOING and (self.owner is not None or self.ready_at is not None)


class PurgedRun(models.Model):
    """The line that stays of a run that was deleted. No foreign keys: it outlives what it names."""

    id = models.CharField(primary_key=True, max_length=40, editable=False)
    project_id = models.CharField(max_length=40, db_index=True)
    workflow_id = models.CharField(max_length=40)
    handle = models.CharField(max_length=64, null=True)
    status = models.CharField(max_length=10, choices=Run.Status.choices)
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField()
    purged_by = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.id


class RunMetadata(models.Model):
    """One metadata pair of a run, for searching; the run's own `metadata` is what is shown."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="metadata_pairs")
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="one_metadata_value_per_key")]
        indexes = [models.Index(fields=["key", "value", "run"], name="run_metadata_search")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class IdempotencyKey(models.Model):
    """A start that was asked for under a key. `response` is the first answer's bytes, given again word for word."""

    project = models.ForeignKey(Project, models.CASCADE)
    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    run = models.ForeignKey(Run, models.SET_NULL, null=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    response = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "scope", "key"], name="one_start_per_key")]
        indexes = [models.Index(fields=["expires_at"], name="idempotency_expiry")]

    def __str__(self) -> str:
        return self.key

"""What: workflows, their versions drawn as nodes and edges, schedules, and credentials."""

from __future__ import annotations

import secrets
from functools import partial

from django.db import models

from accounts.models import Membership, Project, User
from wire.fields import JSONText
from wire.ids import new_id


def new_hook_token() -> str:
    """The secret in a webhook's URL: 32 lower-case letters and digits behind `whsec_`."""
    return f"whsec_{secrets.token_hex(16)}"


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    def for_project(self, project: Project) -> WorkflowQuerySet:
        """The workflows of one tenant that are not deleted. Every look-up starts here."""
        return self.filter(project=project, deleted_at=None)


class Workflow(models.Model):
    """One drawing with its history of versions. Deleted ones stay for the runs that name them."""

    class ScheduleType(models.TextChoices):
        MANUAL = "manual"
        CRON = "cron"
        INTERVAL = "interval"
        DAILY = "daily"
        WEEKLY = "weekly"
        MONTHLY = "monthly"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "fl"), editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="workflows")
    key = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    description = models.TextField(null=True, blank=True)
    tags = JSONText(default=list)
    authorization = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    max_concurrent_runs = models.PositiveSmallIntegerField(null=True)
    """How many of its runs may have begun and not ended; child runs do not count. None: any number."""
    deadline_seconds = models.PositiveIntegerField(null=True)
    """A run that has not ended so long after it may begin fails, unless its starter says otherwise."""
    run_days = models.PositiveSmallIntegerField(null=True)
    """Days after which its ended runs are deleted; 0: never. None: as the server's setting says, so too the next."""
    runs_kept = models.PositiveIntegerField(null=True)
    """How many of its latest runs are kept; 0: all."""
    node_limits = JSONText(null=True)
    """Bounds for every node of its versions, of whoever saved it: {node_seconds, delay_seconds, items}. They count for
    versions that are published while they are so."""
    is_active = models.BooleanField(default=False)
    activated_at = models.DateTimeField(null=True)
    schedule_type = models.CharField(max_length=10, choices=ScheduleType.choices, default=ScheduleType.MANUAL)
    schedule_value = models.CharField(max_length=200, null=True)
    next_run_at = models.DateTimeField(null=True)
    hook_token = models.CharField(max_length=60, unique=True, default=new_hook_token)
    draft = models.OneToOneField("Version", models.PROTECT, related_name="+")
    published = models.ForeignKey("Version", models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True)
    # What is started when a run of this one fails, or its schedule is missed; nothing from before `alerts_since`.
    alert_workflow = models.ForeignKey("self", models.SET_NULL, null=True, related_name="alerted_by")
    alerts_since = models.DateTimeField(null=True)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="one_workflow_per_key")]
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="workflow_list"),
            models.Index(fields=["id"], name="workflow_limited", condition=models.Q(max_concurrent_runs__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class Requirement(models.Model):
    """What a worker must know to run a version. Versions that need the same share a row; none is ever changed."""

    digest = models.CharField(max_length=64, unique=True)
    engine_format = models.PositiveSmallIntegerField()
    kinds = JSONText()
    """Names of node kinds, as they stand in the drawing."""

    def __str__(self) -> str:
        return ", ".join(self.kinds)


class Version(models.Model):
    """One state of a drawing, as rows of nodes and edges.

    A *draft* is the one that the editor writes; its `revision` counts the saves. A *snapshot* is a
    draft frozen because it was run, one that is *apart* a drawing that was run without ever being the draft. A
    *published* version has a number. Only drafts ever change.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        SNAPSHOT = "snapshot"
        APART = "apart"
        PUBLISHED = "published"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "ver"), editable=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="versions", null=True)
    state = models.CharField(max_length=10, choices=State.choices)
    number = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField(default=1)
    note = models.TextField(blank=True)
    notes = JSONText(default=list)
    groups = JSONText(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # Of a frozen one.
    requirement = models.ForeignKey(Requirement, models.PROTECT, null=True, related_name="+")
    # A dialect's client has deleted it: its runs go on, and by that dialect no other begins.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["workflow", "revision"],
                condition=models.Q(state="snapshot"),
                name="one_snapshot_per_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_id} {self.number or self.state}"


class Presence(models.Model):
    """Somebody has the workflow open: one row for each tab, kept fresh while it is. It locks nobody out."""

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="presences")
    client = models.CharField(max_length=64)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=200, null=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "client"], name="one_presence_per_tab")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.workflow_id}"


class Node(models.Model):
    """One box of a version. `data` holds the settings as they were sent; `extra` what else a canvas said of it."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="nodes")
    ordinal = models.PositiveIntegerField()
    node_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=100)
    type = models.CharField(max_length=100, null=True)
    parent_id = models.CharField(max_length=200, null=True)
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    data = JSONText()
    extra = JSONText()

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["version", "node_id"], name="one_node_per_id")]

    def __str__(self) -> str:
        return self.node_id


class Edge(models.Model):
    """One arrow of a version, from a handle of `source` to `target`."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="edges")
    ordinal = models.PositiveIntegerField()
    edge_id = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    target = models.CharField(max_length=200)
    source_handle = models.CharField(max_length=200, null=True)
    target_handle = models.CharField(max_length=200, null=True)
    extra = JSONText()

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["version", "edge_id"], name="one_edge_per_id")]

    def __str__(self) -> str:
        return self.edge_id


class Pin(models.Model):
    """What a node of the draft is taken to have put out, so that trying out the rest does not do its work again.

    It stands beside the drawing and not in it: no version holds it, and only runs from the editor use it.
    """

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="pins")
    node_id = models.CharField(max_length=200)
    handle = models.CharField(max_length=200)
    value = JSONText(null=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["node_id"]
        constraints = [models.UniqueConstraint(fields=["workflow", "node_id"], name="one_pin_per_node")]

    def __str__(self) -> str:
        return f"{self.node_id} of {self.workflow_id}"


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def for_project(self, project: Project) -> ScheduleQuerySet:
        """The schedules of one tenant's workflows. Every look-up starts here."""
        return self.filter(workflow__project=project, workflow__deleted_at=None)


class Schedule(models.Model):
    """One calendar that starts a workflow. `node_id` is its trigger node, empty for the workflow's own schedule.

    There is a row for each schedule of the published version. `next_due_at` is set while it is armed: the workflow
    active, the schedule not paused, an occurrence ahead. It moves on from the due time, never from now, so that
    no occurrence is lost (docs/durability.md). The fields in between are those of workflows.timetable.Timetable.
    """

    class CatchUp(models.TextChoices):
        SKIP = "skip"
        LATEST = "latest"
        ALL = "all"

    class Overlap(models.TextChoices):
        ALLOW = "allow"
        SKIP = "skip"
        QUEUE = "queue"
        REPLACE = "replace"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "sch"), editable=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="schedules")
    node_id = models.CharField(max_length=200, blank=True)
    schedule_type = models.CharField(max_length=10, choices=Workflow.ScheduleType.choices)
    schedule_value = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    jitter_seconds = models.PositiveIntegerField(default=0)
    catch_up = models.CharField(max_length=10, choices=CatchUp.choices, default=CatchUp.LATEST)
    overlap = models.CharField(max_length=10, choices=Overlap.choices, default=Overlap.ALLOW)
    grace_seconds = models.PositiveIntegerField(default=60)
    anchor_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=500, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        indexes = [
            # The clock's only question: what is due, earliest first.
            models.Index(fields=["next_due_at"], name="schedule_due", condition=models.Q(next_due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.schedule_type} {self.schedule_value}"


class TaskType(models.Model):
    """The rules of one type of tasks that workers outside do, for nodes that say nothing else."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="task_types")
    name = models.CharField(max_length=200)
    lease = models.FloatField(null=True)
    """Seconds without word from its worker, after which another one gets a task."""
    timeout = models.FloatField(null=True)
    """Seconds for the whole task."""
    retry = JSONText(null=True)
    # As the client of a dialect sent it.
    definition = JSONText()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_task_type_per_name")]

    def __str__(self) -> str:
        return self.name


class HookName(models.Model):
    """A readable address of the webhooks of a workflow's published version: `/hooks/{project}/{name}/…`."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="hook_names")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_hook_per_name")]

    def __str__(self) -> str:
        return self.name


class CredentialQuerySet(models.QuerySet["Credential"]):
    def for_project(self, project: Project) -> CredentialQuerySet:
        return self.filter(project=project)


class Credential(models.Model):
    """A secret that nodes use by id. `sealed` is Fernet text of the id and the data; it never leaves the server."""

    class Kind(models.TextChoices):
        BEARER = "bearer"
        BASIC = "basic"
        HEADER = "header"
        QUERY = "query"
        SIGNING = "signing"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "cred"), editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_credential_per_name")]

    def __str__(self) -> str:
        return self.name

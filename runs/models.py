"""What happened: runs, their logs and waits, the workers that own them, and the keys that start them once."""

from __future__ import annotations

from functools import partial

from django.db import models

from accounts.models import Project
from wire.fields import JSONText
from wire.ids import new_id
from workflows.models import Schedule, Version, Workflow


class Worker(models.Model):
    """One engine process. It may write for its runs while `lease_until` lies ahead."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "wrk"), editable=False)
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()

    def __str__(self) -> str:
        return self.id


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
    extra = JSONText(null=True)
    priority = models.PositiveSmallIntegerField(default=0)

    trigger_type = models.CharField(max_length=10, choices=Trigger.choices)
    trigger_node = models.CharField(max_length=200, blank=True)
    trigger_payload = JSONText()
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="retries")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    depth = models.PositiveSmallIntegerField(default=0)

    # Of a run from the editor that is about a part of the draft: {scope, node_id, targets, given}, the last two as
    # node ids. The outcomes that it was given are logs of the first epoch.
    partial = JSONText(null=True)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    intent = models.CharField(max_length=10, choices=Intent.choices, default=Intent.NONE, blank=True)
    owner = models.CharField(max_length=40, null=True)
    epoch = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    crashes = models.PositiveSmallIntegerField(default=0)
    seq = models.PositiveIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    """How many were raised for it: its owner compares, and looks into the inbox when there are more."""

    output = JSONText(null=True)
    error = JSONText(null=True)
    # The first answer that a respond node gave: {status, headers, body}. On the row, so that any process can give it.
    response = JSONText(null=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "handle"], name="one_run_per_handle"),
        ]
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
            # Lists page by keyset over these.
            models.Index(fields=["project", "-created_at", "-id"], name="run_list"),
            models.Index(fields=["workflow", "-created_at", "-id"], name="run_list_of_workflow"),
            models.Index(fields=["project", "status", "-created_at", "-id"], name="run_list_by_status"),
            models.Index(fields=["project", "correlation_id"], name="run_correlation"),
            # What failed lately, for those who are to be told of it.
            models.Index(fields=["completed_at"], name="run_failed", condition=models.Q(status="failed")),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_terminal(self) -> bool:
        return self.status in self.TERMINAL


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


class Log(models.Model):
    """One attempt of one node in a run. Written by the journal alone; `seq` orders a run's changes for the stream."""

    class Status(models.TextChoices):
        STARTED = "started"
        COMPLETED = "completed"
        FAILED = "failed"
        INTERRUPTED = "interrupted"
        TERMINATED = "terminated"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "fl_log"), editable=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="logs", db_index=False)
    seq = models.PositiveIntegerField()
    node_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=100)
    iteration = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField()
    epoch = models.PositiveIntegerField()
    status = models.CharField(max_length=11, choices=Status.choices)
    handle = models.CharField(max_length=200, null=True)
    output = JSONText(null=True)
    error = JSONText(null=True)
    messages = JSONText(null=True)
    # What a container was opened with (engine Passes): a new owner opens it with the same.
    passes = JSONText(null=True)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["run", "node_id", "iteration", "attempt"], name="one_log_per_attempt")
        ]
        indexes = [models.Index(fields=["run", "seq"], name="log_stream")]

    def __str__(self) -> str:
        return f"{self.node_id} #{self.attempt} {self.status}"


class Wait(models.Model):
    """What a run waits for at one place: a timer, the next attempt, an event, a child run's end, a container's time."""

    class Kind(models.TextChoices):
        TIMER = "timer"
        BACKOFF = "backoff"
        EVENT = "event"
        CHILD = "child"
        TIMEOUT = "timeout"

    run = models.ForeignKey(Run, models.CASCADE, related_name="waits", db_index=False)
    node_id = models.CharField(max_length=200)
    iteration = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    wake_at = models.DateTimeField(null=True)
    child = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200, null=True)
    correlation = models.CharField(max_length=200, null=True)
    outcome = JSONText(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "node_id", "iteration", "attempt", "kind"], name="one_wait_per_attempt"
            )
        ]
        indexes = [
            # Timers are found here, never held in memory or in the broker.
            models.Index(
                fields=["wake_at"],
                name="wait_due",
                condition=models.Q(done_at__isnull=True, wake_at__isnull=False),
            ),
            models.Index(fields=["child"], name="wait_child", condition=models.Q(child__isnull=False)),
            models.Index(
                fields=["correlation", "name"],
                name="wait_event",
                condition=models.Q(done_at__isnull=True, correlation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.node_id}"


class Event(models.Model):
    """Something that a run was told from outside. It stays in the inbox until a node takes it; each is taken once.

    One without a name sets variables of the run: its payload is merged into them.
    """

    VARIABLES = ""
    """The name of one that sets variables."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="inbox", db_index=False)
    event_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    correlation = models.CharField(max_length=200, null=True)
    payload = JSONText(null=True)
    received_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    # Of one that sets variables: where in the run's order it was taken over.
    seq = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "event_id"], name="one_event_per_id")]
        indexes = [
            models.Index(fields=["run", "id"], name="event_inbox", condition=models.Q(delivered_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.name


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
    replay_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_constraint=False)
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

"""What the engine records of a run as it goes: attempts of its nodes, what it waits for, what it was told."""

from __future__ import annotations

from functools import partial

from django.db import models

from runs.models.big_values import ValueText
from runs.models.runs import Run
from wire.fields import JSONText
from wire.ids import new_id


class Log(models.Model):
    """One attempt of one node in a run. Written by the journal alone; `seq` orders a run's changes for the stream."""

    class Status(models.TextChoices):
        STARTED = "started"
        COMPLETED = "completed"
        FAILED = "failed"
        INTERRUPTED = "interrupted"
        TERMINATED = "terminated"

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "fl_log"), editable=False)
    # Written with the run's row locked or in the commit that makes it, so the database need not look for it again.
    run = models.ForeignKey(Run, models.CASCADE, related_name="logs", db_index=False, db_constraint=False)
    seq = models.PositiveIntegerField()
    node_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=100)
    iteration = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField()
    epoch = models.PositiveIntegerField()
    status = models.CharField(max_length=11, choices=Status.choices)
    handle = models.CharField(max_length=200, null=True)
    output = ValueText(null=True)
    error = ValueText(null=True)
    messages = JSONText(null=True)
    # How far the node said last that it is: {fraction, message}.
    progress = JSONText(null=True)
    # What a container was opened with (engine Passes): a new owner opens it with the same.
    passes = ValueText(null=True)
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
        START = "start"
        """Of the run itself: it was to start later. No node has it."""
        TASK = "task"

    run = models.ForeignKey(Run, models.CASCADE, related_name="waits", db_index=False)
    node_id = models.CharField(max_length=200)
    iteration = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    wake_at = models.DateTimeField(null=True)
    child = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200, null=True)
    correlation = models.CharField(max_length=200, null=True)
    outcome = ValueText(null=True)
    done_at = models.DateTimeField(null=True)
    # Of a task for workers (`name` is its type): from when on one may take it, and who took it last.
    poll_at = models.DateTimeField(null=True)
    priority = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=200, null=True)
    polls = models.PositiveIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)
    progress = ValueText(null=True)
    # Whose workers may take it, each name between commas; NULL for those that name no domain.
    domains = models.TextField(null=True)

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
            # The tasks of a type, the most urgent first.
            models.Index(
                "name",
                models.F("priority").desc(),
                "id",
                name="wait_task",
                condition=models.Q(done_at__isnull=True, poll_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.node_id}"


class Event(models.Model):
    """Something that a run was told from outside. It stays in the inbox until a node takes it; each is taken once.

    One without a name sets variables of the run: its payload is merged into them.
    With a `node_id` it is what comes of that node, and for no other: of this `attempt`, or of whichever is next.
    """

    VARIABLES = ""
    """The name of one that sets variables."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="inbox", db_index=False)
    event_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    correlation = models.CharField(max_length=200, null=True)
    payload = ValueText(null=True)
    node_id = models.CharField(max_length=200, null=True)
    iteration = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField(null=True)
    # The failure that it tells of, {code, message, retryable}, instead of a payload.
    error = JSONText(null=True)
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

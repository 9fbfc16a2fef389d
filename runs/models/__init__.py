"""What happened: runs, what the engine records of them, and what started them or came to their doors."""

from runs.models.alerts import Alert
from runs.models.big_values import MOST_IN_ROW, BigValue, BigValueUse, Reference, ValueText, reference_to
from runs.models.deliveries import Delivery, Listener
from runs.models.journal import Event, Log, Wait
from runs.models.runs import IdempotencyKey, PurgedRun, Run, RunMetadata, RunQuerySet
from runs.models.schedules import Backfill, Firing
from runs.models.workers import Worker

__all__ = [
    "MOST_IN_ROW",
    "Alert",
    "Backfill",
    "BigValue",
    "BigValueUse",
    "Delivery",
    "Event",
    "Firing",
    "IdempotencyKey",
    "Listener",
    "Log",
    "PurgedRun",
    "Reference",
    "Run",
    "RunMetadata",
    "RunQuerySet",
    "ValueText",
    "Wait",
    "Worker",
    "reference_to",
]

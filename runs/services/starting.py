"""Accepting runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction
from django.utils import timezone

from runs.engine import queries
from runs.engine.big_values import BigValues, by_django
from runs.engine.new_run import deadline_of, run_row, starts_at
from runs.engine.wake import wake
from runs.models import Run, RunMetadata, Wait
from wire.ids import new_id
from wire.problems import Conflict, NotFound
from workflows.models import Version, Workflow
from workflows.services import snapshot_of_draft

_COLUMNS = [field.attname for field in Run._meta.concrete_fields]


@dataclass(frozen=True, slots=True)
class StartOptions:
    trigger_type: str
    version: int | Literal["draft"] | Version | None = None
    """A published number, the draft as it is now, this version, or the newest published one."""
    version_of: Run | None = None
    """Runs just what this run ran, whatever was published since."""
    trigger_node: str = ""
    """The trigger that fired; empty: the one that a start by hand means."""
    correlation_id: str | None = None
    priority: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    handle: str | None = None
    """The caller's own id for the run."""
    takes_handle_from: Sequence[str] = ()
    """The statuses of an earlier run that may lose this id to the new one; it stays readable by ours."""
    extra: Mapping[str, Any] | None = None
    """What the caller's dialect will have to tell again: `Run.extra`."""
    retry_of: Run | None = None
    parent: Run | None = None
    deadline_seconds: float | None = None
    start_at: datetime | None = None
    """Not before then; until then it is pending."""
    partial: dict[str, Any] | None = None
    """What of the draft the run is about, as its row says it."""


def start_run(workflow: Workflow, payload: Any, options: StartOptions) -> Run:
    """Accepts a run: once this is committed it ends, whatever dies meanwhile. Joins the caller's transaction.

    Raises Conflict (`not_published`, `run_id_taken`) or NotFound for a version that is not there.
    """
    with transaction.atomic():
        version, is_draft = version_to_run(workflow, options)
        now = timezone.now()
        begins = max(now, options.start_at or now)
        row = run_row(
            run_id=new_id("fl_run"),
            project_id=workflow.project_id,
            workflow_id=workflow.id,
            version_id=version,
            trigger_type=options.trigger_type,
            trigger_node=options.trigger_node,
            payload=payload,
            at=now,
            is_draft=is_draft,
            handle=options.handle,
            correlation_id=options.correlation_id,
            metadata=dict(options.metadata),
            extra=None if options.extra is None else dict(options.extra),
            priority=options.priority,
            retry_of_id=options.retry_of.id if options.retry_of else None,
            parent_id=options.parent.id if options.parent else None,
            depth=options.parent.depth + 1 if options.parent else 0,
            deadline_at=deadline_of(begins, options.deadline_seconds or workflow.deadline_seconds),
            partial=options.partial,
        )
        if begins > now:
            row |= {"ready_at": None, "reason": starts_at(begins)}
        _insert(row, options)
        transaction.on_commit(wake)
    return as_run(row, payload, options)


def version_to_run(workflow: Workflow, options: StartOptions) -> tuple[str, bool]:
    """The id, and whether it is a draft's."""
    wanted = options.version
    if options.version_of is not None:
        return options.version_of.version_id, options.version_of.is_draft
    if wanted == "draft":
        nodes = options.partial["targets"] if options.partial else None
        return snapshot_of_draft(workflow, nodes=nodes).id, True
    if isinstance(wanted, Version):
        return wanted.id, wanted.number is None
    if wanted is not None:
        found = Version.objects.filter(workflow=workflow, number=wanted).values_list("id", flat=True).first()
        if found is None:
            raise NotFound(f"The workflow has no version {wanted}.")
        return found, False
    if workflow.published_id is None:
        raise Conflict("The workflow has no published version to run. Publish it first.", code="not_published")
    return workflow.published_id, False


def _insert(row: dict[str, Any], options: StartOptions) -> None:
    """Plain SQL: on the way of every run, the ORM would cost more than all the rest."""
    big = BigValues()
    [row] = big.in_runs([row])
    if options.handle is None:
        queries.INSERT_RUNS.by_django(connection, row)
    else:
        try:
            with transaction.atomic():
                _free_handle(row, options.takes_handle_from)
                queries.INSERT_RUNS.by_django(connection, row)
        except IntegrityError as error:
            raise Conflict(f"There is a run {options.handle!r} already.", code="run_id_taken") from error
    big.write(by_django)
    pairs = [RunMetadata(run_id=row["id"], key=key, value=value) for key, value in options.metadata.items()]
    if pairs:
        RunMetadata.objects.bulk_create(pairs)
    if row["ready_at"] is None:
        Wait.objects.create(run_id=row["id"], kind=Wait.Kind.START, attempt=0, wake_at=options.start_at)


def _free_handle(row: dict[str, Any], statuses: Sequence[str]) -> None:
    """Of two that want one id at once, the second waits here, finds it taken already, and fails on the insert."""
    if statuses:
        holder = Run.objects.filter(project=row["project_id"], handle=row["handle"], status__in=statuses)
        holder.update(handle=None)


def as_run(row: dict[str, Any], payload: Any, options: StartOptions) -> Run:
    """The row as a model instance, as if it had been read back."""
    said = {"metadata": dict(options.metadata), "extra": options.extra, "partial": options.partial}
    told = {**row, "trigger_payload": payload, **said}
    return Run.from_db(DEFAULT_DB_ALIAS, _COLUMNS, [told[name] for name in _COLUMNS])

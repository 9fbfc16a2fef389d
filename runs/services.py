"""Starting and steering runs. The engine's journal writes what happens in them; everything else is asked for here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from runs.engine import queries
from runs.engine.new_run import run_row
from runs.engine.wake import wake
from runs.models import Run, RunMetadata, Wait
from wire.ids import new_id
from wire.problems import Conflict, NotFound
from workflows.models import Version, Workflow
from workflows.services import snapshot_of_draft


@dataclass(frozen=True, slots=True)
class StartOptions:
    trigger_type: str
    version: int | Literal["draft"] | None = None
    """A published number, the draft as it is now, or the newest published one."""
    trigger_node: str = ""
    """The trigger that fired; empty: the one that a start by hand means."""
    correlation_id: str | None = None
    priority: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    handle: str | None = None
    """The caller's own id for the run."""
    retry_of: Run | None = None
    parent: Run | None = None
    deadline_seconds: float | None = None


def start_run(workflow: Workflow, payload: Any, options: StartOptions) -> Run:
    """Accepts a run: once this is committed it ends, whatever dies meanwhile. Joins the caller's transaction.

    Raises Conflict (`not_published`, `run_id_taken`) or NotFound for a version that is not there.
    """
    with transaction.atomic():
        version = _version(workflow, options.version)
        now = timezone.now()
        row = run_row(
            run_id=new_id("fl_run"),
            project_id=workflow.project_id,
            workflow_id=workflow.id,
            version_id=version,
            trigger_type=options.trigger_type,
            trigger_node=options.trigger_node,
            payload=payload,
            at=now,
            is_draft=options.version == "draft",
            handle=options.handle,
            correlation_id=options.correlation_id,
            metadata=dict(options.metadata),
            priority=options.priority,
            retry_of_id=options.retry_of.id if options.retry_of else None,
            parent_id=options.parent.id if options.parent else None,
            depth=options.parent.depth + 1 if options.parent else 0,
            deadline_at=None if options.deadline_seconds is None else now + timedelta(seconds=options.deadline_seconds),
        )
        _insert(row, options)
        transaction.on_commit(wake)
    return _as_run(row, payload, options)


def _version(workflow: Workflow, wanted: int | str | None) -> str:
    if wanted == "draft":
        return snapshot_of_draft(workflow).id
    if wanted is not None:
        found = Version.objects.filter(workflow=workflow, number=wanted).values_list("id", flat=True).first()
        if found is None:
            raise NotFound(f"The workflow has no version {wanted}.")
        return found
    if workflow.published_id is None:
        raise Conflict("The workflow has no published version to run. Publish it first.", code="not_published")
    return workflow.published_id


def _insert(row: dict[str, Any], options: StartOptions) -> None:
    """Plain SQL: on the way of every run, the ORM would cost more than all the rest."""
    if options.handle is None:
        queries.INSERT_RUNS.by_django(connection, row)
    else:
        try:
            with transaction.atomic():
                queries.INSERT_RUNS.by_django(connection, row)
        except IntegrityError as error:
            raise Conflict(f"There is a run {options.handle!r} already.", code="run_id_taken") from error
    pairs = [RunMetadata(run_id=row["id"], key=key, value=value) for key, value in options.metadata.items()]
    if pairs:
        RunMetadata.objects.bulk_create(pairs)


def _as_run(row: dict[str, Any], payload: Any, options: StartOptions) -> Run:
    """The row as a model instance, as if it had been read back."""
    run = Run(**{**row, "trigger_payload": payload, "metadata": dict(options.metadata)})
    run._state.adding, run._state.db = False, connection.alias
    return run


# --- steering ---


def terminate_run(run: Run, *, reason: str = "", output: Any = None) -> Run:
    """Asks the run to stop, with everything below it. From this commit on none of its nodes starts.

    A run that nobody works on, and that has nothing open, ends at once. A terminal run stays as it is. Rows are
    locked without their keys: a commit that checks a reference to one of them must not wait for us, nor we for it.
    """
    with transaction.atomic():
        if output is not None:
            Run.objects.filter(id=run.id, status__in=Run.LIVE, intent=Run.Intent.NONE).update(output=output)
        level = [*Run.objects.select_for_update(no_key=True).filter(id=run.id)]
        while level:
            for each in level:
                _ask_to_terminate(each, reason if each.id == run.id else "The parent run was terminated.")
            level = _children(level)
        transaction.on_commit(wake)
    run.refresh_from_db()
    return run


def _children(parents: list[Run]) -> list[Run]:
    """The live runs for which these wait, locked. Nothing new comes below a run that was asked to stop."""
    waited_for = Wait.objects.filter(run__in=parents, done_at=None, child__isnull=False).values("child_id")
    live = Run.objects.filter(id__in=waited_for, status__in=Run.LIVE)
    return list(live.select_for_update(no_key=True).order_by("id"))


def _ask_to_terminate(run: Run, reason: str) -> None:
    live = Run.objects.filter(id=run.id, status__in=Run.LIVE, intent=Run.Intent.NONE)
    if run.owner is None and not run.logs.filter(status="started").exists():
        live.update(
            status=Run.Status.TERMINATED,
            intent=Run.Intent.TERMINATE,
            reason=reason,
            ready_at=None,
            completed_at=timezone.now(),
            seq=run.seq + 1,
        )
        run.waits.filter(done_at=None).update(done_at=timezone.now())
        _wake_parent(run)
        return
    live.update(intent=Run.Intent.TERMINATE, reason=reason)
    # A worker closes what is open; whoever owns the run already hears of it by itself.
    Run.objects.filter(id=run.id, owner=None, status__in=Run.LIVE).update(ready_at=timezone.now())


def _wake_parent(run: Run) -> None:
    """Its wait is over. Somebody else who has the parent's row at this moment may want the child's next, so this
    does not wait for it: the sweeper looks again."""
    waiting = Run.objects.filter(id=run.parent_id, owner=None, ready_at=None, status=Run.Status.WAITING)
    free = list(waiting.select_for_update(skip_locked=True, no_key=True).values_list("id", flat=True))
    Run.objects.filter(id__in=free).update(ready_at=timezone.now())

"""Alert workflows: started when a run of the workflow that names them fails or stalls, or its schedule is missed.

Every cause is told once, whoever notices it first, however often they look: its key is unique. What an alert
started never raises one, so that no alert can go round in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from runs.models import Alert, Firing, Run
from runs.services import StartOptions, start_run
from wire.ids import new_id
from wire.problems import Conflict, Problem
from wire.times import to_wire
from workflows.models import Schedule, Workflow

Kind = Alert.Kind

LOOK_BACK = timedelta(days=1)
# A run that could start and that no worker has taken for so long.
STALLED_AFTER = timedelta(minutes=5)
BATCH = 100


Teller = Callable[[Run], dict[str, Any] | None]
_tellers: list[Teller] = []


def told_by(teller: Teller) -> None:
    """Takes on another way to say what an alert workflow is told of a run: the first that says something is taken, with
    what the caller's dialect keeps of the run."""
    if teller not in _tellers:
        _tellers.append(teller)


def tell_missed(schedule: Schedule, firings: Sequence[Firing], now: datetime) -> None:
    """One alert for all that one look of the clock found missed, refused or late. Joins the caller's transaction."""
    workflow = schedule.workflow
    if not firings or workflow.alert_workflow_id is None:
        return
    first, last = firings[0], firings[-1]
    count = len(firings)
    message = f"{count} start{'s' if count > 1 else ''} did not happen in time, the last due at {to_wire(last.due_at)}."
    if last.reason:
        message += f" {last.reason}"
    more = {
        "schedule": {
            "id": schedule.pk,
            "node_id": schedule.node_id,
            "count": count,
            "first_due_at": to_wire(first.due_at),
            "last_due_at": to_wire(last.due_at),
        }
    }
    _tell(workflow, Kind.MISSED, f"missed:{schedule.pk}:{to_wire(last.due_at)}", message, now, more=more)


def tell_of_runs(look_back: timedelta = LOOK_BACK) -> int:
    """Tells of runs that failed or stalled and were not told of yet; how many."""
    now = timezone.now()
    failed = _not_told().filter(
        status=Run.Status.FAILED,
        completed_at__gte=now - look_back,
        workflow__alerts_since__lte=F("completed_at"),
    )
    stalled = _not_told().filter(owner=None, ready_at__lt=now - STALLED_AFTER, status__in=Run.LIVE)
    stalled = stalled.exclude(started_at=None, workflow__max_concurrent_runs__isnull=False)  # these have to wait
    both = [*failed.order_by("completed_at")[:BATCH], *stalled[:BATCH]]
    return sum(_tell_of(run, now) for run in both)


def tell_of_end(run: Run) -> None:
    """Tells of a run that somebody has ended, as of one that failed, where its workflow names an alert workflow."""
    if run.workflow.alert_workflow_id is not None and run.trigger_type != Run.Trigger.ALERT:
        message = run.reason or "The run was terminated."
        _tell(run.workflow, Kind.FAILED, f"{Kind.FAILED}:{run.pk}", message, timezone.now(), run=run)


def _not_told() -> Any:
    told = Alert.objects.filter(subject=OuterRef("pk"))
    runs = Run.objects.filter(workflow__alert_workflow__isnull=False).exclude(trigger_type=Run.Trigger.ALERT)
    return runs.filter(~Exists(told)).select_related("workflow")


def _tell_of(run: Run, now: datetime) -> bool:
    error = run.error or {}
    if run.status != Run.Status.FAILED:
        kind, message = Kind.STALLED, "No worker has taken the run for more than five minutes."
    else:
        kind = Kind.STALLED if error.get("code") == "stalled" else Kind.FAILED
        message = str(error.get("message") or "The run failed.")
    return _tell(run.workflow, kind, f"{kind}:{run.pk}", message, now, run=run)


def send_test(workflow: Workflow) -> Alert:
    """Starts the alert workflow with a payload like a real one's, marked as a test. Conflict without one."""
    if workflow.alert_workflow_id is None:
        raise Conflict("The workflow names no alert workflow.", code="no_alert_workflow")
    cause = f"test:{new_id('tst')}"
    _tell(workflow, Kind.TEST, cause, "This is a test: nothing went wrong.", timezone.now())
    return Alert.objects.select_related("run").get(cause=cause)


def _tell(
    workflow: Workflow,
    kind: Kind,
    cause: str,
    message: str,
    now: datetime,
    *,
    run: Run | None = None,
    more: dict[str, Any] | None = None,
) -> bool:
    """The alert and its run in one commit; False when somebody else told it already."""
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                workflow=workflow, kind=kind, cause=cause, message=message, subject=run, created_at=now
            )
    except IntegrityError:
        return False
    try:
        target = Workflow.objects.get(pk=workflow.alert_workflow_id)
        if target.deleted_at is not None:
            raise Conflict("The alert workflow was deleted.")
        payload, options = _payload(alert, workflow, run), StartOptions(trigger_type=Run.Trigger.ALERT)
        if run is not None and (told := _in_other_words(run)) is not None:
            payload, options = told, replace(options, correlation_id=run.correlation_id, extra=run.extra)
        alert.run = start_run(target, {**payload, **(more or {})}, options)
    except Problem as refusal:
        alert.reason = refusal.detail
    alert.save(update_fields=["run", "reason"])
    return True


def _in_other_words(run: Run) -> dict[str, Any] | None:
    return next((told for teller in _tellers if (told := teller(run)) is not None), None)


def _payload(alert: Alert, workflow: Workflow, run: Run | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": alert.kind,
        "message": alert.message,
        "at": to_wire(alert.created_at),
        "workflow": {"id": workflow.pk, "key": workflow.key, "name": workflow.name},
        "run": None,
    }
    if run is not None:
        said["run"] = {
            "id": run.pk,
            "status": run.status,
            "trigger_type": run.trigger_type,
            "error": run.error,
            "url": f"{settings.PUBLIC_URL}/app/runs/{run.pk}",
        }
    return said

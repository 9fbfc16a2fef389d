"""The `failureWorkflow` of a definition: what it is told of the run that failed. It is the alert workflow here."""

from __future__ import annotations

from typing import Any

from runs.dialects.conductor.forms import as_object, workflow_id
from runs.dialects.conductor.records import STATUS, reason, status_of, workflow
from runs.dialects.conductor.versions import kept_definition
from runs.models import Log, Run


def failure_input(run: Run) -> dict[str, Any] | None:
    """The failed run's input, and what is known of its failure; None where its definition names no such workflow."""
    if not (kept_definition(run.version_id) or {}).get("failureWorkflow"):
        return None
    failed = run.logs.filter(status=Log.Status.FAILED, handle=None).order_by("-seq").first()
    told = {"failureTaskId": failed.id} if failed else {}
    return {
        **as_object(run.trigger_payload),
        "reason": reason(run) or "",
        "workflowId": workflow_id(run),
        "failureStatus": status_of(run) if run.is_terminal else STATUS[Run.Status.TERMINATED],
        **told,
        "failedWorkflow": workflow(run, with_tasks=False),
    }

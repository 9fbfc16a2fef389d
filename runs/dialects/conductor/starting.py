"""Starting a run as Conductor's clients ask for it, with its strategies for a key that comes again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.callers import Caller
from runs import idempotency, services
from runs.dialects.conductor import forms, versions
from runs.dialects.conductor.base import ConductorView, whole
from runs.dialects.conductor.definitions import faults_below
from runs.engine.worker_tasks import TASK_DOMAINS
from runs.models import Run
from wire.problems import BadRequest, Conflict, NotFound
from workflows.models import Version, Workflow

STRATEGIES = ("RETURN_EXISTING", "FAIL", "FAIL_ON_RUNNING")
MAX_CORRELATION_ID = 200
MAX_DOMAINS = 1_000
_NEWEST = (None, 0)


@dataclass(frozen=True)
class Asked:
    """A start, checked."""

    workflow: Workflow
    version: int | Version | None
    """A number as its clients have it, what an inline definition became, or the newest."""
    input: dict[str, Any]
    correlation_id: str | None
    priority: int
    key: str | None
    strategy: str
    extra: dict[str, Any]


def asked(view: ConductorView, name: Any, body: dict[str, Any]) -> Asked:
    """`body` as StartWorkflowRequest has it; BadRequest names what cannot be used, NotFound an unknown workflow."""
    payload = body.get("input") if body.get("input") is not None else {}
    if not isinstance(payload, dict):
        raise BadRequest.parameter("input", "must be an object.")
    key, strategy = _idempotency(view, body)
    kept = {"createdBy": body.get("createdBy"), TASK_DOMAINS: _domains(body), "idempotencyKey": key}
    workflow, version = _meant(view, name, body)
    return Asked(
        workflow=workflow,
        version=version,
        input=payload,
        correlation_id=text_in(body, "correlationId", MAX_CORRELATION_ID),
        priority=whole("priority", body.get("priority") or 0, 0, 99),
        key=key,
        strategy=strategy,
        extra={name: value for name, value in kept.items() if value},
    )


def _meant(view: ConductorView, name: Any, body: dict[str, Any]) -> tuple[Workflow, int | Version | None]:
    if body.get("workflowDef") is not None:
        with faults_below("workflowDef"):
            return versions.version_for(view.caller, body["workflowDef"])
    if not isinstance(name, str) or not name:
        raise BadRequest.parameter("name", "must be the name of a workflow.")
    wanted = body.get("version")
    version = None if wanted in _NEWEST else whole("version", wanted, 1, 10**9)
    return view.find_workflow(name, version), version


def _domains(body: dict[str, Any]) -> dict[str, str] | None:
    domains = body.get(TASK_DOMAINS)
    if domains is not None and not (isinstance(domains, dict) and all(map(_is_domain, domains.values()))):
        limit = f"at most {MAX_DOMAINS:,} characters"
        raise BadRequest.parameter(TASK_DOMAINS, f"must be an object that gives task types domains, text of {limit}.")
    return domains


def _is_domain(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_DOMAINS and "\0" not in value


def _idempotency(view: ConductorView, body: dict[str, Any]) -> tuple[str | None, str]:
    """The headers win. A strategy without a key means nothing."""
    headers = view.request.headers
    key: Any
    strategy: Any
    if "X-Idempotency-key" in headers:
        key, strategy = headers["X-Idempotency-key"], headers.get("X-on-conflict")
    else:
        key, strategy = body.get("idempotencyKey"), body.get("idempotencyStrategy") or "RETURN_EXISTING"
    key = _text("idempotencyKey", key, idempotency.MAX_KEY_LENGTH)
    if key is not None and strategy not in STRATEGIES:
        raise BadRequest.parameter("idempotencyStrategy", f"must be one of {', '.join(STRATEGIES)}.")
    return key, str(strategy)


def text_in(body: dict[str, Any], name: str, longest: int) -> str | None:
    return _text(name, body.get(name), longest)


def _text(name: str, value: Any, longest: int) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise BadRequest.parameter(name, f"must be text of at most {longest} characters.")
    return value


def start(caller: Caller, wanted: Asked) -> Run:
    """The run: a new one, or the one that its key stands for. Conflict where the strategy says so."""
    if wanted.key is None:
        return _start(wanted)
    scope = f"conductor:{wanted.workflow.id}"

    def replaces(earlier: Run) -> bool:
        if wanted.strategy == "RETURN_EXISTING":
            return False
        if wanted.strategy == "FAIL" or not earlier.is_terminal:
            named = f"the key '{wanted.key}' belongs to the workflow {forms.workflow_id(earlier)}"
            raise Conflict(f"Workflow was not started: {named}.", code="idempotency_conflict")
        return True

    return idempotency.start_unless(caller.project, scope, wanted.key, lambda: _start(wanted), replaces)


def _start(wanted: Asked) -> Run:
    version = wanted.version
    if not isinstance(version, Version):
        version = versions.find_version(wanted.workflow, version)
    options = services.StartOptions(
        trigger_type=Run.Trigger.API,
        version=version,
        correlation_id=wanted.correlation_id,
        priority=wanted.priority,
        extra=wanted.extra or None,
        deadline_seconds=versions.timeout_of(version),
    )
    try:
        run = services.start_run(wanted.workflow, wanted.input, options)
    except NotFound:
        name = wanted.workflow.key
        raise NotFound(f"No such workflow found by name: {name}, version: {wanted.version}") from None
    run.workflow = wanted.workflow
    return run

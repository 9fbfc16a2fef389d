"""Flows and executions as FunctionGraph tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from runs.dialects.functiongraph.drawing import KEPT_AS, state_of
from runs.dialects.functiongraph.times import milliseconds, text_of
from runs.dialects.kept import kept_in, nodes_at_work
from runs.models import Log, Run
from runs.records import log_records
from runs.story import drawing_of
from workflows.document import Document, read_document
from workflows.models import Version, Workflow

Json = dict[str, Any]

STATUS = {"completed": "success", "failed": "fail", "terminated": "cancel"}
RUNNING = "running"
_LOG_STATUS = {"completed": "success", "started": RUNNING, "failed": "fail", "interrupted": "fail"}


# --- flows ---


def urn_of(workflow: Workflow) -> str:
    return f"urn:fss:local:{workflow.project_id}:workflow:default:{workflow.name}:latest"


def flow_info(workflow: Workflow) -> Json:
    body = definition(workflow)
    return {
        "id": workflow.id,
        "workflow_urn": urn_of(workflow),
        "name": workflow.name,
        "description": workflow.description or "",
        "created_time": text_of(workflow.created_at),
        "updated_time": text_of(workflow.updated_at),
        "created_by": _author(workflow),
        "enable_stream_response": bool(body.get("enable_stream_response")),
    }


def flow_record(workflow: Workflow) -> Json:
    return {**flow_info(workflow), "lts_group_id": "", "lts_stream_id": "", "definition": definition(workflow)}


def definition(workflow: Workflow) -> Json:
    """As it was sent; of a workflow that was drawn here, its nodes as states."""
    document = _document(workflow.published_id or workflow.draft_id)
    return _kept(document) or _derived(workflow, document)


def _document(version_id: str) -> Document:
    return read_document(Version(pk=version_id))


def _kept(document: Document) -> Json | None:
    return kept_in((node["data"] for node in document["nodes"]), KEPT_AS)


def _derived(workflow: Workflow, document: Document) -> Json:
    ways: dict[str, str] = {}
    for edge in document["edges"]:
        ways.setdefault(edge["source"], edge["target"])
    nodes = nodes_at_work(document)
    states = [
        {
            "id": node["id"],
            "name": node["data"].get("label") or node["id"],
            "type": "Operation",
            "actions": [{"function_ref": {"ref_name": node["data"]["componentId"], "invoke_mode": "synchronize"}}],
            **({"transition": ways[node["id"]]} if node["id"] in ways else {"end": True}),
        }
        for node in nodes
    ]
    kinds = dict.fromkeys(node["data"]["componentId"] for node in nodes)
    functions = [{"name": kind, "operation": kind, "metadata": {}} for kind in kinds]
    start = nodes[0]["id"] if nodes else ""
    return {"name": workflow.name, "start": start, "states": states, "functions": functions, "mode": "NORMAL"}


def _author(workflow: Workflow) -> str:
    return workflow.updated_by.email if workflow.updated_by else ""


# --- executions ---


def execution_id(run: Run) -> str:
    return run.handle or run.id


def status_of(run: Run) -> str:
    if not run.is_terminal and run.intent == Run.Intent.TERMINATE:
        return STATUS[Run.Status.TERMINATED]  # nothing else can become of it
    if run.status == Run.Status.FAILED and (run.error or {}).get("code") == "deadline":
        return "timeout"
    return STATUS.get(run.status, RUNNING)


def execution_brief(run: Run) -> Json:
    ended = {"end_time": text_of(run.completed_at)} if run.completed_at else {}
    return {
        "workflow_id": run.workflow_id,
        "workflow_urn": urn_of(run.workflow),
        "execution_id": execution_id(run),
        "status": status_of(run),
        "begin_time": text_of(run.started_at or run.created_at),
        **ended,
        "last_update_time": text_of(run.completed_at or run.started_at or run.created_at),
        "created_by": _author(run.workflow),
    }


def execution_detail(run: Run) -> Json:
    extra = run.extra or {}
    return {
        **execution_brief(run),
        "last_update_time": text_of(_last_change(run)),
        **({"create_time": extra["create_time"]} if extra.get("create_time") else {}),
        "headers": extra.get("headers") or {},
        "input": run.trigger_payload,
        "output": run.output,
        "node_execution_details": _states(run),
    }


def execution_result(run: Run) -> Json:
    """Of a run that somebody waited for."""
    failed = [log for log in _attempts(run) if log["status"] == "failed" and log["handle"] is None]
    errors = [
        {
            "node_id": state_of(log["node_id"]),
            "error_message": log["error"]["message"],
            "begin_time": text_of(log["started_at"]),
            "end_time": text_of(log["completed_at"]),
        }
        for log in failed
    ]
    return {
        "execution_id": execution_id(run),
        "status": status_of(run),
        "output": run.output,
        "errors": errors,
        "begin_time": text_of(run.started_at or run.created_at),
        "end_time": text_of(run.completed_at),
    }


def _last_change(run: Run) -> Any:
    last = run.logs.aggregate(began=Max("started_at"), ended=Max("completed_at"))
    moments = [run.completed_at, run.started_at, run.created_at, last["began"], last["ended"]]
    return max(moment for moment in moments if moment is not None)


def _attempts(run: Run) -> Sequence[Json]:
    return log_records(run, list(Log.objects.filter(run=run)))


def _states(run: Run) -> list[Json]:
    """One entry for a state, in the order in which they began, with one inner entry for an attempt or a turn."""
    document = drawing_of(run.version_id).document
    kept = _kept(document)
    names = (
        {state["id"]: state["name"] for state in kept["states"]}
        if kept
        else {node["id"]: node["data"].get("label") or node["id"] for node in nodes_at_work(document)}
    )
    found: dict[str, list[Json]] = {}
    for log in _attempts(run):
        state = log["node_id"] if kept is None else state_of(log["node_id"])
        # What stands before a state's last node is told only where it failed.
        if state in names and (log["node_id"] == state or log["status"] == "failed"):
            is_first = kept is not None and state == kept["start"]
            found.setdefault(state, []).append(_attempt(run, log, is_first=is_first))
    return [
        {"node_id": state, "node_name": names[state], "execution_id": execution_id(run), "executions": attempts}
        for state, attempts in found.items()
    ]


def _attempt(run: Run, log: Json, *, is_first: bool) -> Json:
    ended = {"end_time": milliseconds(log["completed_at"])} if log["completed_at"] else {}
    failed = {"error_message": log["error"]["message"]} if log["error"] else {}
    return {
        "status": _LOG_STATUS.get(log["status"], "cancel"),
        "input": run.trigger_payload if is_first else log["input"],
        "output": log["output"],
        "begin_time": milliseconds(log["started_at"]),
        **ended,
        **failed,
        "request_id": log["id"],
    }

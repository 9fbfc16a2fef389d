"""Executions: started, waited for, listed, read, ended and tried again."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs import services
from runs.dialects.functiongraph import records, schemas
from runs.dialects.functiongraph.base import FlowView, empty, whole_number
from runs.dialects.functiongraph.drawing import MERGE
from runs.dialects.functiongraph.errors import invalid
from runs.dialects.functiongraph.times import read_moment
from runs.dialects.views import json_object
from runs.models import Run
from runs.services import Retry, StartOptions
from runs.waiting import wait_for_end
from wire import strict_json
from wire.problems import Conflict
from workflows.models import Workflow

EXPRESS_SECONDS = 300
SHOWN_BACK_TO = timedelta(days=3)
MAX_LISTED = 200
MAX_HISTORY = 100
MAX_TOTAL = 10_000

_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MILLISECONDS = re.compile(r"[0-9]{1,16}")
_STATUSES = {
    "running": Run.LIVE,
    "success": (Run.Status.COMPLETED,),
    "fail": (Run.Status.FAILED,),
    "timeout": (Run.Status.FAILED,),
    "cancel": (Run.Status.TERMINATED,),
}
_RUN_HEADERS = [
    OpenApiParameter("X-WorkflowRun-ID", {"type": "string"}, OpenApiParameter.HEADER, description="Names the run."),
    OpenApiParameter("X-Create-Time", {"type": "string"}, OpenApiParameter.HEADER),
    OpenApiParameter("X-WorkflowRun-MergeFnParameters", {"type": "string"}, OpenApiParameter.HEADER),
]
_FILTERS = [
    OpenApiParameter("offset", {"type": "integer", "minimum": 0, "default": 0}),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1}),
    OpenApiParameter("start_time"),
    OpenApiParameter("end_time"),
]


def start(view: FlowView, workflow: Workflow, request: Request, seconds: float | None = None) -> Run:
    """The same id, flow and body gives the run that it started before; another body is BadRequest."""
    body = json_object(request)
    if not isinstance(body.get("input"), dict):
        raise invalid("input", "must be an object." if "input" in body else "is required.")
    if not isinstance(body.get("headers", {}), dict | None):
        raise invalid("headers", "must be an object.")
    named = request.headers.get("X-WorkflowRun-ID")
    if named is not None and not _RUN_ID.fullmatch(named):
        raise invalid("X-WorkflowRun-ID", "must be 1 to 64 letters, digits, - or _.")
    fingerprint = hashlib.sha256(strict_json.canonical([workflow.id, body])).hexdigest()
    options = StartOptions(
        trigger_type=Run.Trigger.API,
        handle=named or str(uuid.uuid4()),
        metadata=_metadata(request),
        extra={
            "headers": body.get("headers") or {},
            "create_time": _create_time(request),
            "fingerprint": fingerprint,
        },
        deadline_seconds=seconds,
    )
    try:
        return services.start_run(workflow, body["input"], options)
    except Conflict as conflict:
        if conflict.code != "run_id_taken":
            raise invalid("workflow_id", conflict.detail) from None
    earlier = Run.objects.for_project(view.project).select_related("workflow", "version").get(handle=named)
    if (earlier.extra or {}).get("fingerprint") != fingerprint:
        raise invalid("X-WorkflowRun-ID", "names another run already.")
    return earlier


def _create_time(request: Request) -> str | None:
    """When the caller says that it made the execution, kept as it is: epoch milliseconds."""
    text = request.headers.get("X-Create-Time") or None
    if text is not None and not _MILLISECONDS.fullmatch(text):
        raise invalid("X-Create-Time", "must be epoch milliseconds.")
    return text


def _metadata(request: Request) -> dict[str, str]:
    merges = request.headers.get("X-WorkflowRun-MergeFnParameters", "").lower() == "true"
    return {MERGE: "true"} if merges else {}


class ExecutionsView(FlowView):
    @extend_schema(
        operation_id="startWorkflowExecution",
        summary="Start a flow",
        request=schemas.ExecuteBody,
        responses=schemas.Started,
        parameters=_RUN_HEADERS,
        tags=["executions"],
    )
    def post(self, request: Request, project_id: str, flow_id: str) -> Response:
        run = start(self, self.find_flow(flow_id), request)
        return Response({"execution_id": records.execution_id(run)})

    @extend_schema(
        operation_id="listWorkflowExecutions",
        summary="A flow's executions, newest first",
        responses=schemas.BriefList,
        parameters=[OpenApiParameter("status", {"type": "string", "enum": list(_STATUSES)}), *_FILTERS],
        tags=["executions"],
    )
    def get(self, request: Request, project_id: str, flow_id: str) -> Response:
        limit = whole_number(request, "limit", MAX_LISTED, 1, MAX_LISTED)
        offset = whole_number(request, "offset", 0, 0, 10**6)
        status = request.query_params.get("status")
        if status is not None and status not in _STATUSES:
            raise invalid("status", f"must be one of {', '.join(_STATUSES)}.")
        rows = executions_of(request, self.find_flow(flow_id))
        if status in ("fail", "timeout"):
            # Which of the two a failed run is stands in its error; there are few of them.
            failed = rows.filter(status=Run.Status.FAILED)[:MAX_TOTAL]
            page = [run for run in failed if records.status_of(run) == status][offset : offset + limit]
        else:
            wanted = rows.filter(status__in=_STATUSES[status]) if status else rows
            page = list(wanted[offset : offset + limit])
        return Response({"executions": [records.execution_brief(run) for run in page]})


class HistoryView(FlowView):
    @extend_schema(
        operation_id="listWorkflowExecutionsHistory",
        summary="The same with a total",
        responses=schemas.History,
        parameters=_FILTERS,
        tags=["executions"],
    )
    def get(self, request: Request, project_id: str, flow_id: str) -> Response:
        limit = whole_number(request, "limit", MAX_HISTORY, 1, MAX_HISTORY)
        offset = whole_number(request, "offset", 0, 0, 10**6)
        rows = executions_of(request, self.find_flow(flow_id))
        page = [records.execution_brief(run) for run in rows[offset : offset + limit]]
        return Response({"total": rows[:MAX_TOTAL].count(), "size": len(page), "executions": page})


def executions_of(request: Request, workflow: Workflow) -> QuerySet[Run]:
    """Newest first, of the last three days unless the query names other times."""
    since, until = (request.query_params.get(name) for name in ("start_time", "end_time"))
    rows = Run.objects.filter(workflow=workflow).select_related("workflow__updated_by", "version")
    first = read_moment("start_time", since) if since else timezone.now() - SHOWN_BACK_TO
    if since or not until:
        rows = rows.filter(created_at__gte=first)
    if until:
        rows = rows.filter(created_at__lte=read_moment("end_time", until))
    return rows.order_by("-created_at", "-id").defer("trigger_payload", "output", "response")


class SyncView(FlowView):
    @extend_schema(
        operation_id="startSyncWorkflowExecution",
        summary="Run an express flow and wait for its end",
        request=schemas.ExecuteBody,
        responses=schemas.Result,
        parameters=_RUN_HEADERS,
        tags=["executions"],
    )
    def post(self, request: Request, project_id: str, flow_id: str) -> Response:
        workflow = self.find_flow(flow_id)
        if records.definition(workflow).get("mode") != "EXPRESS":
            raise invalid("workflow_id", "Only flows of the mode EXPRESS run while the caller waits.")
        run = start(self, workflow, request, EXPRESS_SECONDS)
        wait_for_end(run.id, EXPRESS_SECONDS + 10)
        return Response(records.execution_result(self.find_execution(flow_id, records.execution_id(run))))


class ExecutionView(FlowView):
    @extend_schema(
        operation_id="showWorkflowExecution",
        summary="One execution with its states",
        responses=schemas.Detail,
        tags=["executions"],
    )
    def get(self, request: Request, project_id: str, flow_id: str, execution_id: str) -> Response:
        return Response(records.execution_detail(self.find_execution(flow_id, execution_id)))


class TerminateView(FlowView):
    @extend_schema(
        operation_id="stopWorkFlow",
        summary="End an execution",
        request=None,
        responses=schemas.Empty,
        tags=["executions"],
    )
    def post(self, request: Request, project_id: str, flow_id: str, execution_id: str) -> Response:
        """From now on its status is `cancel`; what runs is told to stop."""
        run = self.find_execution(flow_id, execution_id)
        if records.status_of(run) != records.RUNNING:
            raise invalid("execution_id", "The execution has ended already.")
        services.terminate_run(run, reason="Ended over the FunctionGraph API.", by=self.caller.user.email)
        return empty()


class RetryView(FlowView):
    @extend_schema(
        operation_id="retryWorkFlow",
        summary="Try a failed execution again",
        request=None,
        responses=schemas.Empty,
        tags=["executions"],
    )
    def post(self, request: Request, project_id: str, flow_id: str, execution_id: str) -> Response:
        """Under the same id: states that completed keep their output, the failed ones run again."""
        with transaction.atomic():
            run = self.find_execution(flow_id, execution_id)
            if run.status != Run.Status.FAILED:
                raise invalid("execution_id", "Only an execution that failed can be tried again.")
            if records.definition(run.workflow).get("mode") == "EXPRESS":
                raise invalid("workflow_id", "An express flow keeps no history to go on from.")
            services.retry_run(run, Retry(from_failed=True, takes_handle=True))
        return empty()

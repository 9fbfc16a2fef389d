"""What nodes did, over many runs."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs.dialects.altostrat import records, schemas
from runs.dialects.altostrat.base import AltostratView
from runs.dialects.altostrat.pages import PAGE, page_of
from runs.models import Log
from wire.problems import BadRequest
from wire.times import from_query

_LEVELS = tuple(dict.fromkeys(records.LOG_STATUS.values()))
_FILTERS = [
    OpenApiParameter("level", {"type": "string", "enum": _LEVELS}),
    OpenApiParameter("node", {"type": "string"}, description="A node's id."),
    OpenApiParameter("run", {"type": "string"}, description="A run's id."),
    OpenApiParameter("from", {"type": "string", "format": "date-time"}),
    OpenApiParameter("to", {"type": "string", "format": "date-time"}),
    *PAGE,
]


class LogsView(AltostratView):
    def answer(self, request: Request, logs: QuerySet[Log]) -> Response:
        rows = _filtered(request, logs).order_by("-started_at", "-id")
        return Response(page_of(request, rows, records.log_of))


class RecentLogsView(LogsView):
    @extend_schema(
        operation_id="listRecentLogs",
        summary="What nodes did lately, in all workflows",
        parameters=_FILTERS,
        responses=schemas.LogPage,
        tags=["logs"],
    )
    def get(self, request: Request) -> Response:
        return self.answer(request, Log.objects.filter(run__project=self.project))


class WorkflowLogsView(LogsView):
    @extend_schema(
        operation_id="listLogs",
        summary="What a workflow's nodes did, newest first",
        parameters=_FILTERS,
        responses=schemas.LogPage,
        tags=["logs"],
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        return self.answer(request, Log.objects.filter(run__workflow=self.find_workflow(workflow_id)))


def _filtered(request: Request, logs: QuerySet[Log]) -> QuerySet[Log]:
    query = request.query_params
    statuses = [status for status, level in records.LOG_STATUS.items() if query.get("level", level) == level]
    if not statuses:
        raise BadRequest.parameter("level", f"must be one of {', '.join(_LEVELS)}.")
    logs = logs.filter(status__in=statuses)
    if "node" in query:
        logs = logs.filter(node_id=query["node"])
    if "run" in query:
        logs = logs.filter(run_id=query["run"])
    if "from" in query:
        logs = logs.filter(started_at__gte=from_query("from", query["from"]))
    if "to" in query:
        logs = logs.filter(started_at__lte=from_query("to", query["to"]))
    return logs

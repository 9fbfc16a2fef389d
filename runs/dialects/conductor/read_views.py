"""Reading runs: one, by correlation id, and by search."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs.dialects.conductor import forms, records, schemas, task_records
from runs.dialects.conductor.base import ConductorView
from runs.dialects.conductor.blocking import begun
from runs.dialects.conductor.search import MAX_HITS, MAX_SIZE, newest_of_chains, search
from runs.dialects.conductor.versions import ids_of
from runs.dialects.views import json_object
from runs.models import Run
from runs.records import variables_of
from wire.problems import BadRequest

MAX_LISTED = 1_000
MAX_MILLIS = 4 * 10**12
_BETWEEN = [
    OpenApiParameter(name, {"type": "integer", "minimum": 0, "maximum": MAX_MILLIS}, description="When they started.")
    for name in ("startTime", "endTime")
]
_TASKS = OpenApiParameter("includeTasks", {"type": "boolean"})
_CLOSED = OpenApiParameter("includeClosed", {"type": "boolean"})


class WorkflowView(ConductorView):
    @extend_schema(
        operation_id="getWorkflow",
        summary="A run",
        responses=schemas.Workflow,
        parameters=[_TASKS],
        tags=["read"],
    )
    def get(self, request: Request, name: str) -> Response:
        """`name` is the run's id here."""
        with_tasks, run = self.flag("includeTasks", True), self.find_run(name)
        return Response(records.workflow(begun(run) if with_tasks else run, with_tasks=with_tasks))


class StatusView(ConductorView):
    @extend_schema(
        operation_id="getStatus",
        summary="A run's status",
        responses=schemas.Status,
        parameters=[
            OpenApiParameter("includeOutput", {"type": "boolean"}),
            OpenApiParameter("includeVariables", {"type": "boolean"}),
        ],
        tags=["read"],
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        run = self.find_run(workflow_id)
        told: dict[str, Any] = {"workflowId": forms.workflow_id(run), "status": records.status_of(run)}
        if run.correlation_id is not None:
            told["correlationId"] = run.correlation_id
        if self.flag("includeOutput", False):
            told["output"] = forms.as_object(run.output)
        if self.flag("includeVariables", False):
            told["variables"] = variables_of(run, list(run.logs.all()))
        return Response(told)


class TasksView(ConductorView):
    @extend_schema(
        operation_id="getTasks",
        summary="What a run's nodes did",
        responses=schemas.Found,
        parameters=[
            OpenApiParameter("start", {"type": "integer", "minimum": 0}),
            OpenApiParameter("count", {"type": "integer", "minimum": 1, "maximum": MAX_LISTED}),
            OpenApiParameter("status", {"type": "string"}, many=True),
        ],
        tags=["read"],
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        run = begun(self.find_run(workflow_id))
        start, count = self.number("start", 0, 0, 10**6), self.number("count", 15, 1, MAX_LISTED)
        wanted = set(request.query_params.getlist("status"))
        tasks = [
            task for task in task_records.tasks(run, list(run.logs.all())) if not wanted or task["status"] in wanted
        ]
        return Response({"totalHits": len(tasks), "results": tasks[start : start + count]})


class SearchView(ConductorView):
    @extend_schema(
        operation_id="search",
        summary="Runs that fit a query",
        responses=schemas.Found,
        parameters=[
            OpenApiParameter("start", {"type": "integer", "minimum": 0}),
            OpenApiParameter("size", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE}),
            OpenApiParameter("sort", {"type": "string"}, description="`startTime:DESC`"),
            OpenApiParameter("freeText", {"type": "string"}),
            OpenApiParameter(
                "query", {"type": "string"}, description="`workflowType=a AND status IN (COMPLETED,FAILED)`"
            ),
        ],
        tags=["read"],
    )
    def get(self, request: Request) -> Response:
        start, size = self.number("start", 0, 0, MAX_HITS), self.number("size", 100, 1, MAX_SIZE)
        found = search(self.project, self.given("query"), self.given("freeText"), self.given("sort"))
        results = [records.summary(run) for run in found[start : start + size]]
        return Response({"totalHits": found[:MAX_HITS].count(), "results": results})


class CorrelatedView(ConductorView):
    """Runs by correlation id."""

    def told(self, name: str, correlation_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        runs = newest_of_chains(self.project).filter(workflow=self.find_workflow(name))
        if not self.flag("includeClosed", False):
            runs = runs.filter(status__in=Run.LIVE)
        with_tasks = self.flag("includeTasks", False)
        found: dict[str, list[dict[str, Any]]] = {}
        for correlation_id in correlation_ids:
            rows = runs.filter(correlation_id=correlation_id).order_by("-created_at", "-id")[:MAX_LISTED]
            found[correlation_id] = [records.workflow(run, with_tasks=with_tasks) for run in rows]
        return found


class CorrelatedOneView(CorrelatedView):
    @extend_schema(
        operation_id="getCorrelated",
        summary="Runs with a correlation id",
        responses=schemas.Workflows,
        parameters=[_CLOSED, _TASKS],
        tags=["read"],
    )
    def get(self, request: Request, name: str, correlation_id: str) -> Response:
        return Response(self.told(name, [correlation_id])[correlation_id])


class CorrelatedManyView(CorrelatedView):
    @extend_schema(
        operation_id="getCorrelatedMany",
        summary="Runs with any of these correlation ids",
        request=schemas.CorrelationIds,
        responses=schemas.WorkflowsById,
        parameters=[_CLOSED, _TASKS],
        tags=["read"],
    )
    def post(self, request: Request, name: str) -> Response:
        return Response(self.told(name, texts("", request.data)))


class CorrelatedBatchView(CorrelatedView):
    @extend_schema(
        operation_id="getCorrelatedBatch",
        summary="The same over several workflows",
        request=schemas.CorrelatedBatch,
        responses=schemas.WorkflowsById,
        parameters=[_CLOSED, _TASKS],
        tags=["read"],
    )
    def post(self, request: Request) -> Response:
        body = json_object(request)
        correlation_ids = texts("correlationIds", body.get("correlationIds"))
        found: dict[str, list[dict[str, Any]]] = {each: [] for each in correlation_ids}
        for name in texts("workflowNames", body.get("workflowNames")):
            for correlation_id, runs in self.told(name, correlation_ids).items():
                found[correlation_id] += runs
        return Response(found)


class RunningView(ConductorView):
    @extend_schema(
        operation_id="getRunning",
        summary="Ids of a version's live runs",
        responses=schemas.Ids,
        parameters=[OpenApiParameter("version", {"type": "integer", "minimum": 1}), *_BETWEEN],
        tags=["read"],
    )
    def get(self, request: Request, name: str) -> Response:
        version, workflow = self.number("version", 1, 1, 10**9), self.find_workflow(name)
        runs = newest_of_chains(self.project).filter(workflow=workflow, version__in=ids_of(workflow, version))
        for bound, since_or_until in (("startTime", "created_at__gte"), ("endTime", "created_at__lte")):
            if self.given(bound) is not None:
                moment = datetime.fromtimestamp(self.number(bound, 0, 0, MAX_MILLIS) / 1000, UTC)
                runs = runs.filter(**{since_or_until: moment})
        live = runs.filter(status__in=Run.LIVE).order_by("created_at", "id")[:MAX_LISTED]
        return Response([forms.workflow_id(run) for run in live])


def texts(name: str, value: Any, longest: int = MAX_LISTED) -> list[str]:
    """A list of texts in a body."""
    if not isinstance(value, list) or len(value) > longest or not all(isinstance(each, str) for each in value):
        raise BadRequest.parameter(name, f"must be a list of at most {longest:,} texts.")
    return value

"""What became of schedules: past occurrences, backfills, and alert workflows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from drf_spectacular.utils import extend_schema
from pydantic import Field, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import (
    AnswerModel,
    Moment,
    PageQuery,
    ProjectView,
    QueryModel,
    RequestModel,
    query_parameters,
    read_body,
    read_query,
)
from runs import backfills, firings
from runs.models import Backfill as BackfillRow
from wire.paging import paginate
from wire.problems import NotFound
from wire.times import from_query
from workflows.api.schedules import SchedulesView
from workflows.api.schemas import RunStatus
from workflows.api.workflows import WorkflowsView

Outcome = Literal["started", "queued", "skipped", "missed", "refused"]
BackfillStatus = Literal["running", "paused", "completed", "cancelled"]
Id = Annotated[str, StringConstraints(max_length=64)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class FiringQuery(PageQuery):
    workflow: Id | None = None
    schedule: Id | None = None
    backfill: Id | None = None
    outcome: Outcome | None = None
    alarm: Literal["true", "false"] | None = Field(None, description="Missed or late, and not acknowledged.")


class Firing(AnswerModel):
    id: str
    workflow_id: str
    workflow_name: str
    schedule_id: str | None
    backfill_id: str | None
    due_at: Moment
    seen_at: Moment
    started_at: Moment | None
    lag_ms: int = Field(description="From the due time to the start of the run, or until a clock looked.")
    outcome: Outcome
    reason: str
    alarm: bool
    run_id: str | None
    run_status: RunStatus | None


class FiringPage(AnswerModel):
    results: list[Firing]
    next: str | None


class Acknowledgement(AnswerModel):
    acknowledged: int


class RangeQuery(QueryModel):
    since: str = Field(description="ISO 8601; included.")
    until: str = Field(description="ISO 8601; not included, and not in the future.")
    only_missing: Literal["true", "false"] = "true"


class BackfillPreview(AnswerModel):
    count: int
    already: int = Field(description="Left out, for they were started at their time.")
    first_due_at: Moment | None
    last_due_at: Moment | None


class BackfillCreate(RequestModel):
    since: Id
    until: Id
    only_missing: bool = True
    per_minute: int = Field(60, ge=1, le=600, description="Starts at most.")
    at_once: int = Field(5, ge=1, le=100, description="Runs at most that have not ended.")


class Backfill(AnswerModel):
    id: str
    workflow_id: str
    workflow_name: str
    schedule_id: str | None
    since: Moment
    until: Moment
    only_missing: bool
    per_minute: int
    at_once: int
    status: BackfillStatus
    reason: str
    total: int
    done: int
    next_due_at: Moment | None
    created_at: Moment
    completed_at: Moment | None


class BackfillQuery(PageQuery):
    workflow: Id | None = None


class BackfillPage(AnswerModel):
    results: list[Backfill]
    next: str | None


class Steering(RequestModel):
    reason: Reason = ""


class FiringListView(ProjectView):
    @extend_schema(
        operation_id="listFirings",
        summary="Past occurrences of schedules",
        parameters=query_parameters(FiringQuery),
        responses=FiringPage,
    )
    def get(self, request: Request) -> Response:
        """The latest first: each with its run, or why there is none."""
        query = read_query(FiringQuery, request)
        rows = firings.for_project(self.project)
        for field in ("workflow", "schedule", "backfill"):
            if value := getattr(query, field):
                rows = rows.filter(**{f"{field}_id": value})
        if query.outcome:
            rows = rows.filter(outcome=query.outcome)
        if query.alarm:
            rows = rows.filter(alarm=query.alarm == "true")
        page = paginate(rows, request.query_params, ("-due_at", "-id"))
        return Response({"results": [firings.firing_record(row) for row in page.results], "next": page.next})


class AcknowledgeView(WorkflowsView):
    @extend_schema(
        operation_id="acknowledgeMissed",
        summary="Say that one knows of its missed starts",
        request=None,
        responses=Acknowledgement,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """The workflow is marked no longer; what was missed stays on record."""
        return Response({"acknowledged": firings.acknowledge(self.find(workflow_id))})


# --- backfills ---


class BackfillPreviewView(SchedulesView):
    problems = {"get": (409, 422)}

    @extend_schema(
        operation_id="previewBackfill",
        summary="What a backfill would start",
        parameters=query_parameters(RangeQuery),
        responses=BackfillPreview,
    )
    def get(self, request: Request, schedule_id: str) -> Response:
        schedule = self.find(schedule_id)
        query = read_query(RangeQuery, request)
        since, until = _range(query.since, query.until)
        plan = backfills.plan(schedule, since, until, only_missing=query.only_missing == "true")
        return Response(
            {
                "count": len(plan.due),
                "already": plan.already,
                "first_due_at": plan.due[0] if plan.due else None,
                "last_due_at": plan.due[-1] if plan.due else None,
            }
        )


class BackfillStartView(SchedulesView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="startBackfill",
        summary="Run a schedule through a range of the past",
        request=BackfillCreate,
        responses={201: Backfill},
    )
    def post(self, request: Request, schedule_id: str) -> Response:
        """One after the other, at a bounded rate; it can be paused and cancelled."""
        schedule = self.find(schedule_id)
        body = read_body(BackfillCreate, request)
        since, until = _range(body.since, body.until)
        made = backfills.start(
            schedule,
            since,
            until,
            only_missing=body.only_missing,
            per_minute=body.per_minute,
            at_once=body.at_once,
        )
        return Response(firings.backfill_record(made), status=201)


def _range(since: str, until: str) -> tuple[datetime, datetime]:
    return from_query("since", since), from_query("until", until)


class BackfillListView(ProjectView):
    @extend_schema(
        operation_id="listBackfills",
        summary="The project's backfills",
        parameters=query_parameters(BackfillQuery),
        responses=BackfillPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first, with how far they are."""
        query = read_query(BackfillQuery, request)
        rows = backfills.for_project(self.project)
        if query.workflow:
            rows = rows.filter(workflow_id=query.workflow)
        page = paginate(rows, request.query_params)
        return Response({"results": [firings.backfill_record(row) for row in page.results], "next": page.next})


class BackfillsView(ProjectView):
    problems = {"post": (409,)}
    status: str

    def steered(self, request: Request, backfill_id: str) -> Response:
        found = backfills.for_project(self.project).filter(pk=backfill_id).first()
        if found is None:
            raise NotFound("There is no such backfill.")
        body = read_body(Steering, request)
        return Response(firings.backfill_record(backfills.steer(found, self.status, body.reason)))


class BackfillPauseView(BackfillsView):
    status = BackfillRow.Status.PAUSED

    @extend_schema(operation_id="pauseBackfill", summary="Pause a backfill", request=Steering, responses=Backfill)
    def post(self, request: Request, backfill_id: str) -> Response:
        """Starts nothing more until resumed; what runs goes on."""
        return self.steered(request, backfill_id)


class BackfillResumeView(BackfillsView):
    status = BackfillRow.Status.RUNNING

    @extend_schema(operation_id="resumeBackfill", summary="Resume a backfill", request=Steering, responses=Backfill)
    def post(self, request: Request, backfill_id: str) -> Response:
        return self.steered(request, backfill_id)


class BackfillCancelView(BackfillsView):
    status = BackfillRow.Status.CANCELLED

    @extend_schema(operation_id="cancelBackfill", summary="Cancel a backfill", request=Steering, responses=Backfill)
    def post(self, request: Request, backfill_id: str) -> Response:
        """Starts nothing more; what runs goes on."""
        return self.steered(request, backfill_id)

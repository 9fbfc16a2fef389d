"""Schedules: what is coming, pausing and resuming."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ProjectView, query_parameters, read_body, read_query
from wire.paging import paginate
from wire.problems import BadRequest, NotFound
from workflows import coming
from workflows import schedules as services
from workflows.api import schedule_schemas as schemas
from workflows.api.workflows import WorkflowsView
from workflows.calendar import CalendarError
from workflows.models import Schedule
from workflows.timetable import read_timetable


class SchedulesView(ProjectView):
    """A view on the project's schedules."""

    def find(self, schedule_id: str) -> Schedule:
        mine = Schedule.objects.for_project(self.project).select_related("workflow__project")
        found = mine.filter(pk=schedule_id).first()
        if found is None:
            raise NotFound("There is no such schedule.")
        return found


class SchedulePreviewView(ProjectView):
    @extend_schema(
        operation_id="previewSchedule",
        summary="What a schedule would do, before it is saved",
        parameters=query_parameters(schemas.SchedulePreviewQuery),
        responses=schemas.SchedulePreview,
    )
    def get(self, request: Request) -> Response:
        """The next times in UTC and by the schedule's own clock, with those marked that a clock change touches."""
        query = read_query(schemas.SchedulePreviewQuery, request)
        try:
            table = read_timetable(query.model_dump(), self.project.timezone)
        except CalendarError as mistake:
            raise BadRequest.parameter(mistake.field, mistake.message) from None
        return Response(coming.preview(table, query.count))


class WorkflowPreviewView(WorkflowsView):
    @extend_schema(
        operation_id="previewWorkflowSchedules",
        summary="When its schedules start it next",
        parameters=query_parameters(schemas.CountQuery),
        responses=schemas.WorkflowFires,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Of all its schedules, earliest first; of one that is not active as if it were."""
        workflow = self.find(workflow_id)
        count = read_query(schemas.CountQuery, request).count
        return Response({"results": coming.preview_of(workflow, count)})


class ScheduleListView(ProjectView):
    @extend_schema(
        operation_id="listSchedules",
        summary="The project's schedules",
        parameters=query_parameters(schemas.ScheduleQuery),
        responses=schemas.SchedulePage,
    )
    def get(self, request: Request) -> Response:
        """Of all published workflows, also those that are paused or not active; newest first."""
        query = read_query(schemas.ScheduleQuery, request)
        rows = Schedule.objects.for_project(self.project).select_related("workflow")
        if query.workflow:
            rows = rows.filter(workflow_id=query.workflow)
        page = paginate(rows, request.query_params, ("-id",))
        return Response({"results": [coming.schedule_record(row) for row in page.results], "next": page.next})


class TimelineView(ProjectView):
    @extend_schema(
        operation_id="readTimeline",
        summary="What is coming, across all workflows",
        parameters=query_parameters(schemas.TimelineQuery),
        responses=schemas.Timeline,
    )
    def get(self, request: Request) -> Response:
        """Every active schedule that is due until then, the earliest first, with its fires."""
        query = read_query(schemas.TimelineQuery, request)
        now = timezone.now()
        until = now + timedelta(hours=query.hours)
        rows = Schedule.objects.for_project(self.project).filter(next_due_at__lt=until).select_related("workflow")
        page = paginate(rows, request.query_params, ("next_due_at", "id"))
        results = coming.lines(page.results, until)
        return Response({"since": now, "until": until, "results": results, "next": page.next})


class PauseView(SchedulesView):
    @extend_schema(
        operation_id="pauseSchedule", summary="Pause a schedule", request=schemas.Pause, responses=schemas.Schedule
    )
    def post(self, request: Request, schedule_id: str) -> Response:
        """It is not due until it is resumed, also when its workflow is changed or switched off and on meanwhile."""
        schedule = self.find(schedule_id)
        body = read_body(schemas.Pause, request)
        return Response(coming.schedule_record(services.pause(schedule, body.reason)))


class ResumeView(SchedulesView):
    problems = {"post": (409,)}

    @extend_schema(operation_id="resumeSchedule", summary="Resume a schedule", request=None, responses=schemas.Schedule)
    def post(self, request: Request, schedule_id: str) -> Response:
        """Counts from now: what would have been due meanwhile is not made up for."""
        return Response(coming.schedule_record(services.resume(self.find(schedule_id))))

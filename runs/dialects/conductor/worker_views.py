"""Workers: they ask for tasks, report on them, and log."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs.dialects.conductor import schemas, workers
from runs.dialects.conductor.base import ConductorView, empty, plain
from runs.dialects.views import json_object
from wire import strict_json
from wire.problems import BadRequest

MAX_BATCH, MAX_POLL_MILLIS = 100, 30_000
_PLAIN_ID = {(200, "text/plain"): OpenApiTypes.STR}
_WORKER = OpenApiParameter("workerid", {"type": "string"})
_DOMAIN = OpenApiParameter("domain", {"type": "string"}, description="Only tasks of this domain.")


class PollView(ConductorView):
    @extend_schema(
        operation_id="pollTask",
        summary="Take a task",
        responses={200: schemas.Task, 204: None},
        parameters=[_WORKER, _DOMAIN],
        tags=["tasks"],
    )
    def get(self, request: Request, task_type: str) -> HttpResponse:
        """204 when there is none."""
        worker = worker_of(self.given("workerid"))
        taken = workers.take(self.project, task_type, worker, 1, 0, self.given("domain"))
        return Response(taken[0]) if taken else empty(204)


class PollBatchView(ConductorView):
    @extend_schema(
        operation_id="batchPollTasks",
        summary="Take several tasks, or wait for one",
        responses=schemas.Tasks,
        parameters=[
            _WORKER,
            _DOMAIN,
            OpenApiParameter("count", {"type": "integer", "minimum": 1, "maximum": MAX_BATCH}),
            OpenApiParameter("timeout", {"type": "integer", "minimum": 0, "maximum": MAX_POLL_MILLIS}),
        ],
        tags=["tasks"],
    )
    def get(self, request: Request, task_type: str) -> Response:
        """Answers as soon as there is one; with none after `timeout` milliseconds."""
        count, millis = self.number("count", 1, 1, MAX_BATCH), self.number("timeout", 100, 0, MAX_POLL_MILLIS)
        worker = worker_of(self.given("workerid"))
        return Response(workers.take(self.project, task_type, worker, count, millis / 1000, self.given("domain")))


class UpdateTaskView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="updateTask",
        summary="Report on a task",
        request=schemas.TaskResult,
        responses=_PLAIN_ID,
        tags=["tasks"],
    )
    def post(self, request: Request) -> HttpResponse:
        """Answers its id, also when it is over already."""
        return plain(workers.update(self.project, json_object(request)).id)


class UpdateTaskAndPollView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="updateTaskV2",
        summary="Report on a task, and take the next one of its type",
        request=schemas.TaskResult,
        responses={200: schemas.Task, 204: None},
        tags=["tasks"],
    )
    def post(self, request: Request) -> HttpResponse:
        body = json_object(request)
        reported = workers.update(self.project, body)
        taken = workers.next_after(self.project, reported, worker_of(body.get("workerId")))
        return Response(taken[0]) if taken else empty(204)


class TaskView(ConductorView):
    @extend_schema(operation_id="getTask", summary="A task", responses=schemas.Task, tags=["tasks"])
    def get(self, request: Request, task_id: str) -> Response:
        return Response(workers.told(workers.find(self.project, task_id)))


class TaskLogView(ConductorView):
    @extend_schema(
        operation_id="getTaskLogs", summary="What was logged for a task", responses=schemas.TaskLogs, tags=["tasks"]
    )
    def get(self, request: Request, task_id: str) -> Response:
        return Response(workers.logs(workers.find(self.project, task_id)))

    @extend_schema(
        operation_id="logTask",
        summary="Log a line for a task",
        request={"text/plain": OpenApiTypes.STR},
        responses={(200, "text/plain"): OpenApiTypes.STR},
        tags=["tasks"],
    )
    def post(self, request: Request, task_id: str) -> HttpResponse:
        workers.log(workers.find(self.project, task_id), text_of(request))
        return empty()


def worker_of(worker: Any) -> str:
    return worker[:200] if isinstance(worker, str) else ""


def text_of(request: Request) -> str:
    """The clients send bare text, or the same as JSON."""
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise BadRequest.parameter("", "The body must be text in UTF-8.") from None
    try:
        line = strict_json.loads(request.body)
    except strict_json.JsonFault:
        return text
    return line if isinstance(line, str) else text

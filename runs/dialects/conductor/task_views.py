"""Tasks completed from outside, by their reference names and by signals."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs.dialects.conductor import records, schemas, tasks
from runs.dialects.conductor.base import ConductorView, empty, plain
from runs.dialects.conductor.blocking import STRATEGIES, answer, rest, return_strategy
from runs.dialects.views import json_object

SIGNAL_MILLIS, MAX_SIGNAL_MILLIS = 5_000, 60_000
_STATUS = OpenApiParameter("status", {"type": "string", "enum": list(tasks.STATUSES)}, OpenApiParameter.PATH)
_PLAIN_ID = {(200, "text/plain"): OpenApiTypes.STR}


class TaskByRefView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="updateTaskByRefName",
        summary="Say what came of a task",
        request=schemas.Output,
        responses=_PLAIN_ID,
        parameters=[_STATUS, OpenApiParameter("workerid", {"type": "string"})],
        tags=["tasks"],
    )
    def post(self, request: Request, workflow_id: str, ref: str, status: str) -> HttpResponse:
        """Answers its id. The body is its output."""
        log = tasks.update_by_ref(self.find_run(workflow_id), ref, status, json_object(request))
        return plain(log.id)


class TaskByRefSyncView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="updateTaskByRefNameSync",
        summary="The same, answered by the run",
        request=schemas.Output,
        responses=schemas.Workflow,
        parameters=[_STATUS, OpenApiParameter("workerid", {"type": "string"})],
        tags=["tasks"],
    )
    def post(self, request: Request, workflow_id: str, ref: str, status: str) -> Response:
        tasks.update_by_ref(self.find_run(workflow_id), ref, status, json_object(request))
        return Response(records.workflow(self.find_run(workflow_id), with_tasks=True))


class SignalView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="signal",
        summary="Say what comes of the task at which a run stands still",
        request=schemas.Output,
        responses={(200, "text/plain"): OpenApiTypes.STR},
        parameters=[_STATUS],
        tags=["tasks"],
    )
    def post(self, request: Request, workflow_id: str, status: str) -> HttpResponse:
        tasks.signal(self.find_run(workflow_id), status, json_object(request))
        return empty()


class SignalSyncView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="signalSync",
        summary="The same, answered when it stands still again",
        request=schemas.Output,
        responses=schemas.WorkflowRun,
        parameters=[
            _STATUS,
            OpenApiParameter("returnStrategy", {"type": "string", "enum": list(STRATEGIES)}),
            OpenApiParameter("timeoutMillis", {"type": "integer", "minimum": 0, "maximum": MAX_SIGNAL_MILLIS}),
        ],
        tags=["tasks"],
    )
    def post(self, request: Request, workflow_id: str, status: str) -> Response:
        strategy = return_strategy(self)
        millis = self.number("timeoutMillis", SIGNAL_MILLIS, 0, MAX_SIGNAL_MILLIS)
        run = self.find_run(workflow_id)
        tasks.signal(run, status, json_object(request))
        wait = rest(run, millis / 1000)
        return Response(answer(self.find_run(workflow_id), wait, str(uuid.uuid4()), strategy))

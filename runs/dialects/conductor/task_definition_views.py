"""Definitions of task types: registered, replaced, read and deleted."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs.dialects.conductor import schemas, task_definitions
from runs.dialects.conductor.base import ConductorView, empty
from runs.dialects.conductor.definitions import invalid
from runs.dialects.views import json_object
from workflows.models import TaskType

MAX_REGISTERED = 100
_EMPTY = {(200, "text/plain"): OpenApiTypes.STR}


class TaskDefsView(ConductorView):
    @extend_schema(
        operation_id="registerTaskDefs",
        summary="Register or replace task types",
        request=schemas.TaskDefs,
        responses=_EMPTY,
        tags=["definitions"],
    )
    def post(self, request: Request) -> HttpResponse:
        """All of them or none."""
        bodies: Any = request.data
        if not isinstance(bodies, list) or len(bodies) > MAX_REGISTERED:
            raise invalid("", f"The body must be a list of at most {MAX_REGISTERED} definitions.")
        with transaction.atomic():
            for place, body in enumerate(bodies):
                task_definitions.save(self.project, body, f"[{place}]")
        return empty()

    @extend_schema(
        operation_id="updateTaskDef",
        summary="Replace a task type",
        request=schemas.TaskDef,
        responses=_EMPTY,
        tags=["definitions"],
    )
    def put(self, request: Request) -> HttpResponse:
        body = json_object(request)
        known = task_definitions.find(self.project, task_definitions.read_task_definition(body, "").name)
        task_definitions.save(known.project, body)
        return empty()

    @extend_schema(
        operation_id="listTaskDefs", summary="All task types", responses=schemas.TaskDefs, tags=["definitions"]
    )
    def get(self, request: Request) -> Response:
        mine = TaskType.objects.filter(project=self.project).order_by("name")
        return Response([task_definitions.told(each) for each in mine])


class TaskDefView(ConductorView):
    @extend_schema(operation_id="getTaskDef", summary="A task type", responses=schemas.TaskDef, tags=["definitions"])
    def get(self, request: Request, name: str) -> Response:
        return Response(task_definitions.told(task_definitions.find(self.project, name)))

    @extend_schema(operation_id="deleteTaskDef", summary="Delete a task type", responses=_EMPTY, tags=["definitions"])
    def delete(self, request: Request, name: str) -> HttpResponse:
        task_definitions.find(self.project, name).delete()
        return empty()

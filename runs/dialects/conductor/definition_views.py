"""Definitions: registered as workflows on our canvas, published at once, read and deleted."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs.dialects.conductor import schemas
from runs.dialects.conductor.base import ConductorView, empty, whole
from runs.dialects.conductor.definitions import faults_below, invalid
from runs.dialects.conductor.versions import definition_of, find_version, register, versions_of, withdraw
from runs.dialects.views import json_object
from wire.problems import NotFound
from workflows import services
from workflows.models import Workflow

MAX_REGISTERED = 100
MAX_VERSION = 10**9
_EMPTY = {(200, "text/plain"): OpenApiTypes.STR}
_OVERWRITE = OpenApiParameter("overwrite", {"type": "boolean", "default": False})


class DefinitionsView(ConductorView):
    problems = {"post": (409,), "put": (409,)}

    @extend_schema(
        operation_id="registerWorkflowDef",
        summary="Register a definition",
        request=schemas.WorkflowDef,
        responses=_EMPTY,
        parameters=[_OVERWRITE],
        tags=["definitions"],
    )
    def post(self, request: Request) -> HttpResponse:
        register(self.caller, json_object(request), replaces=self.flag("overwrite", False))
        return empty()

    @extend_schema(
        operation_id="updateWorkflowDefs",
        summary="Register or replace definitions",
        request=schemas.WorkflowDefs,
        responses=schemas.BulkResponse,
        tags=["definitions"],
    )
    def put(self, request: Request) -> Response:
        """All of them or none: a fault is told with the place of its definition in the list."""
        bodies: Any = request.data
        if not isinstance(bodies, list) or len(bodies) > MAX_REGISTERED:
            raise invalid("", f"The body must be a list of at most {MAX_REGISTERED} definitions.")
        with transaction.atomic():
            names = [self._replaced(body, f"[{place}]") for place, body in enumerate(bodies)]
        told = {"bulkErrorResults": {}, "bulkSuccessfulResults": names}
        return Response({**told, "message": "Bulk Request has been processed."})

    def _replaced(self, body: Any, path: str) -> str:
        with faults_below(path):
            return register(self.caller, body, replaces=True)

    @extend_schema(
        operation_id="listWorkflowDefs",
        summary="All versions of all definitions",
        responses=schemas.WorkflowDefs,
        tags=["definitions"],
    )
    def get(self, request: Request) -> Response:
        mine = Workflow.objects.for_project(self.project).order_by("key")
        return Response(
            [definition_of(each, version) for each in mine for _, version in sorted(versions_of(each).items())]
        )


class DefinitionView(ConductorView):
    @extend_schema(
        operation_id="getWorkflowDef",
        summary="One definition",
        responses=schemas.WorkflowDef,
        parameters=[OpenApiParameter("version", {"type": "integer"})],
        tags=["definitions"],
    )
    def get(self, request: Request, name: str) -> Response:
        wanted = self.number("version", 0, 0, MAX_VERSION) or None
        workflow = self.find_workflow(name, wanted)
        version = find_version(workflow, wanted)
        if version is None:
            raise NotFound(f"No such workflow found by name: {name}, version: latest")
        return Response(definition_of(workflow, version))


class DefinitionVersionView(ConductorView):
    problems = {"delete": (409,)}

    @extend_schema(
        operation_id="deleteWorkflowDef",
        summary="Delete a definition",
        responses=_EMPTY,
        tags=["definitions"],
    )
    def delete(self, request: Request, name: str, version: str) -> HttpResponse:
        """Its runs stay, and go on. Of several versions the others stay too; with the last one the workflow goes."""
        number = whole("version", version, 0, MAX_VERSION)
        workflow = self.find_workflow(name, number)
        find_version(workflow, number)
        if len(versions_of(workflow)) > 1:
            withdraw(self.caller, workflow, number)
            return empty()
        services.delete_workflow(workflow, self.caller.user)
        return empty()

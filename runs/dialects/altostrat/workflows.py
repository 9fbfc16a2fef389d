"""`/workflows`: saving here also publishes, and a new workflow is active unless it says otherwise."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import read_body
from runs.dialects.altostrat import errors, limits, records, schemas
from runs.dialects.altostrat.base import AltostratView
from runs.dialects.views import json_object
from wire.problems import Conflict, Invalid
from workflows import services
from workflows.models import Workflow
from workflows.records import with_all_it_says

_REQUIRED = ("name", "nodes", "edges")


class WorkflowsView(AltostratView):
    @extend_schema(
        operation_id="listWorkflows", summary="All workflows", responses=schemas.WorkflowList, tags=["workflows"]
    )
    def get(self, request: Request) -> Response:
        mine = with_all_it_says(Workflow.objects.for_project(self.project))
        return Response(records.workflow_list(list(mine.order_by("-created_at", "-id"))))

    @extend_schema(
        operation_id="createWorkflow",
        summary="Save and publish a workflow",
        request=schemas.WorkflowToSave,
        responses={201: schemas.Workflow},
        tags=["workflows"],
    )
    def post(self, request: Request) -> Response:
        body = json_object(request)
        for name in _REQUIRED:
            if name not in body:
                raise errors.missing(name)
        changes = limits.of_a_new_one(_savable(request))
        with transaction.atomic():
            workflow = services.create_workflow(self.find_authorization(body.get("authorization_id")), changes)
            workflow = services.publish(workflow, self.caller.user)
        return Response(records.workflow_of(self.find_workflow(workflow.id)), status=201)


class WorkflowView(AltostratView):
    problems = {"put": (409,), "delete": (409,)}

    @extend_schema(operation_id="readWorkflow", summary="One workflow", responses=schemas.Workflow, tags=["workflows"])
    def get(self, request: Request, workflow_id: str) -> Response:
        return Response(records.workflow_of(self.find_workflow(workflow_id)))

    @extend_schema(
        operation_id="updateWorkflow",
        summary="Save and publish changes",
        request=schemas.WorkflowToSave,
        responses=schemas.Workflow,
        tags=["workflows"],
    )
    def put(self, request: Request, workflow_id: str) -> Response:
        changes = _savable(request)
        with transaction.atomic():
            workflow = services.locked(self.find_workflow(workflow_id))
            if workflow.published and workflow.published.revision != workflow.draft.revision:
                raise Conflict("The draft has changes that are not published.", code="draft_not_published")
            workflow = services.save_draft(workflow, changes, self.caller.user)
            services.publish(workflow, self.caller.user)
        return Response(records.workflow_of(self.find_workflow(workflow_id)))

    @extend_schema(operation_id="deleteWorkflow", summary="Delete it", responses={204: None}, tags=["workflows"])
    def delete(self, request: Request, workflow_id: str) -> HttpResponse:
        services.delete_workflow(self.find_workflow(workflow_id), self.caller.user)
        return HttpResponse(status=204)


class ValidateView(AltostratView):
    @extend_schema(
        operation_id="validateWorkflow",
        summary="What is wrong with a workflow",
        request=schemas.WorkflowToSave,
        responses=schemas.Checked,
        tags=["workflows"],
    )
    def post(self, request: Request) -> Response:
        try:
            changes = changes_in(request)
            faults = [*services.faults_of(self.project, changes), *limits.faults_in(changes.get("nodes", []))]
            found = [fault.as_detail() for fault in faults]
        except Invalid as invalid:
            found = cast(Any, invalid.errors)
        return Response({"valid": not found, "errors": [errors.fault(detail) for detail in found]})


def _savable(request: Request) -> services.Changes:
    changes = changes_in(request)
    services.refuse(limits.faults_in(changes.get("nodes", [])))
    return limits.within_limits(changes)


def changes_in(request: Request) -> services.Changes:
    """What the body says of a workflow; Invalid with the path of what has the wrong type."""
    json_object(request)
    body = read_body(schemas.WorkflowToSave, request)
    if "nodes" in body.model_fields_set and not body.nodes:
        raise Invalid.field("nodes", "A workflow needs at least one node.")
    return cast(services.Changes, {name: getattr(body, name) for name in body.model_fields_set})

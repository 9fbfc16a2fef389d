"""Flows: registered as workflows on our canvas, published at once, read, changed and deleted."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs.dialects.functiongraph import records, schemas
from runs.dialects.functiongraph.base import FlowView, flow_of, whole_number
from runs.dialects.functiongraph.drawing import document_of
from runs.dialects.functiongraph.errors import invalid
from runs.dialects.functiongraph.flows import Flow, read_flow
from runs.dialects.views import json_object
from wire.problems import Conflict, Invalid, NotFound, Problem
from workflows import services
from workflows.models import Workflow

MAX_LISTED = 200
_PAGE = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LISTED, "default": MAX_LISTED}),
    OpenApiParameter("offset", {"type": "integer", "minimum": 0, "default": 0}),
]


class FlowsView(FlowView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="createWorkflow",
        summary="Register a flow",
        request=schemas.FlowBody,
        responses=schemas.FlowInfo,
        tags=["flows"],
    )
    def post(self, request: Request, project_id: str) -> Response:
        body = json_object(request)
        flow = read_flow(body)
        with transaction.atomic():
            self._refuse_taken(flow.name)
            workflow = saved(lambda: services.create_workflow(self.caller.membership, _changes(flow, body)))
            services.publish(services.activate(workflow, self.caller.user), self.caller.user)
        return Response(records.flow_info(self.find_flow(workflow.id)))

    @extend_schema(
        operation_id="listWorkflows",
        summary="The project's flows",
        responses=schemas.FlowList,
        parameters=[OpenApiParameter("workflow_name"), OpenApiParameter("mode"), *_PAGE],
        tags=["flows"],
    )
    def get(self, request: Request, project_id: str) -> Response:
        limit = whole_number(request, "limit", MAX_LISTED, 1, MAX_LISTED)
        offset = whole_number(request, "offset", 0, 0, 10**6)
        name, mode = request.query_params.get("workflow_name", ""), request.query_params.get("mode")
        mine = Workflow.objects.for_project(self.project).select_related("updated_by").order_by("-created_at", "-id")
        found = [each for each in mine.filter(name__icontains=name) if mode is None or _mode(each) == mode]
        page = [records.flow_info(each) for each in found[offset : offset + limit]]
        return Response({"total": len(found), "size": len(page), "workflows": page})

    @extend_schema(
        operation_id="deleteWorkflows",
        summary="Delete flows",
        request=schemas.DeleteBody,
        responses=schemas.Deleted,
        tags=["flows"],
    )
    def delete(self, request: Request, project_id: str) -> Response:
        urns = json_object(request).get("workflow_urns")
        if not isinstance(urns, list) or not all(isinstance(urn, str) for urn in urns):
            raise invalid("workflow_urns", "must be a list of URNs.")
        done: dict[str, list[Any]] = {"success": [], "fail": []}
        for urn in urns:
            try:
                services.delete_workflow(flow_of(self.caller, urn), self.caller.user)
            except Problem as problem:
                done["fail"].append({"workflow_urn": urn, "error_detail": problem.detail})
            else:
                done["success"].append(urn)
        return Response(done)

    def _refuse_taken(self, name: str) -> None:
        if Workflow.objects.for_project(self.project).filter(name=name).exists():
            raise Conflict(f"There is a flow {name!r} already.")


class OneFlowView(FlowView):
    problems = {"put": (409,)}

    @extend_schema(operation_id="showWorkflow", summary="One flow", responses=schemas.Flow, tags=["flows"])
    def get(self, request: Request, project_id: str, flow_id: str) -> Response:
        return Response(records.flow_record(self.find_flow(flow_id)))

    @extend_schema(
        operation_id="updateWorkflow",
        summary="Change a flow",
        request=schemas.FlowBody,
        responses=schemas.FlowInfo,
        tags=["flows"],
    )
    def put(self, request: Request, project_id: str, flow_id: str) -> Response:
        """Published at once; runs that are under way go on with what they began with."""
        workflow = self.find_flow(flow_id)
        body = json_object(request)
        flow = read_flow(body)
        with transaction.atomic():
            workflow = services.locked(workflow)
            taken = Workflow.objects.for_project(self.project).filter(name=flow.name).exclude(pk=workflow.pk)
            if taken.exists():
                raise Conflict(f"There is a flow {flow.name!r} already.")
            if workflow.published and workflow.published.revision != workflow.draft.revision:
                raise Conflict("The draft has changes that are not published.", code="draft_not_published")
            saved(lambda: services.save_draft(workflow, _changes(flow, body), self.caller.user))
            services.publish(workflow, self.caller.user)
        return Response(records.flow_info(self.find_flow(workflow.id)))


def _changes(flow: Flow, body: dict[str, Any]) -> services.Changes:
    changes = {"name": flow.name, "description": flow.description, **document_of(flow, body)}
    return cast(services.Changes, changes)


def _mode(workflow: Workflow) -> str:
    return str(records.definition(workflow).get("mode") or "NORMAL")


def saved(save: Any) -> Workflow:
    """A node kind or a sub-flow that is not there is a bad parameter here, and no flow that is missing."""
    try:
        workflow: Workflow = save()
    except (Invalid, NotFound) as problem:
        raise invalid("states", problem.detail) from None
    return workflow

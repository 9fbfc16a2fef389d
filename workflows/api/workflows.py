"""Workflows: drafts, publishing, versions, active or not."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ProjectView, query_parameters, read_body, read_query
from wire.paging import paginate
from wire.prepared import Prepared
from wire.problems import NotFound
from workflows import services
from workflows.api import schemas
from workflows.api.filters import filtered
from workflows.models import Workflow
from workflows.records import tags_of, with_all_it_says, workflow_record, workflow_rows

_workflow_of_project = Prepared(
    lambda workflow_id, project_id: with_all_it_says(
        Workflow.objects.filter(pk=workflow_id, project_id=project_id, deleted_at=None)
    ),
    2,
)


class WorkflowsView(ProjectView):
    """A view on the project's workflows."""

    def find(self, workflow_id: str) -> Workflow:
        found = _workflow_of_project.first(workflow_id, self.project.id)
        if found is None:
            raise NotFound("There is no such workflow.")
        found.project = self.project
        return found


def given(body: BaseModel, *apart: str) -> services.Changes:
    """What the body really says, without what it left out."""
    names = body.model_fields_set.difference(apart)
    return cast(services.Changes, {name: _plain(getattr(body, name)) for name in names})


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list) else _dumped(value)


def _dumped(value: Any) -> Any:
    return value.model_dump() if isinstance(value, BaseModel) else value


class WorkflowListView(WorkflowsView):
    @extend_schema(
        operation_id="listWorkflows",
        summary="The project's workflows",
        parameters=query_parameters(schemas.WorkflowQuery),
        responses=schemas.WorkflowPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first, without nodes and edges."""
        query = read_query(schemas.WorkflowQuery, request)
        rows = filtered(with_all_it_says(Workflow.objects.for_project(self.project)), query)
        page = paginate(rows, request.query_params)
        return Response({"results": workflow_rows(page.results), "next": page.next})

    @extend_schema(
        operation_id="createWorkflow",
        summary="Make a workflow",
        request=schemas.WorkflowCreate,
        responses={201: schemas.Workflow},
    )
    def post(self, request: Request) -> Response:
        """Writes its first draft. Nothing is stored of a broken graph: 422 names the path of every fault."""
        body = read_body(schemas.WorkflowCreate, request)
        changes = given(body, "allow_incomplete")
        workflow = services.create_workflow(self.caller.membership, changes, allow_incomplete=body.allow_incomplete)
        return Response(workflow_record(workflow), status=201)


class WorkflowView(WorkflowsView):
    problems = {"put": (409,), "delete": (409,)}

    @extend_schema(operation_id="readWorkflow", summary="A workflow", responses=schemas.Workflow)
    def get(self, request: Request, workflow_id: str) -> Response:
        """With the draft's nodes and edges."""
        return Response(workflow_record(self.find(workflow_id)))

    @extend_schema(
        operation_id="saveWorkflow",
        summary="Change a workflow",
        request=schemas.WorkflowUpdate,
        responses=schemas.Workflow,
    )
    def put(self, request: Request, workflow_id: str) -> Response:
        """Any of the fields; nodes and edges go to the draft. 409 `draft_conflict` brings the stored document."""
        workflow = self.find(workflow_id)
        body = read_body(schemas.WorkflowUpdate, request)
        saved = services.save_draft(
            workflow,
            given(body, "allow_incomplete", "draft_revision"),
            self.caller.user,
            expected_revision=body.draft_revision,
            allow_incomplete=body.allow_incomplete,
        )
        return Response(workflow_record(saved))

    @extend_schema(operation_id="deleteWorkflow", summary="Delete a workflow", request=None, responses={204: None})
    def delete(self, request: Request, workflow_id: str) -> Response:
        """Its runs stay. 409 `workflow_in_use` while another workflow calls it."""
        services.delete_workflow(self.find(workflow_id), self.caller.user)
        return Response(status=204)


class ValidateView(ProjectView):
    @extend_schema(
        operation_id="validateWorkflow",
        summary="Check a workflow without saving it",
        request=schemas.WorkflowToCheck,
        responses=schemas.Validation,
    )
    def post(self, request: Request) -> Response:
        """Nothing is executed and nothing stored; faults are an answer and no error."""
        body = read_body(schemas.WorkflowToCheck, request)
        faults = services.faults_of(self.project, cast(dict[str, Any], given(body)))
        return Response({"valid": not faults, "errors": [fault.as_detail() for fault in faults]})


class PublishView(WorkflowsView):
    @extend_schema(
        operation_id="publishWorkflow",
        summary="Publish the draft",
        request=schemas.Publication,
        responses=schemas.Workflow,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Freezes the draft as the next version. 422 names what is unfinished."""
        workflow = self.find(workflow_id)
        body = read_body(schemas.Publication, request)
        return Response(workflow_record(services.publish(workflow, self.caller.user, body.note)))


class ActivateView(WorkflowsView):
    @extend_schema(
        operation_id="activateWorkflow",
        summary="Let schedules and webhooks start it",
        request=None,
        responses=schemas.Workflow,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        return Response(workflow_record(services.activate(self.find(workflow_id), self.caller.user)))


class DeactivateView(WorkflowsView):
    @extend_schema(
        operation_id="deactivateWorkflow",
        summary="Keep schedules and webhooks from starting it",
        request=None,
        responses=schemas.Workflow,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        return Response(workflow_record(services.deactivate(self.find(workflow_id), self.caller.user)))


class TagListView(ProjectView):
    @extend_schema(operation_id="listTags", summary="The tags of the project's workflows", responses=schemas.TagList)
    def get(self, request: Request) -> Response:
        return Response({"results": tags_of(self.project)})

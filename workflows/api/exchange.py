"""Workflows as documents: out, in, and the templates that come with the house."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from drf_spectacular.utils import extend_schema
from pydantic import Field, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import (
    AnswerModel,
    AnyJSON,
    ProjectView,
    QueryModel,
    RequestModel,
    body_faults,
    query_parameters,
    read_body,
    read_query,
)
from wire.problems import Invalid
from workflows import services
from workflows.api import schemas
from workflows.api.versions import Which, version_of
from workflows.api.workflows import WorkflowsView, given
from workflows.exchange import as_changes, changes_of, exported
from workflows.records import workflow_record

TEMPLATES = Path(__file__).parent.parent / "templates"


class ExportQuery(QueryModel):
    version: Which = Field("draft", description="A version's number, or `draft`.")


class Import(RequestModel):
    document: dict[str, AnyJSON] = Field(description="As it was exported, or a workflow as this API tells it.")
    name: schemas.Name | None = Field(None, description="Instead of the document's own.")


class MissingLink(AnswerModel):
    node_id: str
    field: str


class Imported(AnswerModel):
    workflow: schemas.Workflow
    unlinked: list[MissingLink] = Field(description="Where a credential has to be chosen before it can be published.")


class Template(AnswerModel):
    id: str
    name: str
    description: str
    tags: list[str]
    document: dict[str, AnyJSON]


class TemplateList(AnswerModel):
    results: list[Template]


class ExportView(WorkflowsView):
    @extend_schema(
        operation_id="exportWorkflow",
        summary="A workflow as one document",
        parameters=query_parameters(ExportQuery),
        responses=dict[str, Any],
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Readable, in a stable order of keys, layout apart from logic, without secrets and ids of credentials."""
        workflow = self.find(workflow_id)
        query = read_query(ExportQuery, request)
        return Response(exported(workflow, version_of(workflow, query.version)))


class ImportView(ProjectView):
    @extend_schema(
        operation_id="importWorkflow",
        summary="Make a workflow of a document",
        request=Import,
        responses={201: Imported},
    )
    def post(self, request: Request) -> Response:
        """Inactive, no credential linked, nothing run. Settings may be unfinished; a broken graph is 422."""
        body = read_body(Import, request)
        said, named = changes_of(body.document)
        if body.name:
            said["name"] = body.name
        try:
            checked = schemas.WorkflowCreate.model_validate(said)
        except ValidationError as error:
            raise Invalid(errors=body_faults(error)) from None
        changes = as_changes(given(checked))
        workflow = services.create_workflow(self.caller.membership, changes, allow_incomplete=True)
        links = [{"node_id": each.node_id, "field": each.field} for each in named]
        return Response({"workflow": workflow_record(workflow), "unlinked": links}, status=201)


class TemplateListView(ProjectView):
    @extend_schema(operation_id="listTemplates", summary="Workflows to start from", responses=TemplateList)
    def get(self, request: Request) -> Response:
        return Response({"results": templates()})


@lru_cache(maxsize=1)
def templates() -> list[dict[str, Any]]:
    """In the order of their files."""
    found = []
    for path in sorted(TEMPLATES.glob("*.json")):
        document = json.loads(path.read_text())
        told = {key: document[key] for key in ("name", "description", "tags")}
        found.append({"id": path.stem, **told, "document": document})
    return found

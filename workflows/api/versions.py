"""The published versions of a workflow, and what differs between two of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from drf_spectacular.utils import extend_schema
from pydantic import Field, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AnswerModel, AnyJSON, PageQuery, QueryModel, query_parameters, read_query
from wire.paging import paginate
from wire.problems import NotFound
from workflows.annotations import annotations_of
from workflows.api import schemas
from workflows.api.workflows import WorkflowsView
from workflows.differences import compare
from workflows.document import read_document
from workflows.models import Version, Workflow
from workflows.records import version_record

Which = Annotated[str, StringConstraints(pattern=r"^(draft|[0-9]{1,9})$")]


class DifferenceQuery(QueryModel):
    before: Which = Field(description="A version's number, or `draft`.")
    after: Which = Field("draft", description="A version's number, or `draft`.")


class FieldDifference(AnswerModel):
    path: str = Field(description="Like `mapping.total` or `conditions[0].right`.")
    before: AnyJSON
    after: AnyJSON


class NodeDifference(AnswerModel):
    id: str
    change: Literal["added", "removed", "changed", "moved"] = Field(description="`moved`: only where it is drawn.")
    component: str
    label: str | None
    fields: list[FieldDifference]


class EdgeDifference(AnswerModel):
    id: str
    change: Literal["added", "removed"]
    source: str
    target: str
    handle: str


class Differences(AnswerModel):
    nodes: list[NodeDifference]
    edges: list[EdgeDifference]
    annotations_changed: bool = Field(description="Notes or groups.")
    is_same: bool
    is_layout_only: bool = Field(description="A run would notice nothing.")


def version_of(workflow: Workflow, which: str) -> Version:
    if which == "draft":
        return workflow.draft
    found = workflow.versions.filter(number=int(which)).select_related("created_by").first()
    if found is None:
        raise NotFound("There is no such version.")
    return found


def drawing_of(version: Version) -> dict[str, Any]:
    return {**read_document(version), **annotations_of(version)}


class VersionListView(WorkflowsView):
    @extend_schema(
        operation_id="listVersions",
        summary="The published versions",
        parameters=query_parameters(PageQuery),
        responses=schemas.WorkflowVersionPage,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Newest first."""
        workflow = self.find(workflow_id)
        read_query(PageQuery, request)
        published = workflow.versions.filter(state=Version.State.PUBLISHED).select_related("created_by")
        page = paginate(published, request.query_params)
        results = [version_record(version, workflow) for version in page.results]
        return Response({"results": results, "next": page.next})


class VersionView(WorkflowsView):
    @extend_schema(operation_id="readVersion", summary="A published version", responses=schemas.WorkflowVersionDetail)
    def get(self, request: Request, workflow_id: str, number: int) -> Response:
        """With its nodes and edges, which never change."""
        workflow = self.find(workflow_id)
        version = version_of(workflow, str(number))
        return Response({**version_record(version, workflow), **drawing_of(version)})


class DifferencesView(WorkflowsView):
    @extend_schema(
        operation_id="compareVersions",
        summary="What differs between two versions",
        parameters=query_parameters(DifferenceQuery),
        responses=Differences,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Node by node and field by field; what was only moved is told apart."""
        workflow = self.find(workflow_id)
        query = read_query(DifferenceQuery, request)
        before, after = (drawing_of(version_of(workflow, which)) for which in (query.before, query.after))
        return Response(compare(before, after))

"""Runs: lists with filters, and one run by id or handle."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import PageQuery, ProjectView, query_parameters, read_query
from runs.api import answers, requests
from runs.models import Log, Run, RunMetadata
from runs.records import page_of_logs, run_head, run_record
from wire.paging import paginate
from wire.prepared import Prepared
from wire.problems import NotFound
from wire.times import from_query
from workflows.models import Workflow
from workflows.records import PATHS_OF_A_RECORD

_METADATA = "metadata."
WITH_RECORD = ("version", *(f"workflow__{path}" for path in PATHS_OF_A_RECORD))

_METADATA_PARAMETER = OpenApiParameter(
    "metadata.KEY",
    {"type": "string"},
    OpenApiParameter.QUERY,
    description="Runs whose metadata has this value under KEY; may be given for several keys.",
)


_all = Run.objects.select_related(*WITH_RECORD)
_by_id = Prepared(lambda project_id, run_id: _all.filter(project_id=project_id, pk=run_id), 2)
_by_handle = Prepared(lambda project_id, handle: _all.filter(project_id=project_id, handle=handle), 2)


class RunsView(ProjectView):
    """A view on the project's runs."""

    def find(self, run_id: str) -> Run:
        """By our id, else by the caller's own."""
        found = _by_id.first(self.project.id, run_id) or _by_handle.first(self.project.id, run_id)
        if found is None:
            raise NotFound("There is no such run.")
        return found

    def filtered(self, query: requests.RunFilter, metadata: Mapping[str, str]) -> QuerySet[Run]:
        """The project's runs that fit; `metadata` is by key."""
        wanted = Q()
        if query.workflow is not None:
            wanted &= Q(workflow=self._workflow(query.workflow))
        if query.status is not None:
            wanted &= Q(status=query.status)
        if query.trigger is not None:
            wanted &= Q(trigger_type=query.trigger)
        if query.since is not None:
            wanted &= Q(created_at__gte=from_query("since", query.since))
        if query.until is not None:
            wanted &= Q(created_at__lt=from_query("until", query.until))
        if query.correlation_id is not None:
            wanted &= Q(correlation_id=query.correlation_id)
        for key, value in metadata.items():
            pairs = RunMetadata.objects.filter(key=key, value=value)
            wanted &= Q(pk__in=pairs.values("run_id"))
        return Run.objects.for_project(self.project).filter(wanted)

    def _workflow(self, workflow_id: str) -> Workflow:
        """Also a deleted one, whose runs stay."""
        workflow = Workflow.objects.filter(project=self.project, pk=workflow_id).first()
        if workflow is None:
            raise NotFound("There is no such workflow.")
        return workflow


class RunListView(RunsView):
    @extend_schema(
        operation_id="listRuns",
        summary="The project's runs",
        parameters=[*query_parameters(requests.RunQuery), _METADATA_PARAMETER],
        responses=answers.RunPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first, without payloads and logs."""
        metadata = {name: str(value) for name, value in request.query_params.items() if name.startswith(_METADATA)}
        query = read_query(requests.RunQuery, request, apart=metadata)
        by_key = {name.removeprefix(_METADATA): value for name, value in metadata.items()}
        rows = self.filtered(query, by_key).select_related("version__requirement", "workflow")
        page = paginate(rows.defer("trigger_payload", "output", "response", "extra"), request.query_params)
        return Response({"results": [run_head(run) for run in page.results], "next": page.next})


class RunView(RunsView):
    @extend_schema(
        operation_id="readRun",
        summary="A run",
        parameters=query_parameters(requests.ReadQuery),
        responses=answers.Run,
    )
    def get(self, request: Request, run_id: str) -> Response:
        """By its id or by the caller's own `run_id`; with all logs, unless `logs` is false."""
        query = read_query(requests.ReadQuery, request)
        return Response(run_record(self.find(run_id), with_logs=query.logs == "true"))


class LogListView(RunsView):
    @extend_schema(
        operation_id="listLogs",
        summary="A run's logs",
        parameters=query_parameters(PageQuery),
        responses=answers.LogPage,
    )
    def get(self, request: Request, run_id: str) -> Response:
        """In the order in which they changed last: one that ends while the run goes on comes again on a later page."""
        read_query(PageQuery, request)
        run = self.find(run_id)
        page = paginate(Log.objects.filter(run=run), request.query_params, ("seq",))
        return Response({"results": page_of_logs(run, page.results), "next": page.next})

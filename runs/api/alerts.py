"""Alert workflows: which one is started when a workflow fails, stalls or misses a start, and what it was told."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AnswerModel, Moment, PageQuery, RequestModel, query_parameters, read_body, read_query
from runs import alerts
from runs.firings import alert_record
from wire.paging import paginate
from wire.problems import NotFound
from workflows.api.schemas import RunStatus
from workflows.api.workflows import WorkflowsView
from workflows.models import Workflow
from workflows.services import name_alert_workflow


class AlertSettingsUpdate(RequestModel):
    alert_workflow: str | None = Field(description="Its id; null: none.")


class AlertSettings(AnswerModel):
    alert_workflow: str | None
    alert_workflow_name: str | None


class Alert(AnswerModel):
    id: str
    kind: Literal["failed", "stalled", "missed", "test"]
    message: str
    subject_id: str | None = Field(description="The run that failed or stalled.")
    run_id: str | None = Field(description="The alert workflow's run.")
    run_status: RunStatus | None
    reason: str = Field(description="Why it could not be started.")
    created_at: Moment


class AlertPage(AnswerModel):
    results: list[Alert]
    next: str | None


def _settings(workflow: Workflow) -> dict[str, Any]:
    target = workflow.alert_workflow
    return {"alert_workflow": target.pk if target else None, "alert_workflow_name": target.name if target else None}


class AlertSettingsView(WorkflowsView):
    @extend_schema(operation_id="readAlertSettings", summary="The workflow that it alerts by", responses=AlertSettings)
    def get(self, request: Request, workflow_id: str) -> Response:
        return Response(_settings(self.find(workflow_id)))

    @extend_schema(
        operation_id="saveAlertSettings",
        summary="Name the workflow that it alerts by",
        request=AlertSettingsUpdate,
        responses=AlertSettings,
    )
    def put(self, request: Request, workflow_id: str) -> Response:
        """From now on that one is started when a run of this one fails or stalls, or its schedule misses a start."""
        workflow = self.find(workflow_id)
        wanted = read_body(AlertSettingsUpdate, request).alert_workflow
        target = self._named(wanted) if wanted else None
        return Response(_settings(name_alert_workflow(workflow, target)))

    def _named(self, workflow_id: str) -> Workflow:
        found: Workflow | None = Workflow.objects.for_project(self.project).filter(pk=workflow_id).first()
        if found is None:
            raise NotFound("There is no such alert workflow.", code="workflow_not_found")
        return found


class AlertListView(WorkflowsView):
    @extend_schema(
        operation_id="listAlerts",
        summary="What its alert workflow was told",
        parameters=query_parameters(PageQuery),
        responses=AlertPage,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Newest first."""
        workflow = self.find(workflow_id)
        read_query(PageQuery, request)
        page = paginate(workflow.alerts.select_related("run"), request.query_params)
        return Response({"results": [alert_record(alert) for alert in page.results], "next": page.next})


class AlertTestView(WorkflowsView):
    problems = {"post": (409,)}

    @extend_schema(operation_id="sendTestAlert", summary="Send a test alert", request=None, responses={201: Alert})
    def post(self, request: Request, workflow_id: str) -> Response:
        """Starts the alert workflow with a payload that says it is a test."""
        return Response(alert_record(alerts.send_test(self.find(workflow_id))), status=201)

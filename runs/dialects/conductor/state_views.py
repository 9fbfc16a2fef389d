"""What is changed of a live run from outside: its variables, and a task beside them."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs import services
from runs.dialects.conductor import records, schemas, tasks
from runs.dialects.conductor.base import ConductorView
from runs.dialects.conductor.blocking import answer, refs_of, rest
from runs.dialects.conductor.start_views import MAX_WAIT_SECONDS, WAIT_SECONDS
from runs.dialects.views import json_object
from wire.problems import BadRequest


class VariablesView(ConductorView):
    problems = {"post": (409, 429)}

    @extend_schema(
        operation_id="updateVariables",
        summary="Set variables of a run",
        request=schemas.Input,
        responses=schemas.Workflow,
        tags=["control"],
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """The others keep their values."""
        services.set_variables(self.find_run(workflow_id), json_object(request))
        return Response(records.workflow(self.find_run(workflow_id), with_tasks=True))


class StateView(ConductorView):
    problems = {"post": (409, 429)}

    @extend_schema(
        operation_id="updateState",
        summary="Set variables, and say what came of a task",
        request=schemas.StateUpdate,
        responses=schemas.WorkflowRun,
        parameters=[
            OpenApiParameter("requestId", {"type": "string"}),
            OpenApiParameter("waitUntilTaskRef", {"type": "string"}, description="Reference names, by commas."),
            OpenApiParameter("waitForSeconds", {"type": "integer", "minimum": 0, "maximum": MAX_WAIT_SECONDS}),
        ],
        tags=["control"],
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Answers as an execution does: when the run ends, stands still, or one of those tasks is over."""
        seconds = self.number("waitForSeconds", WAIT_SECONDS, 0, MAX_WAIT_SECONDS) or WAIT_SECONDS
        run, body = self.find_run(workflow_id), json_object(request)
        ref, result, variables = body.get("taskReferenceName"), _object(body, "taskResult"), _object(body, "variables")
        if ref is not None and not isinstance(ref, str):
            raise BadRequest.parameter("taskReferenceName", "must be text.")
        if ref:
            tasks.report_status(result.get("status"))
        if variables:
            services.set_variables(run, variables)
        if ref:
            tasks.update_by_ref(run, ref, str(result["status"]), _object(result, "outputData"))
        wait = rest(run, seconds, refs_of(self))
        request_id = self.given("requestId") or str(uuid.uuid4())
        return Response(answer(self.find_run(workflow_id), wait, request_id, "TARGET_WORKFLOW"))


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name) if body.get(name) is not None else {}
    if not isinstance(value, dict):
        raise BadRequest.parameter(name, "must be an object.")
    return value

"""Callbacks: what comes of a state that waits for somebody outside."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs import services
from runs.dialects.functiongraph import records, schemas
from runs.dialects.functiongraph.base import FlowView
from runs.dialects.functiongraph.errors import invalid
from runs.dialects.views import json_object
from runs.models import Log, Run, Wait
from wire.problems import Conflict
from workflows.models import Node
from workflows.nodes.wait_for_event import WaitForAnEvent

MAX_CODE = 100


class CallbackView(FlowView):
    problems = {"post": (429,)}

    @extend_schema(
        operation_id="createCallbackWorkflow",
        summary="Say what comes of a state that waits",
        request=schemas.CallbackBody,
        responses=schemas.Started,
        parameters=[
            OpenApiParameter("X-Workflow-Run-Id", {"type": "string"}, OpenApiParameter.HEADER, required=True),
            OpenApiParameter("X-Workflow-State-Id", {"type": "string"}, OpenApiParameter.HEADER, required=True),
        ],
        tags=["executions"],
    )
    def post(self, request: Request, project_id: str, flow_id: str) -> Response:
        """`output` becomes the state's output; with `fail` it fails, and `error` is what its `on_errors` are asked.
        What comes before the state waits is kept for it; the first one counts."""
        body = json_object(request)
        if body.get("result") not in ("success", "fail"):
            raise invalid("result", "must be success or fail.")
        if not isinstance(body.get("output"), dict):
            raise invalid("output", "must be an object.")
        if not isinstance(body.get("error"), str | None):
            raise invalid("error", "must be text.")
        run = self.find_execution(flow_id, request.headers.get("X-Workflow-Run-Id", ""))
        state_id = request.headers.get("X-Workflow-State-Id", "")
        if not state_id:
            raise invalid("X-Workflow-State-Id", "is required.")
        try:
            _tell(run, state_id, body)
        except Conflict as conflict:
            raise invalid("X-Workflow-Run-Id", conflict.detail) from None
        return Response({"execution_id": records.execution_id(run)})


def _tell(run: Run, state_id: str, body: dict[str, Any]) -> None:
    is_of_state = Q(node_id=state_id) | Q(node_id__startswith=f"{state_id}/")
    wait = services.pending_waits(run).filter(is_of_state, kind=Wait.Kind.EVENT).first()
    if wait is not None:
        services.tell_outcome(wait, body["output"], _failure(body))
        return
    node = Node.objects.filter(is_of_state, version_id=run.version_id, kind=WaitForAnEvent.kind).first()
    if node is None or run.logs.filter(node_id=node.node_id, status=Log.Status.COMPLETED).exists():
        raise invalid("X-Workflow-State-Id", "The state waits for nothing.")
    services.tell_node(run, node.node_id, body["output"], _failure(body))


def _failure(body: dict[str, Any]) -> services.Failure | None:
    if body["result"] == "success":
        return None
    error = body.get("error") or "callback_failed"
    return services.Failure(error[:MAX_CODE], error)

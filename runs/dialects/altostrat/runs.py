"""Starting runs and reading them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs import idempotency
from runs.dialects.altostrat import records, schemas
from runs.dialects.altostrat.base import AltostratView
from runs.dialects.altostrat.pages import PAGE, page_of
from runs.dialects.views import OpenDialectView, json_object
from runs.engine.plan import Place
from runs.hooks.accepting import accept_from_thread
from runs.hooks.deliveries import Visit
from runs.hooks.request import HookRequest, header_fields
from runs.hooks.routing import Address
from runs.idempotency import Answer
from runs.models import Run
from runs.services import Retry, StartOptions, retry_run, start_run
from runs.story import drawing_of
from runs.waiting import wait_for_end
from wire.networks import client_address
from wire.problems import BadRequest, Conflict, Invalid, NotFound, Problem
from wire.rest import JSONRenderer
from workflows.models import Workflow

SYNC_SECONDS = 30


_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description="The same key within 24 hours gives the first answer again and starts nothing.",
)


class RunTimeoutError(Problem):
    status, code, title = 504, "run_timeout", "The run takes longer"


class ExecuteView(AltostratView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="executeWorkflow",
        summary="Run a workflow",
        request=schemas.Execute,
        responses={202: schemas.Run},
        parameters=[_KEY],
        tags=["runs"],
    )
    def post(self, request: Request, workflow_id: str) -> HttpResponse:
        workflow = self.find_workflow(workflow_id)
        body = json_object(request)
        context = body.get("context", {})
        if not isinstance(context, dict):
            raise Invalid.field("context", "must be an object.")
        return self._answer(workflow, context, _key(request), body)

    def _answer(self, workflow: Workflow, context: Any, key: str | None, body: Any) -> HttpResponse:
        def start() -> tuple[Run, int, bytes]:
            run = started(workflow, context)
            return run, 202, JSONRenderer().render(records.run_of(run))

        if key is None:
            with transaction.atomic():
                run, status, content = start()
            answer = Answer(status, content, run.id, replayed=False)
        else:
            scope = f"altostrat:{workflow.id}"
            fingerprint = idempotency.fingerprint_of("POST", scope, body)
            answer = idempotency.start_once(self.project, scope, key, fingerprint, start)
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
        return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=headers)


class SyncView(AltostratView):
    problems = {"post": (409, 504)}

    @extend_schema(
        operation_id="runWorkflow",
        summary="Run a workflow and wait for its output",
        request=schemas.Payload,
        responses=OpenApiTypes.ANY,
        tags=["runs"],
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Runs it with the body and answers what its last node gave."""
        workflow = self.find_workflow(workflow_id)
        body = json_object(request)
        run = started(workflow, {**body, "payload": body})
        if not wait_for_end(run.id, SYNC_SECONDS).has_ended:
            raise RunTimeoutError(f"The run {run.id} goes on; it took longer than {SYNC_SECONDS} seconds.")
        ended = self.find_run(run.id)
        if ended.status != Run.Status.COMPLETED:
            raise Invalid(f"The run {run.id} failed: {records.run_of(ended)['error_message']}", code="run_failed")
        return Response(ended.output)


class WebhookView(OpenDialectView, AltostratView):
    """The workflow's own URL: its token is all that is asked for."""

    problems = {"post": (405, 409, 503)}

    @extend_schema(
        operation_id="receiveWebhook",
        summary="A workflow's own URL",
        request=schemas.Payload,
        responses={202: schemas.Accepted},
        tags=["runs"],
    )
    def post(self, request: Request, token: str) -> Response:
        fields = header_fields(
            (name.encode(), value.encode("latin-1", "replace")) for name, value in request.headers.items()
        )
        client = client_address(
            request.META.get("REMOTE_ADDR", ""), fields.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES
        )
        hook = HookRequest("POST", "", request.META.get("QUERY_STRING", ""), fields, request._request.body, client)
        accepted = accept_from_thread(Visit(hook, request.path), Address("", token=token), _with_keys_of_body)
        return Response({"message": "Webhook accepted.", "run_id": accepted.run_id}, status=202)


def _with_keys_of_body(payload: dict[str, Any]) -> dict[str, Any]:
    body = payload["body"]
    keys = body if isinstance(body, dict) else {}
    return {**keys, **payload, "webhook_payload": body}


class ExecutionsView(AltostratView):
    @extend_schema(
        operation_id="listExecutions",
        summary="A workflow's runs, newest first",
        responses=schemas.RunPage,
        parameters=PAGE,
        tags=["runs"],
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        workflow = self.find_workflow(workflow_id)
        newest = Run.objects.filter(workflow=workflow).select_related("version", "workflow")
        return Response(page_of(request, newest.order_by("-created_at", "-id"), records.run_without_workflow))


class RunView(AltostratView):
    @extend_schema(operation_id="readRun", summary="A run with its logs", responses=schemas.Run, tags=["runs"])
    def get(self, request: Request, run_id: str) -> Response:
        return Response(records.run_of(self.find_run(run_id)))


class RerunView(AltostratView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="rerun",
        summary="Run it once more",
        request=None,
        responses={202: schemas.NewRun},
        tags=["runs"],
    )
    def post(self, request: Request, run_id: str) -> Response:
        """The same input again, as a new run."""
        origin = self.find_run(run_id)
        if origin.workflow.deleted_at is not None:
            raise Conflict("The workflow of this run was deleted.", code="workflow_deleted")
        run = started(origin.workflow, origin.trigger_payload, retry_of=origin)
        return Response({"message": "The run was started again.", "new_run": records.run_of(run)}, status=202)


class ResumeFromView(AltostratView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="resumeFrom",
        summary="Go on behind a node",
        request=None,
        responses={202: schemas.NewRun},
        tags=["runs"],
    )
    def post(self, request: Request, run_id: str, node_id: str) -> Response:
        """A new run of a failed one: what follows the node begins again, all else that was done is kept."""
        origin = self.find_run(run_id)
        document = drawing_of(origin.version_id).document
        if node_id not in {node["id"] for node in document["nodes"]}:
            raise NotFound("There is no such node in this run.")
        if origin.status != Run.Status.FAILED:
            raise Conflict("Only a run that failed can be resumed.", code="run_not_failed")
        if not origin.logs.filter(node_id=node_id, iteration="", status="completed").exists():
            raise Conflict("Only a node that succeeded can be resumed from.", code="node_not_succeeded")
        following = {edge["target"] for edge in document["edges"] if edge["source"] == node_id}
        ran = origin.logs.filter(node_id__in=following).values_list("node_id", "iteration").distinct()
        run = retry_run(origin, Retry(from_failed=True, begin_at=[Place(*place) for place in ran]))
        message = f"The run was resumed behind {node_id}."
        return Response({"message": message, "new_run": records.run_of(run)}, status=202)


def started(workflow: Workflow, payload: Any, retry_of: Run | None = None) -> Run:
    seconds = workflow.deadline_seconds or settings.ALTOSTRAT_RUN_SECONDS
    options = StartOptions(trigger_type=Run.Trigger.API, deadline_seconds=seconds, retry_of=retry_of)
    run = start_run(workflow, payload, options)
    run.workflow = workflow
    return run


def _key(request: Request) -> str | None:
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise BadRequest.parameter("Idempotency-Key", "must be a UUID.") from None

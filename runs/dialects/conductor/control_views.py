"""Steering runs, one at a time and in bulk."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs import services
from runs.dialects.conductor import control, forms, schemas
from runs.dialects.conductor.base import ConductorView, empty, plain
from runs.dialects.conductor.read_views import texts
from runs.dialects.conductor.rerunning import version_with_input
from runs.dialects.conductor.starting import MAX_CORRELATION_ID, text_in
from runs.dialects.views import json_object
from runs.engine.plan import Place
from runs.models import Run
from runs.services import Retry
from wire.problems import BadRequest, Problem
from wire.strict_json import JsonFault, check_value

MAX_BULK = 1_000
_REASON = OpenApiParameter("reason", {"type": "string", "maxLength": 1000})
_TELLS = OpenApiParameter("triggerFailureWorkflow", {"type": "boolean"})
_LATEST = OpenApiParameter("useLatestDefinitions", {"type": "boolean"})
MAX_REASON = 1_000

Verb = TypeVar("Verb", bound=Callable[..., Response])


class ControlView(ConductorView):
    problems = {"put": (409,), "post": (409,), "delete": (409, 503)}

    @property
    def reason(self) -> str:
        text = self.given("reason") or ""
        if len(text) > MAX_REASON:
            raise BadRequest.parameter("reason", f"must be at most {MAX_REASON:,} characters.")
        return text

    @property
    def latest(self) -> bool:
        return self.flag("useLatestDefinitions", False)


class TerminateView(ControlView):
    @extend_schema(
        operation_id="terminate",
        summary="End a run",
        responses={200: None},
        parameters=[_REASON, _TELLS],
        tags=["control"],
    )
    def delete(self, request: Request, name: str) -> HttpResponse:
        """`name` is the run's id here."""
        tells = self.flag("triggerFailureWorkflow", False)
        control.terminate(self.find_run(name), self.reason, by=self.caller.user.email, tells=tells)
        return empty()


class PauseView(ControlView):
    @extend_schema(operation_id="pause", summary="Hold a run", request=None, responses={200: None}, tags=["control"])
    def put(self, request: Request, workflow_id: str) -> HttpResponse:
        control.pause(self.find_run(workflow_id))
        return empty()


class ResumeView(ControlView):
    @extend_schema(operation_id="resume", summary="Let it go on", request=None, responses={200: None}, tags=["control"])
    def put(self, request: Request, workflow_id: str) -> HttpResponse:
        control.resume(self.find_run(workflow_id))
        return empty()


class RestartView(ControlView):
    @extend_schema(
        operation_id="restart",
        summary="From the start",
        request=None,
        responses={204: None},
        parameters=[_LATEST],
        tags=["control"],
    )
    def post(self, request: Request, workflow_id: str) -> HttpResponse:
        """A new run, which the same id names from now on."""
        control.restart(self.find_run(workflow_id), latest=self.latest)
        return empty(204)


class RetryView(ControlView):
    @extend_schema(
        operation_id="retry", summary="From what failed", request=None, responses={204: None}, tags=["control"]
    )
    def post(self, request: Request, workflow_id: str) -> HttpResponse:
        """A new run with all that was done, which the same id names from now on."""
        control.retry(self.find_run(workflow_id))
        return empty(204)


def _object_in(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise BadRequest.parameter(name, "must be an object.")
    return value


class RerunView(ControlView):
    @extend_schema(
        operation_id="rerun",
        summary="From the start or from a task",
        request=schemas.RerunRequest,
        responses={(200, "text/plain"): OpenApiTypes.STR},
        tags=["control"],
    )
    def post(self, request: Request, workflow_id: str) -> HttpResponse:
        """What was done before the task keeps its outcome. Without a task its input means nothing."""
        run, body = self.find_run(workflow_id), json_object(request)
        payload, task_input = (_object_in(body, name) for name in ("workflowInput", "taskInput"))
        task_id = body.get("reRunFromTaskId") or None
        again = Retry(correlation_id=text_in(body, "correlationId", MAX_CORRELATION_ID))
        if payload is not None:
            again = replace(again, payload=payload)
        if task_id is not None:
            place = self._place_of(run, str(task_id))
            again = replace(again, begin_at=[place])
            if task_input:
                again = replace(again, version=version_with_input(self.caller, run, place.node_id, task_input))
        return plain(forms.workflow_id(control.rerun(run, again)))

    def _place_of(self, run: Run, task_id: str) -> Place:
        log = run.logs.filter(id=task_id).first() if "\0" not in task_id else None
        if log is None:
            raise BadRequest.parameter("reRunFromTaskId", f"there is no task {task_id} in the workflow {run.id}.")
        return Place(log.node_id, log.iteration)


class SkipTaskView(ControlView):
    @extend_schema(
        operation_id="skipTask",
        summary="Leave out a task that was not reached yet",
        request=schemas.SkipTask,
        responses={200: None},
        parameters=[OpenApiParameter("skipTaskRequest", {"type": "string"}, description="The same as a literal.")],
        tags=["control"],
    )
    def put(self, request: Request, workflow_id: str, ref: str) -> HttpResponse:
        """It completes with `taskOutput`. A task's input is not replaced."""
        body = json_object(request) or self._literal()
        output: Any = next((body[name] for name in ("taskOutput", "task_output") if body.get(name) is not None), {})
        if not isinstance(output, dict):
            raise BadRequest.parameter("taskOutput", "must be an object.")
        services.skip_node(self.find_run(workflow_id), ref, output)
        return empty()

    def _literal(self) -> dict[str, Any]:
        """Python's client sends the request as a literal of its language, in the query."""
        text = self.given("skipTaskRequest") or "{}"
        try:
            body = ast.literal_eval(text)
            check_value(body)
        except (ValueError, SyntaxError, MemoryError, RecursionError, JsonFault):
            raise BadRequest.parameter("skipTaskRequest", "must be a literal of a dict.") from None
        if not isinstance(body, dict):
            raise BadRequest.parameter("skipTaskRequest", "must be a literal of a dict.")
        return body


class RemoveView(ControlView):
    @extend_schema(operation_id="remove", summary="Delete a run", responses={200: None}, tags=["control"])
    def delete(self, request: Request, workflow_id: str) -> HttpResponse:
        """A live one is terminated first."""
        control.remove(self.find_run(workflow_id), by=self.caller.user.email)
        return empty()


class TerminateRemoveView(RemoveView):
    schema = None  # the same, said otherwise


# --- many at once ---


class BulkView(ControlView):
    def each(self, request: Request, do: Callable[[Run], Any]) -> Response:
        """One that cannot be done never keeps the rest from it."""
        done: list[str] = []
        refused: dict[str, str] = {}
        for workflow_id in texts("", request.data, MAX_BULK):
            try:
                with transaction.atomic():
                    do(self.find_run(workflow_id))
            except Problem as problem:
                refused[workflow_id] = problem.detail
            else:
                done.append(workflow_id)
        return Response(
            {
                "bulkErrorResults": refused,
                "bulkSuccessfulResults": done,
                "message": "Bulk Request has been processed.",
            }
        )


def _bulk(verb: str, summary: str, *parameters: OpenApiParameter) -> Callable[[Verb], Verb]:
    return extend_schema(
        operation_id=f"bulk{verb}",
        summary=summary,
        request=schemas.Ids,
        responses=schemas.BulkResponse,
        parameters=[*parameters],
        tags=["bulk"],
    )


class BulkPauseView(BulkView):
    @_bulk("Pause", "Hold many")
    def put(self, request: Request) -> Response:
        return self.each(request, control.pause)


class BulkResumeView(BulkView):
    @_bulk("Resume", "Let many go on")
    def put(self, request: Request) -> Response:
        return self.each(request, control.resume)


class BulkRestartView(BulkView):
    @_bulk("Restart", "Many from the start", _LATEST)
    def post(self, request: Request) -> Response:
        latest = self.latest
        return self.each(request, lambda run: control.restart(run, latest=latest))


class BulkRetryView(BulkView):
    @_bulk("Retry", "Many from what failed")
    def post(self, request: Request) -> Response:
        return self.each(request, control.retry)


class BulkTerminateView(BulkView):
    @_bulk("Terminate", "End many", _REASON)
    def post(self, request: Request) -> Response:
        reason = self.reason
        return self.each(request, lambda run: control.terminate(run, reason, by=self.caller.user.email))


class BulkRemoveView(BulkView):
    schema = None  # a DELETE with a body, for which OpenAPI has no words

    def delete(self, request: Request) -> Response:
        return self.each(request, lambda run: control.remove(run, by=self.caller.user.email))


class BulkDeleteView(BulkView):
    @_bulk("Delete", "Delete many")
    def post(self, request: Request) -> Response:
        return self.each(request, lambda run: control.remove(run, by=self.caller.user.email))

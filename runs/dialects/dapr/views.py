"""Dapr's HTTP API. Form A, as the runtime serves it, and form B, as it was first published, share their paths:

…/workflows/dapr/{name}/start        …/workflows/{name}/{id}/start
…/workflows/dapr/{id}/pause          …/workflows/{name}/{id}/pause
"""

from __future__ import annotations

import re
from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import TypeAdapter, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from runs import services
from runs.api.requests import Metadata
from runs.dialects.dapr import records, schemas
from runs.dialects.dapr.base import COMPONENT, DaprView, InstanceView, done, location
from runs.dialects.dapr.errors import DaprError
from runs.dialects.dapr.instances import Start, check_event_name, check_id, purge, start, tell, terminate
from runs.models import Run
from wire.problems import Conflict

METADATA = OpenApiParameter(
    "dapr-workflow-metadata",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="Kept with the run and searchable: `key=value; key2=value2`.",
)
_METADATA = TypeAdapter[dict[str, str]](Metadata)
_BETWEEN = re.compile(r"[;,]")


class StartView(DaprView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="startWorkflow",
        summary="Start a workflow",
        request=schemas.Payload,
        responses={202: schemas.Started},
        parameters=[METADATA, OpenApiParameter("instanceID", {"type": "string"})],
        tags=["workflows"],
    )
    def post(self, request: Request, version: str, component: str, instance: str) -> Response:
        """`…/dapr/{name}/start?instanceID=`, or `…/{name}/{id}/start`. An id that is live is 409."""
        name, instance_id = self._named(request, component, instance)
        if instance_id:
            check_id(instance_id)
        wanted = Start(name, instance_id, self.sent, metadata_of(request))
        return started(start(self.caller, wanted), version, component)

    def _named(self, request: Request, component: str, instance: str) -> tuple[str, str]:
        """Workflow and instance id."""
        if not component:
            raise DaprError(400, "ERR_WORKFLOW_COMPONENT_MISSING", "no workflow component was provided")
        if component != COMPONENT:
            if not instance:
                raise DaprError(400, "ERR_INSTANCE_ID_PROVIDED_MISSING", "no instance ID was provided")
            return component, instance
        if not instance:
            raise DaprError(400, "ERR_WORKFLOW_NAME_MISSING", "no workflow name was provided")
        return instance, request.query_params.get("instanceID", "")


def started(run: Run, version: str, component: str) -> Response:
    instance_id = records.instance_id(run)
    headers = {"Location": location(version, component, instance_id)}
    return Response({"instanceID": instance_id}, status=202, headers=headers)


def metadata_of(request: Request) -> dict[str, str]:
    """The pairs of the header, which may come several times."""
    pairs = {}
    for part in _BETWEEN.split(request.headers.get("dapr-workflow-metadata", "")):
        if not part.strip():
            continue
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise DaprError(400, "ERR_START_WORKFLOW", f"dapr-workflow-metadata: {part.strip()!r} is not key=value")
        pairs[key.strip()] = value.strip()
    try:
        return _METADATA.validate_python(pairs)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"]
        raise DaprError(400, "ERR_START_WORKFLOW", f"dapr-workflow-metadata: {message}") from None


class StateView(InstanceView):
    @extend_schema(
        operation_id="getWorkflow",
        summary="How an instance stands",
        responses=schemas.State,
        tags=["instances"],
    )
    def get(self, request: Request, version: str, component: str, instance: str) -> Response:
        return Response(records.state(self.find(component, instance)))

    @extend_schema(
        operation_id="deleteWorkflow",
        summary="Delete an instance that has ended",
        responses={202: schemas.Done},
        tags=["instances"],
    )
    def delete(self, request: Request, version: str, component: str, instance: str) -> HttpResponse:
        """The same as `purge`."""
        return PurgeView.purged(self, component, instance)

    problems = {"delete": (409, 500)}


class SteerView(InstanceView):
    """Something is asked of an instance."""

    code: ClassVar[str]
    """What form A says when it cannot be done."""
    names_unknown: ClassVar[bool] = False
    """Whether form A tells an instance that is not there by the common 404."""
    problems = {"post": (409, 500)}

    def told(self, component: str, instance: str) -> Run:
        try:
            return self.find(component, instance)
        except DaprError as error:
            if error.status == 404 and component == COMPONENT and not self.names_unknown:
                raise DaprError(500, self.code, error.detail) from None
            raise


class PauseView(SteerView):
    code = "ERR_PAUSE_WORKFLOW"

    @extend_schema(
        operation_id="pauseWorkflow",
        summary="Hold an instance",
        request=None,
        responses={202: schemas.Done},
        tags=["instances"],
    )
    def post(self, request: Request, version: str, component: str, instance: str) -> HttpResponse:
        """No new work starts; what is under way finishes."""
        services.suspend_run(self.told(component, instance))
        return done(component)


class SuspendView(PauseView):
    schema = None  # another word for the same


class ResumeView(SteerView):
    code = "ERR_RESUME_WORKFLOW"

    @extend_schema(
        operation_id="resumeWorkflow",
        summary="Let an instance go on",
        request=None,
        responses={202: schemas.Done},
        tags=["instances"],
    )
    def post(self, request: Request, version: str, component: str, instance: str) -> HttpResponse:
        services.resume_run(self.told(component, instance))
        return done(component)


class TerminateView(SteerView):
    code = "ERR_TERMINATE_WORKFLOW"
    names_unknown = True

    @extend_schema(
        operation_id="terminateWorkflow",
        summary="End an instance",
        request=schemas.Payload,
        responses={202: schemas.Done},
        tags=["instances"],
    )
    def post(self, request: Request, version: str, component: str, instance: str) -> HttpResponse:
        """The body becomes its output. One that has ended stays as it is."""
        terminate(self.told(component, instance), self.sent, by=self.caller.user.email)
        return done(component)


class PurgeView(SteerView):
    code = "ERR_PURGE_WORKFLOW"
    names_unknown = True

    @extend_schema(
        operation_id="purgeWorkflow",
        summary="Delete an instance that has ended",
        request=None,
        responses={202: schemas.Done},
        tags=["instances"],
    )
    def post(self, request: Request, version: str, component: str, instance: str) -> HttpResponse:
        """With its child instances. Live: 500 in form A, 409 in form B."""
        return self.purged(self, component, instance)

    @staticmethod
    def purged(view: InstanceView, component: str, instance: str) -> HttpResponse:
        run = view.find(component, instance)
        try:
            purge(run, by=view.caller.user.email)
        except Conflict as conflict:
            status = 500 if component == COMPONENT else 409
            raise DaprError(status, PurgeView.code, conflict.detail) from None
        return done(component)


class RaiseEventView(SteerView):
    code = "ERR_RAISE_EVENT_WORKFLOW"
    problems = {"post": (429, 500)}

    @extend_schema(
        operation_id="raiseEvent",
        summary="Tell an instance something",
        request=schemas.Payload,
        responses={202: schemas.Done},
        tags=["instances"],
    )
    def post(self, request: Request, version: str, component: str, instance: str, event: str = "") -> HttpResponse:
        """What it does not wait for yet is kept for it; names compare without regard to case."""
        name = event or request.query_params.get("eventName", "")
        check_event_name(name)
        tell(self.told(component, instance), name, self.sent)
        return done(component)


class RaiseNamedEventView(RaiseEventView):
    schema = None  # the same, with the name in the query

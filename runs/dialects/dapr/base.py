"""What Dapr's views share: the token's header, bodies as they are, instances, and the answer to what was done."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.urls import register_converter
from django.urls.converters import StringConverter
from rest_framework.response import Response

from runs.dialects.dapr.errors import DAPR, DaprError, unknown_instance
from runs.dialects.dapr.instances import Text
from runs.dialects.dapr.schemas import Error
from runs.dialects.finding import run_of_handle, workflow_named
from runs.dialects.views import DialectView, HeaderAuthentication, NoSuchRoute
from runs.models import Run

COMPONENT = "dapr"
"""The only workflow component. Where another word stands in its place, it is a workflow's name (form B)."""


class PartConverter(StringConverter):
    """A part of a path that may be empty, so that its absence can be named."""

    regex = "[^/]*"


register_converter(PartConverter, "dapr_part")


class DaprAuthentication(HeaderAuthentication):
    """As Dapr's clients send it."""

    header = "dapr-api-token"


class DaprView(DialectView):
    dialect = DAPR
    authentication_classes = [DaprAuthentication]
    error_model = Error

    @property
    def sent(self) -> Text:
        """The body: opaque text, whatever it is said to be."""
        return Text.of(self.request._request.body)


class NoSuchDaprRoute(NoSuchRoute):
    dialect = DAPR


class InstanceView(DaprView):
    """A view on one instance: `…/dapr/{id}` (form A), or `…/{workflow}/{id}` (form B)."""

    def find(self, component: str, instance: str) -> Run:
        """Raises DaprError; in form B also for an instance of another workflow."""
        if not instance:
            raise DaprError(400, "ERR_INSTANCE_ID_PROVIDED_MISSING", "no instance ID was provided")
        if not component:
            raise DaprError(400, "ERR_WORKFLOW_COMPONENT_MISSING", "no workflow component was provided")
        run = run_of_handle(self.project, instance)
        if run is None or (component != COMPONENT and workflow_named(self.project, component) != run.workflow):
            raise unknown_instance(instance)
        return run


def done(component: str) -> HttpResponse:
    """202; form B's answers are empty."""
    return Response({}, status=202) if component == COMPONENT else HttpResponse(status=202, content_type="text/plain")


def location(version: str, component: str, instance_id: str) -> str:
    return f"{settings.PUBLIC_URL}/{version}/workflows/{component}/{instance_id}"

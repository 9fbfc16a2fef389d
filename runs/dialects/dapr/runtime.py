"""What Dapr's clients ask of its runtime before they ask anything of a workflow."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from runs import probes
from runs.dialects.dapr import schemas
from runs.dialects.dapr.base import DaprView
from runs.dialects.dapr.errors import DAPR, DaprError
from runs.dialects.views import OpenDialectView

RUNTIME_VERSION = "1.18.0"
"""The runtime whose API this is."""


class MetadataView(DaprView):
    @extend_schema(
        operation_id="getMetadata",
        summary="About this server",
        responses=schemas.Metadata,
        tags=["runtime"],
    )
    def get(self, request: Request, version: str) -> Response:
        return Response({"id": "penstock", "runtimeVersion": RUNTIME_VERSION, "extended": {}})


class HealthView(OpenDialectView):
    dialect = DAPR
    error_model = schemas.Error
    problems = {"get": (500,)}

    @extend_schema(
        operation_id="getHealth",
        summary="Whether it is ready",
        responses={204: None},
        tags=["runtime"],
    )
    def get(self, request: Request, version: str) -> HttpResponse:
        missing = async_to_sync(probes.what_is_missing)()
        if missing:
            raise DaprError(500, "ERR_HEALTH_NOT_READY", f"not ready: {', '.join(missing)}")
        return HttpResponse(status=204)


class OutboundHealthView(HealthView):
    schema = None  # the same

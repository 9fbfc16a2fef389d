"""The node kinds, as picker and forms are made from them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import ApiView
from workflows.api import schemas
from workflows.nodes.registry import REGISTRY


class ComponentListView(ApiView):
    @extend_schema(operation_id="listComponents", summary="The node kinds", responses=schemas.ComponentList)
    def get(self, request: Request) -> Response:
        """All of them, with the JSON Schema of their settings."""
        return Response({"results": REGISTRY.catalogue})

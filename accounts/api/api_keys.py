"""Keys for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api import schemas
from accounts.api.base import PageQuery, ProjectView, query_parameters, read_body, read_query
from accounts.models import ApiKey
from wire.paging import paginate
from wire.problems import NotFound


def api_key_record(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.membership.role,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
    }


class ApiKeyListView(ProjectView):
    @extend_schema(
        operation_id="listApiKeys",
        summary="The project's API keys",
        parameters=query_parameters(PageQuery),
        responses=schemas.ApiKeyPage,
    )
    def get(self, request: Request) -> Response:
        read_query(PageQuery, request)
        page = paginate(ApiKey.objects.for_project(self.project).select_related("membership"), request.query_params)
        return Response({"results": [api_key_record(key) for key in page.results], "next": page.next})

    @extend_schema(
        operation_id="createApiKey",
        summary="Make an API key",
        request=schemas.ApiKeyCreate,
        responses={201: schemas.NewApiKey},
    )
    def post(self, request: Request) -> Response:
        body = read_body(schemas.ApiKeyCreate, request)
        key, secret = services.create_api_key(self.caller.membership, body.name, body.expires_at)
        return Response({**api_key_record(key), "secret": secret}, status=201)


class ApiKeyView(ProjectView):
    @extend_schema(operation_id="revokeApiKey", summary="Revoke an API key", request=None, responses={204: None})
    def delete(self, request: Request, key_id: str) -> Response:
        key = ApiKey.objects.for_project(self.project).filter(pk=key_id).first()
        if key is None:
            raise NotFound("There is no such API key.")
        services.revoke_api_key(key)
        return Response(status=204)

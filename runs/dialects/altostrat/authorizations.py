"""Authorizations: the memberships under which a project's workflows act."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership
from runs.dialects.altostrat import schemas
from runs.dialects.altostrat.base import AltostratView
from wire.problems import Conflict, NotFound


class AuthorizationsView(AltostratView):
    @extend_schema(
        operation_id="listAuthorizations",
        summary="Under whose names workflows may act",
        responses=schemas.AuthorizationList,
        tags=["authorizations"],
    )
    def get(self, request: Request) -> Response:
        members = Membership.objects.filter(project=self.project).select_related("user").order_by("created_at", "id")
        return Response([_record(member) for member in members])


class AuthorizationView(AltostratView):
    problems = {"delete": (409,)}

    @extend_schema(
        operation_id="deleteAuthorization", summary="Take one back", responses={204: None}, tags=["authorizations"]
    )
    def delete(self, request: Request, authorization_id: str) -> Response:
        """An authorization is a member here, and members leave a project in Penstock itself: always 409."""
        if not Membership.objects.filter(project=self.project, pk=authorization_id).exists():
            raise NotFound("There is no such authorization.")
        raise Conflict("It is a member of the project, who cannot be removed here.", code="resource_in_use")


def _record(member: Membership) -> dict[str, Any]:
    return {
        "id": member.id,
        "user_id": member.user_id,
        "provider": "penstock",
        "status": "active" if member.user.is_active else "inactive",
        "created_at": member.created_at,
    }

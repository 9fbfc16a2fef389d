"""Authorizations: the memberships under which a project's workflows act."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services as accounts
from accounts.models import Membership
from runs.dialects.altostrat import schemas
from runs.dialects.altostrat.base import AltostratView


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
        """An authorization is a member here, who leaves the project with all their keys: 409 for oneself, and while
        workflows act in their name."""
        accounts.remove_member(self.find_authorization(authorization_id), by=self.caller.user)
        return Response(status=204)


def _record(member: Membership) -> dict[str, Any]:
    return {
        "id": member.id,
        "user_id": member.user_id,
        "provider": "penstock",
        "status": "active" if member.user.is_active else "inactive",
        "created_at": member.created_at,
    }

"""Signing in and out with the browser, and tokens for programs."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api import schemas
from accounts.api.base import ApiView, OpenView, only, read_body
from accounts.authentication import check_csrf
from accounts.callers import make_tokens, refresh_access
from accounts.models import Membership, User
from wire.problems import Forbidden


def project_records(user: User, only: str | None = None) -> list[dict[str, Any]]:
    """The user's projects, the first made first."""
    mine = Membership.objects.filter(user=user).select_related("project").order_by("created_at", "id")
    return [
        {"id": of.project_id, "name": of.project.name, "role": of.role, "timezone": of.project.timezone}
        for of in (mine.filter(project_id=only) if only else mine)
    ]


def session_record(request: Request, user: User | None) -> dict[str, Any]:
    return {
        "user": {"id": user.id, "email": user.email, "name": user.name} if user else None,
        "projects": project_records(user) if user else [],
        "csrf_token": get_token(request._request),
    }


def _address(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


class SessionView(OpenView):
    problems = {"post": (401, 429)}

    @extend_schema(operation_id="readSession", summary="Who is signed in", responses=schemas.Session)
    def get(self, request: Request) -> Response:
        user = self.identity.user if request.auth else None
        return Response(session_record(request, user))

    @extend_schema(operation_id="signIn", summary="Sign in", request=schemas.SignIn, responses=schemas.Session)
    def post(self, request: Request) -> Response:
        # Else another site could sign a visitor in under its own account.
        check_csrf(request)
        body = read_body(schemas.SignIn, request)
        user = services.check_password(body.email, body.password, _address(request))
        login(request._request, user)
        return Response(session_record(request, user))

    @extend_schema(operation_id="signOut", summary="Sign out", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


class PasswordView(ApiView):
    @extend_schema(
        operation_id="changePassword",
        summary="Change the password",
        request=schemas.PasswordChange,
        responses={204: None},
    )
    def put(self, request: Request) -> Response:
        if self.identity.api_key is not None:
            raise Forbidden("An API key cannot change its owner's password.")
        body = read_body(schemas.PasswordChange, request)
        user = self.identity.user
        services.change_password(user, body.current_password, body.new_password)
        if request._request.user == user:
            update_session_auth_hash(request._request, user)  # this browser stays signed in
        return Response(status=204)


class TokenView(OpenView):
    authentication_classes = []
    problems = {"post": (401, 429)}

    @extend_schema(
        operation_id="createToken", summary="A token for a program", request=schemas.SignIn, responses=schemas.TokenPair
    )
    def post(self, request: Request) -> Response:
        body = read_body(schemas.SignIn, request)
        refresh = make_tokens(services.check_password(body.email, body.password, _address(request)))
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


class TokenRefreshView(OpenView):
    authentication_classes = []
    problems = {"post": (401,)}

    @extend_schema(
        operation_id="refreshToken",
        summary="A new access token",
        request=schemas.RefreshRequest,
        responses=schemas.AccessToken,
    )
    def post(self, request: Request) -> Response:
        return Response({"access": refresh_access(read_body(schemas.RefreshRequest, request).refresh)})


class ProjectListView(ApiView):
    @extend_schema(operation_id="listProjects", summary="The caller's projects", responses=schemas.ProjectPage)
    def get(self, request: Request) -> Response:
        key = self.identity.api_key
        only = key.membership.project_id if key else None
        return Response({"results": project_records(self.identity.user, only), "next": None})


@only("GET")
def use_sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """For a person's browser, hence a page to go to and not a problem to read."""
    user = services.use_sign_in_link(token)
    if user is None:
        return HttpResponseRedirect("/app/sign-in?problem=link_used")
    login(request, cast(Any, user))
    return HttpResponseRedirect("/app/")

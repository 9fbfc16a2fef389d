"""REST framework's view of `accounts.callers`: bearer for programs, session with CSRF for the browser."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from accounts.callers import Identity, bearer_token, identity_of_bearer
from accounts.models import User
from wire.problems import Forbidden


class BearerAuthentication(BaseAuthentication):
    """A JWT or an API key's secret. First in the list: a request that carries a bearer is judged by it alone."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        token = bearer_token(request.META.get("HTTP_AUTHORIZATION", ""))
        if token is None:
            return None
        identity = identity_of_bearer(token, request.META.get("HTTP_X_PENSTOCK_PROJECT"))
        return identity.user, identity

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SessionAuthentication(BaseAuthentication):
    """The browser's session cookie; unsafe methods need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        user: Any = request._request.user
        if not isinstance(user, User) or not user.is_active:
            return None
        check_csrf(request)
        return user, Identity(user, is_browser=True)


def check_csrf(request: Request) -> None:
    """Django's own check, which REST framework's views are exempt from, with a problem as the answer."""
    check = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request._request)
    if check.process_view(request._request, None, (), {}):  # type: ignore[arg-type]
        raise Forbidden("The CSRF token is missing or wrong; send it as X-CSRFToken.", code="csrf_failed")

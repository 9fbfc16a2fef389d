"""An answered request leaves nothing to the garbage collector."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import OpenView
from wire.problems import NotFound

made: list[weakref.ref[Any]] = []


class Things(OpenView):
    def get(self, request: Request) -> Response:
        made.extend(weakref.ref(each) for each in (self, request, request._request))
        return Response({"results": []})

    def post(self, request: Request) -> HttpResponse:
        made.extend(weakref.ref(each) for each in (self, request, request._request))
        assert request.data == {"name": "x"}
        return HttpResponse(b"{}")

    def delete(self, request: Request) -> HttpResponse:
        made.extend(weakref.ref(each) for each in (self, request, request._request))
        raise NotFound


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 200), ("DELETE", 404)])
def test_it_is_gone_as_soon_as_it_is_answered(method: str, status: int) -> None:
    made.clear()

    def answered() -> int:
        request = RequestFactory().generic(method, "/things", b'{"name": "x"}', content_type="application/json")
        response: Any = SessionMiddleware(AuthenticationMiddleware(Things.as_view()))(request)
        response = response.render() if isinstance(response, Response) else response
        made.append(weakref.ref(response))
        return int(response.status_code)

    gc.disable()
    try:
        assert answered() == status
        assert [each() for each in made] == [None] * 4
    finally:
        gc.enable()

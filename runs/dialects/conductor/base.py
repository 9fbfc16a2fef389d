"""What Conductor's views share: the token's header, absent parameters, and runs by the id that clients hold."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from runs.dialects.conductor.errors import CONDUCTOR, no_such_workflow
from runs.dialects.conductor.schemas import Error
from runs.dialects.finding import run_of_handle, workflow_named
from runs.dialects.views import DialectView, HeaderAuthentication, NoSuchRoute
from runs.models import Run
from wire.problems import BadRequest, NotFound
from workflows.models import Workflow

_ABSENT = ("", "None")
_FLAGS = {"true": True, "false": False}


class TokenAuthentication(HeaderAuthentication):
    """With the token of `POST /api/token` or a key's secret."""

    header = "X-Authorization"


class ConductorView(DialectView):
    dialect = CONDUCTOR
    authentication_classes = [TokenAuthentication]
    error_model = Error

    def find_run(self, workflow_id: str) -> Run:
        run = run_of_handle(self.project, workflow_id)
        if run is None:
            raise no_such_workflow(workflow_id)
        return run

    def find_workflow(self, name: str, version: int | None = None) -> Workflow:
        workflow = workflow_named(self.project, name)
        if workflow is None:
            raise NotFound(f"No such workflow found by name: {name}, version: {version or 'latest'}")
        return workflow

    def given(self, name: str) -> str | None:
        """A query parameter; clients send `None` and nothing where they mean that there is none."""
        text = self.request.query_params.get(name)
        return None if text in _ABSENT else text

    def flag(self, name: str, default: bool) -> bool:
        text = self.given(name)
        if text is None:
            return default
        if text.lower() not in _FLAGS:
            raise BadRequest.parameter(name, "must be true or false.")
        return _FLAGS[text.lower()]

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.given(name)
        return default if text is None else whole(name, text, low, high)


class NoSuchConductorRoute(NoSuchRoute):
    dialect = CONDUCTOR


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A number of a query or a body."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and value.isdecimal() and len(value) <= 18):
        raise BadRequest.parameter(name, f"must be a whole number from {low} to {high}.")
    if not low <= int(value) <= high:
        raise BadRequest.parameter(name, f"must be a whole number from {low} to {high}.")
    return int(value)


def plain(text: str) -> HttpResponse:
    """A bare id, as the clients want it."""
    return HttpResponse(text, content_type="text/plain")


def empty(status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain")

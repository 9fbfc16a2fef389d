"""What the views of this dialect share: a bearer, JSON bodies, its errors, and the look-ups within the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.api.base import ProjectView
from accounts.authentication import BearerAuthentication
from runs.dialects.altostrat import errors
from runs.models import Run
from wire.problems import Invalid, NotFound
from workflows.models import Workflow
from workflows.records import PATHS_OF_A_RECORD, with_all_it_says


class AltostratView(ProjectView):
    authentication_classes = [BearerAuthentication]
    schema = None  # the native reference stays native

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], HttpResponse]:
        return errors.exception_handler

    def find_workflow(self, workflow_id: str) -> Workflow:
        mine = with_all_it_says(Workflow.objects.for_project(self.project))
        found: Workflow | None = mine.filter(pk=workflow_id).first()
        if found is None:
            raise NotFound("There is no such workflow.")
        return found

    def find_run(self, run_id: str) -> Run:
        related = ("version", *(f"workflow__{path}" for path in PATHS_OF_A_RECORD))
        found = Run.objects.for_project(self.project).select_related(*related).filter(pk=run_id).first()
        if found is None:
            raise NotFound("There is no such run.")
        return found


class NoSuchRoute(AltostratView):
    """Whatever else lies under `/workflows`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such route.")


def json_object(request: Request) -> dict[str, Any]:
    """The body; none at all and an empty one are `{}`."""
    data: Any = request.data
    if not isinstance(data, dict):
        raise Invalid.field("", "The body must be a JSON object.")
    return dict(data)

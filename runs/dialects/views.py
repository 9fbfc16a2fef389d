"""What the views of all dialects share: who calls, bodies of any said type, and errors in its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from accounts.api.base import ProjectView
from accounts.authentication import BearerAuthentication
from accounts.callers import Caller, Identity, anyone_in, identity_of_bearer
from accounts.models import User
from runs.dialects.dialect import Dialect
from wire import strict_json
from wire.problems import BadRequest, Invalid, NotFound
from wire.rest import problem_of, problem_response


class OneFormOnly(BaseContentNegotiation):
    """The vendors' clients send any Content-Type and any Accept, and none of them means it."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(  # type: ignore[override]  # the stubs leave out that a suffix may be None
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], str(renderers[0].media_type)


class HeaderAuthentication(BearerAuthentication):
    """A token in a header of the vendor's own; a bearer is as good."""

    header: ClassVar[str]

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        token = request.headers.get(self.header)
        if token is None:
            return super().authenticate(request)
        identity = identity_of_bearer(token)
        return identity.user, identity


class DialectView(ProjectView):
    """A view of the dialect on the objects of one project."""

    dialect: ClassVar[Dialect]
    authentication_classes = [BearerAuthentication]
    content_negotiation_class = OneFormOnly
    usual_problems: Sequence[int] = (400, 404)
    body_problems: Sequence[int] = (413,)
    error_type = "application/json"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.dialect.is_on:
            return problem_response(NotFound())
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        try:
            strict_json.check_value(dict(request.query_params.items()))  # a NUL may hide in a query too
        except strict_json.JsonFault as fault:
            raise BadRequest.parameter(fault.path, fault.message) from None

    def check_permissions(self, request: Request) -> None:
        if request.auth or not self.dialect.is_open:
            super().check_permissions(request)

    def find_caller(self, request: Request) -> Caller:
        return super().find_caller(request) if request.auth else anyone_in(self.dialect.open_project)

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], HttpResponse]:
        return lambda error, context: self.dialect.error_response(problem_of(error, context))


class OpenDialectView(DialectView):
    """For callers who bring no key: nothing of a project is reached without a secret of another kind."""

    authentication_classes = []
    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """No caller, hence no project."""


class NoSuchRoute(DialectView):
    """Whatever else lies below the dialect's paths; a subclass names the dialect."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such route.")


def json_object(request: Request) -> dict[str, Any]:
    """The body; none at all and an empty one are `{}`."""
    data: Any = request.data
    if not isinstance(data, dict):
        raise Invalid.field("", "The body must be a JSON object.")
    return dict(data)

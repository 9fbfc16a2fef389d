"""What every view of the API stands on: strict request models, the caller, and the words of the reference."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import register_converter
from django.urls.converters import IntConverter, StringConverter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication, SessionAuthentication
from accounts.callers import Caller, Identity, caller_in
from accounts.models import Project
from wire import rest, strict_json
from wire.paging import DEFAULT_LIMIT, MAX_LIMIT
from wire.problems import MEDIA_TYPE, BadRequest, Detail, Invalid, MethodNotAllowed, Unauthorized

Model = TypeVar("Model", bound=BaseModel)

PlainView = Callable[..., HttpResponse]

Moment = Annotated[datetime, WithJsonSchema({"type": "string", "format": "date-time"})]
AnyJSON = Annotated[Any, WithJsonSchema({"description": "Any JSON value."})]


class RequestModel(BaseModel):
    """A request body: no guessing of types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid")


class AnswerModel(BaseModel):
    """A response body, for the reference and the generated client; the records themselves are plain dicts."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class ProblemDetail(BaseModel):
    """One fault and where it lies."""

    path: str = Field(description="In the request's body, like `nodes[2].data.url`; or the query parameter.")
    code: str
    message: str
    node_id: str | None = None
    edge_id: str | None = None
    field: str | None = None


class Problem(BaseModel):
    """Every error looks like this (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; meant for programs.")
    errors: list[ProblemDetail]


class QueryModel(BaseModel):
    """Query parameters: text that must fit, and no unknown names."""

    model_config = ConfigDict(extra="forbid")


def read_body(model: type[Model], request: Request) -> Model:
    """The request's body as `model`; 422 with the path of every fault."""
    data = request.data
    if not isinstance(data, dict):
        raise Invalid.field("", "The body must be a JSON object.", code="dict_type")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(errors=body_faults(error)) from None


def body_faults(error: ValidationError) -> list[Detail]:
    return [
        {"path": strict_json.join_path(fault["loc"]), "code": fault["type"], "message": fault["msg"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def read_query(model: type[Model], request: Request, apart: Collection[str] = ()) -> Model:
    """The query without the names in `apart`, as `model`; 400 names the parameter. One that comes twice is
    refused, not guessed at."""
    values = {}
    for name, given in request.query_params.lists():
        if len(given) != 1:
            raise BadRequest.parameter(name, "Must be given once.")
        values[name] = given[0]
    try:
        strict_json.check_value(values)  # a NUL may hide in a query too
        return model.model_validate({name: value for name, value in values.items() if name not in apart})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadRequest.parameter(str(fault["loc"][0]) if fault["loc"] else "", fault["msg"]) from None
    except strict_json.JsonFault as fault:
        raise BadRequest.parameter(fault.path, fault.message) from None


class Parser(rest.JSONParser):
    max_bytes = settings.MAX_BODY_BYTES


class IsSignedIn(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.auth is None:
            raise Unauthorized()
        return True


def _forget_context(response: Any) -> None:
    response.renderer_context.clear()


class ApiView(APIView):
    """A view of the native API. Open only where a view says so."""

    authentication_classes = [BearerAuthentication, SessionAuthentication]
    permission_classes: Sequence[type[BasePermission]] = [IsSignedIn]
    parser_classes = [Parser]
    renderer_classes = [rest.JSONRenderer]
    content_negotiation_class: type[BaseContentNegotiation] = rest.ContentNegotiation
    http_method_names = ["get", "head", "post", "put", "delete"]
    problems: Mapping[str, Sequence[int]] = {}
    """By method: the statuses that it may answer with beside those that all share; for the reference."""
    usual_problems: Sequence[int] = (400, 403, 406)
    body_problems: Sequence[int] = (413, 415, 422)
    error_model: type[BaseModel] = Problem
    error_type = MEDIA_TYPE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The request, its view, the session's user and the answer know one another. They are taken apart, else each
        request would leave some ninety objects, and what it answered, to the garbage collector."""
        response = super().dispatch(request, *args, **kwargs)
        self.request.parser_context.clear()
        vars(self).clear()
        vars(request).pop("auser", None)
        if isinstance(response, Response):
            response.add_post_render_callback(_forget_context)
        return response

    @property
    def identity(self) -> Identity:
        return cast(Identity, self.request.auth)


class OpenView(ApiView):
    """For those who are not signed in (yet)."""

    permission_classes: Sequence[type[BasePermission]] = [AllowAny]


class ProjectView(ApiView):
    """A view on the objects of one project: `self.project` scopes every look-up."""

    caller: Caller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Also where nothing is looked up: a foreign project is 404 on every route.
        self.caller = self.find_caller(request)

    def find_caller(self, request: Request) -> Caller:
        return caller_in(self.identity, request.META.get("HTTP_X_PENSTOCK_PROJECT"))

    @property
    def project(self) -> Project:
        return self.caller.project


class PageQuery(QueryModel):
    """What every list understands; wire.paging reads them."""

    cursor: str | None = Field(None, description="`next` of the page before.")
    limit: Annotated[
        str | None, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT})
    ] = None


def only(*methods: str) -> Callable[[PlainView], PlainView]:
    """For plain views: any other method is a 405 problem."""

    def decorate(view: PlainView) -> PlainView:
        @wraps(view)
        def judged(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                raise MethodNotAllowed(headers={"Allow": ", ".join(methods)})
            return view(request, *args, **kwargs)

        return judged

    return decorate


class IdConverter(StringConverter):
    """Ids in paths. What cannot be an id does not reach a database, which would choke on a NUL."""

    regex = "[A-Za-z0-9_-]{1,64}"


class NumberConverter(IntConverter):
    """Numbers of versions; longer ones would not fit a database's integer."""

    regex = "[0-9]{1,9}"


register_converter(IdConverter, "id")
register_converter(NumberConverter, "number")

PROJECT_HEADER = OpenApiParameter(
    "X-Penstock-Project",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The project to work in (`prj_…`); without it the API key's, or the user's first.",
)


def query_parameters(model: type[QueryModel]) -> list[OpenApiParameter]:
    """The same query model, for the reference."""
    schema = model.model_json_schema()
    return [
        OpenApiParameter(
            name,
            {key: value for key, value in _without_null(field).items() if key not in ("title", "description")},
            OpenApiParameter.QUERY,
            description=field.get("description", ""),
            required=name in schema.get("required", ()),
        )
        for name, field in schema["properties"].items()
    ]


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """An optional parameter is left out and never null."""
    said = {key: value for key, value in field.items() if key != "anyOf" and value is not None}
    choices = [choice for choice in field.get("anyOf", ()) if choice.get("type") != "null"]
    return {**said, **choices[0]} if choices else said

"""The API's own description: how views become OpenAPI 3.1, and the schema and reference as pages."""

from __future__ import annotations

import threading
from functools import lru_cache
from http import HTTPStatus
from inspect import getdoc
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.contrib.pydantic import PydanticExtension
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import Direction
from pydantic.json_schema import GenerateJsonSchema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import PROJECT_HEADER, OpenView, ProjectView, only
from config.csp import app_policy, nonce_of
from config.reference import sections
from runs.dialects.dialect import Dialect
from runs.dialects.registry import DIALECTS, documented
from runs.dialects.views import DialectView
from wire.problems import MEDIA_TYPE, BadRequest, NotFound

API_ROOT = "/api/v1/"


class Untitled(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        """A title that only repeats the name says nothing."""
        return False


class BodyModels(PydanticExtension):
    """Request models as they may be sent (defaults left out), answer models as they are sent (all there)."""

    priority = 1

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema: dict[str, Any] = self.target.model_json_schema(
            ref_template="#/components/schemas/{model}",
            schema_generator=Untitled,
            mode="validation" if direction == "request" else "serialization",
        )
        for name, part in schema.pop("$defs", {}).items():
            component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=name, schema=part)
            auto_schema.registry.register_on_missing(component)
        return schema


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A JWT or the secret of an API key (`psk_…`)."}


class DaprTokenScheme(OpenApiAuthenticationExtension):
    target_class = "runs.dialects.dapr.base.DaprAuthentication"
    name = "dapr-api-token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        said = "The secret of an API key (`psk_…`), or a JWT."
        return {"type": "apiKey", "in": "header", "name": "dapr-api-token", "description": said}


class SignatureScheme(OpenApiAuthenticationExtension):
    target_class = "runs.dialects.functiongraph.base.SignatureAuthentication"
    name = "sdk-hmac-sha256"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        said = "SDK-HMAC-SHA256 with an API key's id and secret; a bearer is as good."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": said}


class ConductorTokenScheme(OpenApiAuthenticationExtension):
    target_class = "runs.dialects.conductor.base.TokenAuthentication"
    name = "X-Authorization"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        said = "The token of `POST /api/token`, the secret of an API key (`psk_…`), or a JWT."
        return {"type": "apiKey", "in": "header", "name": "X-Authorization", "description": said}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The browser's session; unsafe methods also send `X-CSRFToken`.",
        }


class ApiSchema(AutoSchema):
    """Adds to every operation what all share: the project header, and the problems that may come back."""

    def get_override_parameters(self) -> list[Any]:
        own = list(super().get_override_parameters())
        is_native = isinstance(self.view, ProjectView) and not isinstance(self.view, DialectView)
        return [*own, PROJECT_HEADER] if is_native else own

    def get_description(self) -> str:  # type: ignore[override]  # as the class between has it
        """The method's own docstring; a class's is for readers of the code."""
        return getdoc(getattr(self.view, self.method.lower())) or ""

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        view: Any = self.view
        problem = self.resolve_serializer(view.error_model, "response").ref
        for status in self._problem_statuses():
            answers[str(status.value)] = {
                "description": status.phrase,
                "content": {view.error_type: {"schema": problem}},
            }
        return dict(sorted(answers.items()))

    def _problem_statuses(self) -> list[HTTPStatus]:
        view: Any = self.view
        statuses = [*view.usual_problems, *view.problems.get(self.method.lower(), ())]
        if view.permission_classes not in ([], [AllowAny]):
            statuses.append(401)
        if isinstance(self.view, ProjectView):
            statuses.append(404)
        if self._get_request_body():  # type: ignore[no-untyped-call]
            statuses += view.body_problems
        return [HTTPStatus(status) for status in sorted(set(statuses))]


def only_native(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Every dialect has a document of its own."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(API_ROOT)]


def with_stream(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The live stream stands in front of Django, so that nothing but this tells of it."""
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    result["paths"][f"{API_ROOT}runs/{{run_id}}/stream"] = {
        "get": {
            "operationId": "streamRun",
            "summary": "A run, live",
            "description": "Server-sent events: `run` with its head, payload, output and node states; `log` with a "
            "log; `end` with the status, after which the stream closes. All there is so far comes first; "
            "`Last-Event-ID` resumes.",
            "tags": ["runs"],
            "parameters": [
                {"in": "path", "name": "run_id", "schema": {"type": "string"}, "required": True},
                {"in": "header", "name": "Last-Event-ID", "schema": {"type": "string"}},
            ],
            "security": [{"bearer": []}, {"session": []}],
            "responses": {
                "200": {"description": "", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
                "401": {"description": HTTPStatus.UNAUTHORIZED.phrase, **problem},
                "404": {"description": HTTPStatus.NOT_FOUND.phrase, **problem},
            },
        }
    }
    return result


_one_at_a_time = threading.Lock()  # the generator's settings are the process's


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The whole document; made once, since it depends on the code alone."""
    with _one_at_a_time:
        document: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return document


@lru_cache
def dialect_schema(dialect: Dialect) -> dict[str, Any]:
    """The document of a dialect, made from its views as the native one is."""
    own = {"TITLE": dialect.title, "PREPROCESSING_HOOKS": [], "POSTPROCESSING_HOOKS": [], "SCHEMA_PATH_PREFIX": "/"}
    with _one_at_a_time, patched_settings(own):
        generator = SchemaGenerator(patterns=documented(dialect))
        document: dict[str, Any] = generator.get_schema(public=True)
    return document


class SchemaView(OpenView):
    """The schema as JSON, or as YAML by Accept header or `?format=yaml`."""

    authentication_classes = []
    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer2]
    schema = None  # not part of itself

    def get_renderers(self) -> list[BaseRenderer]:
        renderers: list[BaseRenderer] = super().get_renderers()
        wanted = self.request.GET.get("format")
        if wanted is None:
            return renderers
        chosen = [renderer for renderer in renderers if renderer.format == wanted]
        if not chosen:
            raise BadRequest.parameter("format", "must be json or yaml.")
        return chosen

    def get(self, request: Request, dialect: str | None = None) -> Response:
        return Response(schema())


class DialectSchemaView(SchemaView):
    """The same for another vendor's API, as far as it is switched on."""

    def get(self, request: Request, dialect: str | None = None) -> Response:
        found = next((each for each in DIALECTS if each.name == dialect and each.is_on), None)
        if found is None:
            raise NotFound("There is no such dialect, or it is switched off.")
        return Response(dialect_schema(found))


@only("GET", "HEAD")
def reference(request: HttpRequest) -> HttpResponse:
    """The same, for people: one page of ours without script, so that it needs nothing from outside."""
    nonce = nonce_of(request)
    document = schema()
    response = render(request, "reference.html", {"nonce": nonce, "sections": sections(document)})
    response["Content-Security-Policy"] = app_policy(nonce)
    return response

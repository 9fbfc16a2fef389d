"""Tokens, and starting runs."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.callers import token_of_key
from runs.dialects.conductor import forms, schemas
from runs.dialects.conductor.base import ConductorView, plain
from runs.dialects.conductor.blocking import STRATEGIES, answer, refs_of, rest, return_strategy
from runs.dialects.conductor.errors import CONDUCTOR
from runs.dialects.conductor.starting import asked, start
from runs.dialects.conductor.testing import run_test
from runs.dialects.views import OpenDialectView, json_object
from wire.problems import BadRequest, NotFound, Unauthorized

WAIT_SECONDS = 10
MAX_WAIT_SECONDS = 60
_KEY = [
    OpenApiParameter("X-Idempotency-key", {"type": "string", "maxLength": 200}, OpenApiParameter.HEADER),
    OpenApiParameter(
        "X-on-conflict",
        {"type": "string", "enum": ["RETURN_EXISTING", "FAIL", "FAIL_ON_RUNNING"]},
        OpenApiParameter.HEADER,
    ),
]
_PLAIN_ID = {(200, "text/plain"): OpenApiTypes.STR}
_QUERY = [
    OpenApiParameter("version", {"type": "integer"}),
    OpenApiParameter("correlationId", {"type": "string"}),
    OpenApiParameter("priority", {"type": "integer", "minimum": 0, "maximum": 99}),
]


class TokenView(OpenDialectView):
    dialect = CONDUCTOR
    error_model = schemas.Error
    problems = {"post": (401,)}

    @extend_schema(
        operation_id="getToken",
        summary="A token for a key pair",
        request=schemas.KeyPair,
        responses=schemas.Token,
        tags=["token"],
    )
    def post(self, request: Request) -> Response:
        """`keyId` and `keySecret` are an API key's id and secret. 404 where the server is open to everybody."""
        body = json_object(request)
        key_id, secret = body.get("keyId"), body.get("keySecret")
        if not isinstance(key_id, str) or not isinstance(secret, str):
            if self.dialect.is_open:
                raise NotFound("This server asks for no token.")
            raise BadRequest.parameter("keyId", "keyId and keySecret must be text.")
        if not secret.startswith("psk_"):
            raise Unauthorized("The API key is unknown, expired or revoked.")
        return Response({"token": token_of_key(key_id, secret)})


class StartView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="startWorkflow",
        summary="Start by a request",
        request=schemas.StartRequest,
        responses=_PLAIN_ID,
        parameters=_KEY,
        tags=["start"],
    )
    def post(self, request: Request) -> HttpResponse:
        body = json_object(request)
        return plain(forms.workflow_id(start(self.caller, asked(self, body.get("name"), body))))


class StartByNameView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="startWorkflowByName",
        summary="Start by name",
        request=schemas.Input,
        responses=_PLAIN_ID,
        parameters=[*_QUERY, *_KEY],
        tags=["start"],
    )
    def post(self, request: Request, name: str) -> HttpResponse:
        """The body is the input."""
        return plain(forms.workflow_id(start(self.caller, asked(self, name, self.body(request)))))

    def body(self, request: Request) -> dict[str, Any]:
        """The same as a request of the other form."""
        given = {name: self.given(name) for name in ("version", "correlationId", "priority")}
        return {"input": json_object(request), **{name: value for name, value in given.items() if value is not None}}


class StartVersionView(StartByNameView):
    @extend_schema(
        operation_id="startWorkflowVersion",
        summary="Start one version",
        request=schemas.Input,
        responses=_PLAIN_ID,
        parameters=[*_QUERY[1:], *_KEY],
        tags=["start"],
    )
    def post(self, request: Request, name: str, version: str = "") -> HttpResponse:
        wanted = asked(self, name, {**self.body(request), "version": version})
        return plain(forms.workflow_id(start(self.caller, wanted)))


class TestView(ConductorView):
    @extend_schema(
        operation_id="testWorkflow",
        summary="Run without reaching out",
        request=schemas.TestRequest,
        responses=schemas.Workflow,
        tags=["start"],
    )
    def post(self, request: Request) -> Response:
        """What would reach out comes to what `taskRefToMockOutput` says of it, attempt by attempt."""
        return Response(run_test(self, json_object(request)))


class ExecuteView(ConductorView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="executeWorkflow",
        summary="Start, and wait for the end",
        request=schemas.StartRequest,
        responses=schemas.WorkflowRun,
        parameters=[
            OpenApiParameter("requestId", {"type": "string"}),
            OpenApiParameter("waitUntilTaskRef", {"type": "string"}, description="Reference names, by commas."),
            OpenApiParameter("returnStrategy", {"type": "string", "enum": list(STRATEGIES)}),
            OpenApiParameter("waitForSeconds", {"type": "integer", "minimum": 0, "maximum": MAX_WAIT_SECONDS}),
            *_KEY,
        ],
        tags=["start"],
    )
    def post(self, request: Request, name: str, version: str) -> Response:
        """Answers how it stands when it ends, stands still, or one of the tasks in `waitUntilTaskRef` is over; or after
        `waitForSeconds`. Version 0 is the newest."""
        strategy = return_strategy(self)
        seconds = self.number("waitForSeconds", WAIT_SECONDS, 0, MAX_WAIT_SECONDS) or WAIT_SECONDS
        body = {**json_object(request), "version": None if version == "0" else version}
        run = start(self.caller, asked(self, name, body))
        wait = rest(run, seconds, refs_of(self))
        request_id = self.given("requestId") or str(uuid.uuid4())
        return Response(answer(self.find_run(run.id), wait, request_id, strategy))

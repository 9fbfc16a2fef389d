"""What FunctionGraph's views share: the request's signature, the project in the path, flows and executions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import BearerAuthentication
from accounts.callers import Caller, Identity, bearer_token, identity_of_signer
from accounts.models import User
from runs.dialects.finding import run_of_handle, workflow_named
from runs.dialects.functiongraph import signature
from runs.dialects.functiongraph.errors import FUNCTIONGRAPH, invalid, new_request_id
from runs.dialects.functiongraph.schemas import Error
from runs.dialects.functiongraph.signature import BadSignature, Signed
from runs.dialects.views import DialectView, NoSuchRoute
from runs.models import Run
from wire.problems import Forbidden, NotFound, Unauthorized
from workflows.models import Workflow

URN_PARTS = 8


class SignatureAuthentication(BaseAuthentication):
    """AK and SK are an API key's id and secret; a bearer is as good."""

    def authenticate(self, request: Request) -> tuple[User, Identity] | None:
        authorization = request.headers.get("Authorization", "")
        if bearer_token(authorization) is not None:
            return BearerAuthentication().authenticate(request)
        if not authorization:
            return None
        try:
            identity = _signer(_as_sent(request))
        except BadSignature as bad:
            raise Unauthorized(str(bad)) from None
        return identity.user, identity

    def authenticate_header(self, request: Request) -> str:
        return signature.SCHEME


def _signer(request: Signed) -> Identity:
    said = signature.read(request, timezone.now())
    return identity_of_signer(said.key_id, lambda secret: signature.verify(request, said, secret))


def _as_sent(request: Request) -> Signed:
    http = request._request
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Signed(http.method or "", quote(http.path), http.META.get("QUERY_STRING", ""), headers, http.body)


class FlowView(DialectView):
    """A view below `/v2/{project_id}/fgs`; a project that is not the key's is a key without the right to it."""

    dialect = FUNCTIONGRAPH
    authentication_classes = [SignatureAuthentication]
    error_model = Error
    usual_problems = (400, 403, 404)

    def find_caller(self, request: Request) -> Caller:
        caller = super().find_caller(request)
        named = request.headers.get("X-Project-Id")
        if self.kwargs["project_id"] != caller.project.id or (named and named != caller.project.id):
            raise Forbidden("The key has no right to this project.")
        return caller

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **kwargs)
        answer.headers.setdefault("X-Request-Id", new_request_id())
        return answer

    def find_flow(self, flow_id: str) -> Workflow:
        """By our id, its name, or its URN."""
        return flow_of(self.caller, flow_id)

    def find_execution(self, flow_id: str, execution_id: str) -> Run:
        run = run_of_handle(self.project, execution_id)
        if run is None or run.workflow_id != self.find_flow(flow_id).id:
            raise NotFound("There is no such execution.")
        return run


class NoSuchFlowRoute(NoSuchRoute):
    dialect = FUNCTIONGRAPH


def flow_of(caller: Caller, flow_id: str) -> Workflow:
    """Raises NotFound."""
    parts = flow_id.split(":")
    name = parts[6] if parts[0] == "urn" and len(parts) == URN_PARTS and parts[3] == caller.project.id else flow_id
    mine = Workflow.objects.for_project(caller.project).select_related("project", "published", "draft", "updated_by")
    found = None if "\0" in name else mine.filter(pk=name).first() or workflow_named(caller.project, name)
    if found is None:
        raise NotFound("There is no such flow.")
    return found


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
        raise invalid(name, f"must be a whole number from {low} to {high}.")
    return int(text)


def empty() -> Response:
    return Response({})

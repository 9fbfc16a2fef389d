"""Errors in Altostrat's shape: {type, code, message, doc_url}, with `errors` where a workflow is not valid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings

from runs.dialects.dialect import Dialect
from wire.problems import BadRequest, Problem

_UNAUTHORIZED = {"message": "Unauthorized or invalid token provided."}
_CODES = {
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "resource_missing",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "payload_too_large",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
}
_OWN_CODES = {"workflow_in_use": "resource_in_use"}


def missing(name: str) -> BadRequest:
    return BadRequest.parameter(name, "is required.", code="parameter_missing")


def _say(problem: Problem) -> tuple[int, dict[str, Any]]:
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return problem.status, dict(_UNAUTHORIZED)
    is_ours = problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    body: dict[str, Any] = {
        "type": "api_error" if is_ours else "invalid_request_error",
        "code": _code(problem),
        "message": problem.detail,
        "doc_url": f"{settings.PUBLIC_URL}/api/v1/schema/altostrat",
    }
    if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        body["errors"] = [fault(detail) for detail in problem.errors]
    return problem.status, body


def fault(detail: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of `errors`."""
    return {
        "node_id": detail.get("node_id"),
        "edge_id": detail.get("edge_id"),
        "field": detail.get("field") or detail.get("path"),
        "message": detail["message"],
    }


def _code(problem: Problem) -> str:
    if problem.status == HTTPStatus.BAD_REQUEST:
        known = ("parameter_missing", "parameter_invalid")
        return problem.code if problem.code in known else "invalid_json"
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "internal_error"
    return _CODES.get(HTTPStatus(problem.status)) or _OWN_CODES.get(problem.code, problem.code)


ALTOSTRAT = Dialect("altostrat", "Altostrat Workflows", re.compile(r"/workflows(/|$)"), _say)

"""Errors in FunctionGraph's shape: {error_code, error_msg, request_id}."""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import Any

from runs.dialects.dialect import Dialect
from wire.problems import BadRequest, Problem

MAX_MESSAGE = 512
INVALID = "FGS.3002"
_CODES = {
    HTTPStatus.UNAUTHORIZED: "APIGW.0301",
    HTTPStatus.FORBIDDEN: "FSS.0403",
    HTTPStatus.NOT_FOUND: "FGS.5002",
    HTTPStatus.CONFLICT: "FSS.0409",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "FSS.0413",
    HTTPStatus.TOO_MANY_REQUESTS: "FSS.0429",
}
_AS_400 = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.NOT_ACCEPTABLE)


def new_request_id() -> str:
    return uuid.uuid4().hex


def invalid(path: str, message: str) -> BadRequest:
    """A field, a parameter, or a call that the run's state does not allow."""
    return BadRequest.parameter(path, message)


def _say(problem: Problem) -> tuple[int, dict[str, Any]]:
    status = HTTPStatus.BAD_REQUEST if problem.status in _AS_400 else HTTPStatus(problem.status)
    body = {
        "error_code": _CODES.get(status, INVALID),
        "error_msg": _message(status, problem.detail),
        "request_id": new_request_id(),
    }
    return status, body


def _message(status: HTTPStatus, detail: str) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "Function flow not found."
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "Internal Error."
    text = f"Invalid parameters. {detail}" if status == HTTPStatus.BAD_REQUEST else detail
    return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 1]}…"


FUNCTIONGRAPH = Dialect("functiongraph", "Huawei FunctionGraph flows", re.compile(r"/v2/[^/]*/fgs(/|$)"), _say)

"""Errors in Conductor's shape: {status, message, instance, retryable}; about keys {error, message} beside them."""

from __future__ import annotations

import re
from typing import Any

from runs.dialects.dialect import Dialect
from wire.problems import NotFound, Problem

_ABOUT_KEYS = {401: "INVALID_TOKEN", 403: "FORBIDDEN"}
_RETRYABLE = (429, 503)


def no_such_workflow(workflow_id: str) -> NotFound:
    """A run, which Conductor calls a workflow."""
    return NotFound(f"no such workflow by Id: {workflow_id}")


def _say(problem: Problem) -> tuple[int, dict[str, Any]]:
    """What we call not valid (422) is a bad argument (400) there."""
    status = 400 if problem.status == 422 else problem.status
    body: dict[str, Any] = {
        "status": status,
        "message": problem.detail,
        "instance": "penstock",
        "retryable": status in _RETRYABLE,
    }
    if status in _ABOUT_KEYS:
        body["error"] = _ABOUT_KEYS[status]
    if status == 400:
        body["validationErrors"] = [{"path": each["path"], "message": each["message"]} for each in problem.errors]
    return status, body


CONDUCTOR = Dialect("conductor", "Conductor", re.compile(r"/api/(workflow|token|metadata|tasks)(/|$)"), _say)

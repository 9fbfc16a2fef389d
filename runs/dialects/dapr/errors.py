"""Errors in Dapr's shape, `{errorCode, message}`, with its own codes and statuses."""

from __future__ import annotations

import re
from typing import Any

from runs.dialects.dialect import Dialect
from wire.problems import Problem

_CODE = re.compile(r"ERR_[A-Z_]+")


class DaprError(Problem):
    """A problem that Dapr has a code and a status of its own for."""

    title = "Dapr's own error"

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail, code=code)
        self.status = status  # type: ignore[misc]  # one class for all the statuses that Dapr prescribes


class LiveInstanceError(DaprError):
    """Another instance has the id, and lives."""

    def __init__(self, instance_id: str) -> None:
        super().__init__(409, "ERR_START_WORKFLOW", f"an active workflow with ID '{instance_id}' already exists")


def unknown_instance(instance_id: str) -> DaprError:
    text = f"unable to find workflow with the provided instance ID: {instance_id}"
    return DaprError(404, "ERR_INSTANCE_ID_NOT_FOUND", text)


def _say(problem: Problem) -> tuple[int, dict[str, Any]]:
    code = problem.code if _CODE.fullmatch(problem.code) else f"ERR_{problem.code.upper()}"
    return problem.status, {"errorCode": code, "message": problem.detail}


DAPR = Dialect("dapr", "Dapr Workflow", re.compile(r"/v1\.0(-beta1|-alpha1)?(/|$)"), _say)

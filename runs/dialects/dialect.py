"""One vendor's API: whether and for whom it is open, and how its clients are told an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse

from wire import strict_json
from wire.asgi import Answer
from wire.problems import Problem

_OPEN = "anonymous"


@dataclass(frozen=True)
class Dialect:
    name: str
    """As in the settings and in `/api/v1/schema/{name}`."""
    title: str
    paths: re.Pattern[str]
    """Fits the beginning of every path that is the dialect's."""
    say: Callable[[Problem], tuple[int, dict[str, Any]]]
    """Status and body of an error."""

    @property
    def is_on(self) -> bool:
        return self._access != "off"

    @property
    def is_open(self) -> bool:
        """Whether callers get in who bring no key, as an operator wants it."""
        return self._access.partition(":")[0] == _OPEN

    @property
    def open_project(self) -> str | None:
        """The id of the project for which they act; None is the first one."""
        return self._access.partition(":")[2] or None

    @property
    def _access(self) -> str:
        return settings.DIALECTS[self.name]

    def error(self, problem: Problem) -> Answer:
        status, body = self.say(problem)
        # "replace": an error message may quote half a surrogate pair.
        content = strict_json.dumps(body).encode(errors="replace")
        # A body that names the request names it in the header too, where clients look for it.
        named = {"X-Request-Id": body["request_id"]} if "request_id" in body else {}
        return status, {"Content-Type": "application/json", **named, **problem.headers}, content

    def error_response(self, problem: Problem) -> HttpResponse:
        status, headers, content = self.error(problem)
        return HttpResponse(content, status=status, headers=headers)

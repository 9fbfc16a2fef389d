"""Which dialects there are, and whose a path is."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver

from runs import alerts
from runs.dialects.altostrat.errors import ALTOSTRAT
from runs.dialects.conductor.errors import CONDUCTOR
from runs.dialects.conductor.failing import failure_input
from runs.dialects.dapr.errors import DAPR
from runs.dialects.dialect import Dialect
from runs.dialects.functiongraph.errors import FUNCTIONGRAPH
from wire.asgi import Answer, as_answer
from wire.problems import BadRequest, Problem
from wire.rest import problem_response, to_problem

DIALECTS: Sequence[Dialect] = (ALTOSTRAT, CONDUCTOR, DAPR, FUNCTIONGRAPH)


def connect() -> None:
    """Where the app begins: what dialects say in their own words elsewhere."""
    alerts.told_by(failure_input)


def urlpatterns(dialect: Dialect) -> list[URLPattern | URLResolver]:
    patterns: list[URLPattern | URLResolver] = _urls(dialect).urlpatterns
    return patterns


def documented(dialect: Dialect) -> list[URLPattern | URLResolver]:
    """The routes for its OpenAPI document, without those that only repeat others."""
    return getattr(_urls(dialect), "documented", urlpatterns(dialect))


def _urls(dialect: Dialect) -> Any:
    return import_module(f"runs.dialects.{dialect.name}.urls")


def dialect_at(path: str) -> Dialect | None:
    """The dialect below whose paths this one lies, if it is switched on."""
    return next((each for each in DIALECTS if each.paths.match(path) and each.is_on), None)


def refusal(path: str, problem: Problem) -> Answer:
    """What a caller of `path` is told before any view is reached."""
    dialect = dialect_at(path)
    return dialect.error(problem) if dialect else as_answer(problem)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's: for a request that it does not hand on, such as one to a host that is not ours."""
    problem = to_problem(exception) or BadRequest()
    dialect = dialect_at(request.path)
    return dialect.error_response(problem) if dialect else problem_response(problem)

"""The web side of the wire for Django and REST framework: JSON bodies in and out, and every error as a problem.

`to_problem` says which Problem an exception is; `exception_handler` (REST framework), `ProblemMiddleware`
(plain views) and `handler400` … `handler500` (Django) all answer through it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import IO, Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import Promise
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from wire import problems, strict_json
from wire.problems import Detail, Problem
from wire.strict_json import JsonFault, Step
from wire.times import to_wire

log = logging.getLogger(__name__)


# --- bodies ---


class JSONParser(BaseParser):
    """Request bodies by wire.strict_json; a body over `max_bytes` is 413. A subclass may set another limit."""

    media_type = "application/json"
    max_bytes = 1_000_000

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        data = stream.read(self.max_bytes + 1)
        if len(data) > self.max_bytes:
            raise problems.PayloadTooLarge.over(self.max_bytes)
        return strict_json.loads(data)


class JSONRenderer(BaseRenderer):
    """Response bodies: compact UTF-8, exact integers, moments in UTC with microseconds."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8 by definition

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else strict_json.encoded(data, to_json)


class ContentNegotiation(DefaultContentNegotiation):
    """REST framework's, which need not be asked where the first type that there is will do."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        first = next(iter(parsers))
        if request.content_type == first.media_type:
            return first
        chosen: BaseParser | None = super().select_parser(request, parsers)
        return chosen

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        if not format_suffix and request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", first.media_type):
            return first, first.media_type
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen


def to_json(value: Any) -> str:
    """JSON for the few other types that answers hold; TypeError for anything else."""
    if isinstance(value, datetime):
        return to_wire(value)
    if isinstance(value, Promise | str):  # a translated text, or one of a field's choices
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


# --- exceptions to problems ---


def to_problem(error: Exception) -> Problem | None:
    """The Problem that an exception is, or None for one that nobody foresaw."""
    for kinds, problem_of in _PROBLEM_OF:
        if isinstance(error, kinds):
            return problem_of(error)
    return None


def _invalid(detail: Any) -> Problem:
    return problems.Invalid(errors=_details(detail, []))


def _details(detail: Any, path: list[Step]) -> Iterator[Detail]:
    """REST framework nests errors as the data is nested; ours are flat, each with its path."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            own = key == api_settings.NON_FIELD_ERRORS_KEY
            yield from _details(inner, path if own else [*path, key])
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            # A list of texts is several errors of one field; a list of objects stands for a list of data.
            yield from _details(inner, [*path, index] if isinstance(inner, Mapping) else path)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield {"path": strict_json.join_path(path), "code": code, "message": str(detail)}


_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        problems.BadRequest,
        problems.Forbidden,
        problems.NotFound,
        problems.MethodNotAllowed,
        problems.NotAcceptable,
        problems.Conflict,
        problems.PayloadTooLarge,
        problems.UnsupportedMediaType,
        problems.Invalid,
    )
}


def _from_framework(error: exceptions.APIException) -> Problem:
    text, code = _text_and_code(error)
    match error:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            # The framework makes this 403 when its first authenticator has no challenge; it is always 401 here.
            return problems.Unauthorized(text, code=code, challenge=getattr(error, "auth_header", "Bearer"))
        case exceptions.Throttled():
            return problems.TooManyRequests(text, retry_after=getattr(error, "wait", None) or 1)
        case exceptions.PermissionDenied():
            return problems.Forbidden(text, code=None if code == error.default_code else code)
    if error.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        return problems.Unavailable(text, code=code)
    kind = _BY_STATUS.get(error.status_code, problems.InternalError)
    return kind(text, code=code) if kind is not problems.InternalError else kind()


def _text_and_code(error: exceptions.APIException) -> tuple[str, str]:
    if isinstance(error.detail, Mapping):  # simplejwt's shape: {"detail": …, "code": …}
        return str(error.detail.get("detail", "")), str(error.detail.get("code", error.default_code))
    return str(error.detail), str(getattr(error.detail, "code", error.default_code))


_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_FULL, _SQLITE_ERROR = 5, 6, 13, 1
_POSTGRES_BUSY = {"55P03", "57014", "40001", "40P01"}  # lock and statement timeouts, serialization, deadlock
_POSTGRES_FULL = "53100"


def _from_database(error: Exception) -> Problem | None:
    """Busy and out of reach pass, so they are 503; a statement that is wrong is our mistake (None)."""
    state = getattr(error.__cause__, "sqlstate", None)
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF  # without the extended part
    if state in _POSTGRES_BUSY or code in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return problems.Unavailable("The database is busy; try again.", code="database_busy")
    if state == _POSTGRES_FULL or code == _SQLITE_FULL:
        return problems.StorageFull("The database has no space left; nothing was stored.")
    if code == _SQLITE_ERROR:
        return None
    return problems.Unavailable("The database cannot be reached.", code="database_unavailable", retry_after=5)


_PROBLEM_OF: list[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], Problem | None]]] = [
    (Problem, lambda problem: problem),
    (JsonFault, problems.from_json_fault),
    (exceptions.ValidationError, lambda error: _invalid(error.detail)),
    (ModelValidationError, lambda error: _invalid(get_error_detail(error))),
    (exceptions.APIException, _from_framework),
    (Http404, lambda _: problems.NotFound()),
    (PermissionDenied, lambda _: problems.Forbidden()),
    (RequestDataTooBig, lambda _: problems.PayloadTooLarge()),
    (SuspiciousOperation, lambda _: problems.BadRequest()),
    ((OperationalError, InterfaceError), _from_database),
]


# --- problems to answers ---


def problem_response(problem: Problem) -> HttpResponse:
    """A plain response and not the framework's, so that content negotiation cannot change its shape."""
    text = strict_json.dumps(problem.to_response_body(), default=to_json)
    # "replace": an error message may quote half a surrogate pair.
    return HttpResponse(
        text.encode(errors="replace"),
        status=problem.status,
        content_type=problems.MEDIA_TYPE,
        headers=problem.headers,
    )


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """REST framework's EXCEPTION_HANDLER. What nobody foresaw is logged and tells the caller nothing."""
    return problem_response(problem_of(error, context))


def problem_of(error: Exception, context: Mapping[str, Any]) -> Problem:
    """What to answer where a view raised `error`; its transaction, if there is one, is taken back."""
    problem = to_problem(error)
    if problem is None or isinstance(problem, problems.InternalError):
        # The view and not the path: a path may hold a webhook's token.
        log.error("unexpected error in %s", type(context.get("view")).__name__, exc_info=error)
        problem = problems.InternalError()
    set_rollback()
    return problem


class ProblemMiddleware(MiddlewareMixin):
    """Problems that plain Django views raise; the rest goes Django's way, to the handlers below."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Problem | JsonFault | OperationalError | InterfaceError):
            problem = to_problem(exception)
            return problem_response(problem) if problem else None
        return None


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(to_problem(exception) or problems.BadRequest())


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(problems.Forbidden())


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(problems.NotFound())


def handler500(request: HttpRequest) -> HttpResponse:
    return problem_response(problems.InternalError())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return problem_response(problems.Forbidden(f"CSRF check failed: {reason}", code="csrf_failed"))

import io
import json
import logging
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError, OperationalError, models
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication, BasicAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import APISettings
from rest_framework.views import APIView

from wire import problems, rest, strict_json
from wire.strict_json import BadValue


class Silent(BaseAuthentication):
    """Knows nobody and has no challenge, like the framework's session authentication."""

    def authenticate(self, request: Request) -> None:
        raise exceptions.NotAuthenticated


class Base(APIView):
    parser_classes = [rest.JSONParser]
    renderer_classes = [rest.JSONRenderer]
    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes = []
    content_negotiation_class = DefaultContentNegotiation
    settings = APISettings({"EXCEPTION_HANDLER": "wire.rest.exception_handler"}, None, ["EXCEPTION_HANDLER"])

    def post(self, request: Request) -> Response:
        return Response({"got": request.data})


class Raises(Base):
    error = Exception()

    def get(self, request: Request) -> Response:
        raise self.error


def post(data: bytes, content_type: str = "application/json", view: type[Base] = Base) -> HttpResponse:
    return view.as_view()(RequestFactory().post("/", data, content_type))


def answer_to(error: Exception) -> HttpResponse:
    return Raises.as_view(error=error)(RequestFactory().get("/"))


def problem_in(response: HttpResponse) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == response.status_code
    assert {"type", "title", "status", "detail", "code", "errors"} <= body.keys()
    return body


class TestBodies:
    def test_json_goes_in_and_out_exactly(self) -> None:
        number = "9" * 1000
        response = post(f'{{"ä": {number}}}'.encode())
        assert isinstance(response, Response)
        response.render()

        assert response["Content-Type"] == "application/json"
        assert response.content.decode() == f'{{"got":{{"ä":{number}}}}}'

    def test_moments_are_utc_with_microseconds(self) -> None:
        noon_in_paris = datetime(2025, 10, 31, 13, tzinfo=timezone(timedelta(hours=1)))
        rendered = rest.JSONRenderer().render({"at": noon_in_paris, "says": gettext_lazy("Yes")})

        assert rendered == b'{"at":"2025-10-31T12:00:00.000000Z","says":"Yes"}'

    def test_choices_of_a_field_do_not_slow_it_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Trigger(models.TextChoices):
            API = "api"

        def slow(*_: object) -> str:
            raise AssertionError("the slow way")

        monkeypatch.setattr(strict_json, "dumps", slow)
        assert rest.JSONRenderer().render({"by": Trigger.API}) == b'{"by":"api"}'

    def test_other_types_are_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="at"):
            rest.JSONRenderer().render({"at": object()})

    def test_no_data_is_no_body(self) -> None:
        assert rest.JSONRenderer().render(None) == b""

    def test_a_body_over_the_limit_is_413(self) -> None:
        assert post(b'"' + b"x" * 999_998 + b'"').status_code == 200
        assert problem_in(post(b'"' + b"x" * 999_999 + b'"'))["code"] == "payload_too_large"

    def test_a_parser_may_have_another_limit(self) -> None:
        class Small(rest.JSONParser):
            max_bytes = 4

        assert Small().parse(io.BytesIO(b"1234")) == 1234
        with pytest.raises(problems.PayloadTooLarge, match="4 bytes"):
            Small().parse(io.BytesIO(b"12345"))

    @pytest.mark.parametrize(
        ("data", "status", "code", "path"),
        [
            (b"{", 400, "invalid_json", ""),
            (b'{"a": {"b": 1, "b": 2}}', 400, "duplicate_key", "a.b"),
            (b'{"a": [NaN]}', 400, "not_finite", "a[0]"),
            (b"[" * 100_000, 400, "too_deep", ""),
            (b'{"a": "\\u0000"}', 422, "nul_character", "a"),
        ],
    )
    def test_refused_json_is_a_problem(self, data: bytes, status: int, code: str, path: str) -> None:
        body = problem_in(post(data))

        assert body["status"] == status
        assert (body["errors"][0]["code"], body["errors"][0]["path"]) == (code, path)

    def test_another_media_type_is_415(self) -> None:
        assert problem_in(post(b"a: 1", "application/yaml"))["code"] == "unsupported_media_type"


class Auth(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["bearer", "basic"])


class Node(serializers.Serializer[Any]):
    url = serializers.URLField()
    auth = Auth(required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=3), required=False)


class Graph(serializers.Serializer[Any]):
    name = serializers.CharField()
    nodes = Node(many=True)

    def validate(self, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
        raise serializers.ValidationError("These two do not fit.", code="misfit")


class TestValidation:
    def answer(self, data: object) -> dict[str, Any]:
        class Checks(Base):
            def post(self, request: Request) -> Response:
                Graph(data=request.data).is_valid(raise_exception=True)
                return Response()

        return problem_in(post(json.dumps(data).encode(), view=Checks))

    def test_every_fault_has_the_path_of_its_field(self) -> None:
        nodes = [{"url": "http://a.example"}, {"url": "no", "auth": {"kind": "?"}, "tags": ["ok", "too long"]}]
        body = self.answer({"nodes": nodes})

        assert body["status"] == 422
        assert body["code"] == "validation_failed"
        assert {(error["path"], error["code"]) for error in body["errors"]} == {
            ("name", "required"),
            ("nodes[1].url", "invalid"),
            ("nodes[1].auth.kind", "invalid_choice"),
            ("nodes[1].tags[1]", "max_length"),
        }
        assert body["detail"] == "name: This field is required. (3 more)"

    def test_a_fault_of_the_whole_body_has_the_empty_path(self) -> None:
        body = self.answer({"name": "x", "nodes": []})

        assert body["errors"] == [{"path": "", "code": "misfit", "message": "These two do not fit."}]

    def test_a_body_that_is_no_object_says_so(self) -> None:
        assert self.answer([1])["errors"][0]["path"] == ""

    def test_a_models_own_refusal_is_the_same_shape(self) -> None:
        body = problem_in(answer_to(ModelValidationError({"name": ["Too long."]})))

        assert body["errors"] == [{"path": "name", "code": "invalid", "message": "Too long."}]


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def sqlite_says(code: int) -> Exception:
    cause = sqlite3.OperationalError()
    cause.sqlite_errorcode = code
    return caused(OperationalError("…"), cause)


class TestExceptions:
    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (problems.Conflict("No.", code="run_not_failed"), 409, "run_not_failed"),
            (BadValue("nul_character", "No NUL.", "a"), 422, "validation_failed"),
            (exceptions.ParseError(), 400, "parse_error"),
            (exceptions.PermissionDenied(), 403, "forbidden"),
            (exceptions.NotFound(), 404, "not_found"),
            (exceptions.MethodNotAllowed("GET"), 405, "method_not_allowed"),
            (exceptions.NotAcceptable(), 406, "not_acceptable"),
            (Http404("secret"), 404, "not_found"),
            (PermissionDenied("secret"), 403, "forbidden"),
            (RequestDataTooBig("secret"), 413, "payload_too_large"),
            (SuspiciousOperation("secret"), 400, "bad_request"),
            (caused(OperationalError(), psycopg.errors.LockNotAvailable()), 503, "database_busy"),
            (caused(OperationalError(), psycopg.errors.DeadlockDetected()), 503, "database_busy"),
            (caused(OperationalError(), psycopg.errors.DiskFull()), 507, "storage_full"),
            (caused(OperationalError(), psycopg.OperationalError("secret")), 503, "database_unavailable"),
            (InterfaceError("connection already closed: secret"), 503, "database_unavailable"),
            (sqlite_says(sqlite3.SQLITE_BUSY), 503, "database_busy"),
            (sqlite_says(sqlite3.SQLITE_BUSY_SNAPSHOT), 503, "database_busy"),
            (sqlite_says(sqlite3.SQLITE_FULL), 507, "storage_full"),
            (sqlite_says(sqlite3.SQLITE_CANTOPEN), 503, "database_unavailable"),
            (sqlite_says(sqlite3.SQLITE_ERROR), 500, "internal_error"),
            (RuntimeError("secret"), 500, "internal_error"),
            (exceptions.APIException("secret"), 500, "internal_error"),
        ],
    )
    def test_each_has_its_status_and_code(self, error: Exception, status: int, code: str) -> None:
        response = answer_to(error)
        body = problem_in(response)

        assert (body["status"], body["code"]) == (status, code)
        assert b"secret" not in response.content
        if status == 503:
            assert int(response["Retry-After"]) >= 1

    def test_what_nobody_foresaw_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        answer_to(RuntimeError("secret"))

        (record,) = caplog.records
        assert (record.levelno, record.getMessage()) == (logging.ERROR, "unexpected error in Raises")
        assert record.exc_info
        assert str(record.exc_info[1]) == "secret"

    def test_what_was_foreseen_is_not(self, caplog: pytest.LogCaptureFixture) -> None:
        answer_to(problems.NotFound())

        assert caplog.records == []

    def test_throttling_says_when_to_come_back(self) -> None:
        response = answer_to(exceptions.Throttled(wait=4.2))

        assert problem_in(response)["code"] == "rate_limited"
        assert response["Retry-After"] == "5"

    def test_nobody_signed_in_is_401_with_a_challenge_whatever_the_authenticator(self) -> None:
        for authenticator, challenge in ((Silent, "Bearer"), (BasicAuthentication, 'Basic realm="api"')):
            view = Raises.as_view(error=exceptions.NotAuthenticated(), authentication_classes=[authenticator])
            response = view(RequestFactory().get("/"))

            assert problem_in(response)["code"] == "not_authenticated"
            assert response["WWW-Authenticate"] == challenge

    def test_simplejwts_errors_keep_their_own_code(self) -> None:
        error = exceptions.AuthenticationFailed({"detail": "Token is expired", "code": "token_not_valid"})
        body = problem_in(answer_to(error))

        assert (body["status"], body["code"], body["detail"]) == (401, "token_not_valid", "Token is expired")

    def test_an_unknown_accept_header_gets_a_problem_too(self) -> None:
        response = Base.as_view()(RequestFactory().post("/", b"{}", "application/json", HTTP_ACCEPT="a/b"))

        assert problem_in(response)["code"] == "not_acceptable"

    def test_a_quoted_lone_surrogate_does_not_break_the_answer(self) -> None:
        assert problem_in(answer_to(problems.Invalid("\ud800 is no name.")))["detail"] == "? is no name."


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().get("/")


class TestPlainDjango:
    def test_every_handler_answers_a_problem(self, request_: HttpRequest) -> None:
        answers = {
            400: rest.handler400(request_, SuspiciousOperation("secret")),
            403: rest.handler403(request_, PermissionDenied("secret")),
            404: rest.handler404(request_, Http404("secret")),
            500: rest.handler500(request_),
        }
        for status, response in answers.items():
            assert problem_in(response)["status"] == status
            assert b"secret" not in response.content

    def test_a_form_without_its_token_is_told_so(self, request_: HttpRequest) -> None:
        assert problem_in(rest.csrf_failure(request_, "no cookie"))["code"] == "csrf_failed"

    def test_the_middleware_answers_problems_of_plain_views(self, request_: HttpRequest) -> None:
        middleware = rest.ProblemMiddleware(lambda request: HttpResponse())
        response = middleware.process_exception(request_, problems.TooManyRequests(retry_after=9))

        assert response is not None
        assert problem_in(response)["status"] == 429
        assert response["Retry-After"] == "9"
        assert middleware.process_exception(request_, RuntimeError()) is None
        assert middleware.process_exception(request_, Http404()) is None

"""Errors in one shape everywhere: RFC 9457 problem+json with a stable `code` and per-field details.

    Problem                       status  code
     ├── BadRequest               400     bad_request
     ├── Unauthorized             401     not_authenticated
     ├── Forbidden                403     forbidden
     ├── NotFound                 404     not_found
     ├── MethodNotAllowed         405     method_not_allowed
     ├── NotAcceptable            406     not_acceptable
     ├── Conflict                 409     conflict
     ├── PayloadTooLarge          413     payload_too_large
     ├── UnsupportedMediaType     415     unsupported_media_type
     ├── Invalid                  422     validation_failed
     ├── TooManyRequests          429     rate_limited         + Retry-After
     ├── InternalError            500     internal_error
     ├── Unavailable              503     unavailable          + Retry-After
     └── StorageFull              507     storage_full

Raise them anywhere below a view; `wire.rest` turns them into answers. This module needs no web framework.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypedDict

from wire.strict_json import JsonFault

MEDIA_TYPE = "application/problem+json"


class _RequiredDetail(TypedDict):
    path: str
    code: str
    message: str


class Detail(_RequiredDetail, total=False):
    """One fault: `path` in the request body like `nodes[2].data.url`, and where it lies in a graph."""

    node_id: str | None
    edge_id: str | None
    field: str | None


class Problem(Exception):  # noqa: N818 - named for what it says, like its kinds
    """An answer with an error status. `detail` is for people, `code` for programs; without a detail it is the first
    of the `errors`.

    `extra` adds members to the body (`draft_revision`), `headers` to the answer.
    """

    status: ClassVar[int] = 500
    code: str = "internal_error"
    title: ClassVar[str] = "Internal server error"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        errors: Iterable[Detail] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.errors = list(errors)
        self.detail = detail or _first_of(self.errors) or f"{self.title}."
        super().__init__(self.detail)
        self.code = code or type(self).code
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def to_response_body(self) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
            **self.extra,
        }


def _first_of(errors: Sequence[Detail]) -> str:
    if not errors:
        return ""
    first = f"{errors[0]['path']}: {errors[0]['message']}" if errors[0]["path"] else errors[0]["message"]
    return f"{first} ({len(errors) - 1} more)" if len(errors) > 1 else first


class BadRequest(Problem):
    status, code, title = 400, "bad_request", "Bad request"

    @classmethod
    def parameter(cls, name: str, message: str, code: str = "parameter_invalid") -> Self:
        """A query parameter or header that cannot be used."""
        return cls(code=code, errors=[{"path": name, "code": code, "message": message}])


class Unauthorized(Problem):
    status, code, title = 401, "not_authenticated", "Not signed in"

    def __init__(self, detail: str = "", *, code: str | None = None, challenge: str = "Bearer") -> None:
        super().__init__(
            detail or "Sign in, or send a bearer token.", code=code, headers={"WWW-Authenticate": challenge}
        )


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(Problem):
    """Also for what belongs to another project: whether it exists is not told."""

    status, code, title = 404, "not_found", "Not found"


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "Method not allowed"


class NotAcceptable(Problem):
    status, code, title = 406, "not_acceptable", "Not acceptable"


class Conflict(Problem):
    status, code, title = 409, "conflict", "Conflict"


class PayloadTooLarge(Problem):
    status, code, title = 413, "payload_too_large", "Request body too large"

    @classmethod
    def over(cls, max_bytes: int) -> Self:
        return cls(f"The request body is larger than {max_bytes:,} bytes.")


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported_media_type", "Unsupported media type"


class Invalid(Problem):
    status, code, title = 422, "validation_failed", "Not valid"

    @classmethod
    def field(cls, path: str, message: str, code: str = "invalid") -> Self:
        """One fault at `path` of the request body."""
        return cls(errors=[{"path": path, "code": code, "message": message}])


class _Retryable(Problem):
    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        retry_after: float = 1,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """`retry_after` in seconds, sent rounded up and never as 0."""
        seconds = max(1, math.ceil(retry_after))
        super().__init__(detail, code=code, headers={"Retry-After": str(seconds)}, extra=extra)


class TooManyRequests(_Retryable):
    status, code, title = 429, "rate_limited", "Too many requests"


class InternalError(Problem):
    status, code, title = 500, "internal_error", "Internal server error"


class Unavailable(_Retryable):
    status, code, title = 503, "unavailable", "Not available at the moment"


class StorageFull(Problem):
    status, code, title = 507, "storage_full", "No space left"


def from_json_fault(fault: JsonFault) -> Problem:
    """The answer to JSON that was refused: 400 or 422, with the path of the fault."""
    kind, code = (Invalid, None) if fault.status == 422 else (BadRequest, fault.code)
    return kind(str(fault), code=code, errors=[{"path": fault.path, "code": fault.code, "message": fault.message}])

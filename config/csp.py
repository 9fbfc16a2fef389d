"""The Content-Security-Policy of every answer: strict for the app, nothing at all for everything else."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from wire.asgi import SECURITY_HEADERS

CSP_REPORT_PATH = "/csp-report"

_HEADER = "Content-Security-Policy"
_DATA_POLICY = SECURITY_HEADERS[_HEADER]


def app_policy(nonce: str = "") -> str:
    """`nonce` opens the door for the `<style>` elements that the code editor and the menus make."""
    style = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        "default-src 'self'; script-src 'self'; connect-src 'self'; "
        f"style-src {style}; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        f"report-uri {CSP_REPORT_PATH}"
    )


def nonce_of(request: HttpRequest) -> str:
    """The nonce of this one answer."""
    if not hasattr(request, "csp_nonce"):
        request.csp_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
    return str(request.csp_nonce)  # type: ignore[attr-defined]


class PolicyMiddleware:
    """The outermost: sets the policy where the view set none, and keeps answers of the API out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A worker script is held to the policy of its own answer, hence the app's for the app's files.
        policy = app_policy() if request.path.startswith("/static/") else _DATA_POLICY
        response.headers.setdefault(_HEADER, policy)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

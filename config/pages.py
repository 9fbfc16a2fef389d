"""The browser app's one page, and where browsers report what its policy stopped."""

from __future__ import annotations

import json
import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from accounts.api.base import only
from config.csp import app_policy, nonce_of
from wire.problems import PayloadTooLarge

log = logging.getLogger(__name__)

_NONCE_MARK = "__CSP_NONCE__"
_MAX_REPORT_BYTES = 10_000


@only("GET", "HEAD")
def to_app(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/app/")


@only("GET", "HEAD")
def app(request: HttpRequest, path: str | None = None) -> HttpResponse:
    """The built page for every address below /app: which screen it shows is the browser's affair."""
    try:
        html = (settings.FRONTEND_BUILD / "index.html").read_text()
    except FileNotFoundError:
        response = render(request, "not_built.html", {"nonce": nonce_of(request)}, status=503)
    else:
        response = HttpResponse(html.replace(_NONCE_MARK, nonce_of(request)))
    response["Content-Security-Policy"] = app_policy(nonce_of(request))
    response["Cache-Control"] = "no-store"  # the nonce is good for this one answer
    return response


@csrf_exempt
@only("POST")
def csp_report(request: HttpRequest) -> HttpResponse:
    """Browsers tell here what the policy stopped: either an attack or a fault of ours."""
    body = request.read(_MAX_REPORT_BYTES + 1)
    if len(body) > _MAX_REPORT_BYTES:
        raise PayloadTooLarge.over(_MAX_REPORT_BYTES)
    try:
        report = json.loads(body)["csp-report"]
        stopped = {key: str(report.get(key, ""))[:200] for key in ("effective-directive", "blocked-uri", "source-file")}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return HttpResponse(status=400)
    log.warning("content security policy stopped %r", stopped)
    return HttpResponse(status=204)

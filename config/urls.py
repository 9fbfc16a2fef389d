"""Django's doors. Webhooks, the live stream and the probes are in front of Django (config/asgi.py)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from config import openapi, pages
from config.csp import CSP_REPORT_PATH
from runs.approval_page import ApprovalPage
from runs.dialects import registry
from wire import rest

# Routes are tried one by one, in order: what programs ask all day stands first.
api_v1: list[URLPattern | URLResolver] = [
    path("", include("runs.api.urls")),
    path("", include("workflows.api.urls")),
    path("", include("accounts.api.urls")),
    path("schema", openapi.SchemaView.as_view()),
    path("schema/<id:dialect>", openapi.DialectSchemaView.as_view()),
    path("docs", openapi.reference),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api_v1)),
    path("", pages.to_app),
    re_path(r"^app(/.*)?$", pages.app),
    *(path("", include(registry.urlpatterns(dialect))) for dialect in registry.DIALECTS),
    path("approvals/<str:token>", ApprovalPage.as_view()),
    path(CSP_REPORT_PATH.lstrip("/"), pages.csp_report),
]

handler400 = registry.handler400
handler403 = rest.handler403
handler404 = rest.handler404
handler500 = rest.handler500

from __future__ import annotations

from django.urls import include, path, re_path

from runs.dialects.dapr import base, events, runtime, views

_INSTANCE = "workflows/<dapr_part:component>/<dapr_part:instance>"

_routes = [
    path("metadata", runtime.MetadataView.as_view()),
    path("healthz", runtime.HealthView.as_view()),
    path("healthz/outbound", runtime.OutboundHealthView.as_view()),
    path("events/<str:workflow>", events.EventStartView.as_view()),
    path(f"{_INSTANCE}/start", views.StartView.as_view()),
    path(_INSTANCE, views.StateView.as_view()),
    path(f"{_INSTANCE}/pause", views.PauseView.as_view()),
    path(f"{_INSTANCE}/suspend", views.SuspendView.as_view()),
    path(f"{_INSTANCE}/resume", views.ResumeView.as_view()),
    path(f"{_INSTANCE}/terminate", views.TerminateView.as_view()),
    path(f"{_INSTANCE}/purge", views.PurgeView.as_view()),
    path(f"{_INSTANCE}/raiseEvent", views.RaiseNamedEventView.as_view()),
    path(f"{_INSTANCE}/raiseEvent/<dapr_part:event>", views.RaiseEventView.as_view()),
]

urlpatterns = [
    *(path(f"{version}/", include(_routes), {"version": version}) for version in ("v1.0", "v1.0-beta1", "v1.0-alpha1")),
    re_path(r"^v1\.0(?:-beta1|-alpha1)?(?:/.*)?$", base.NoSuchDaprRoute.as_view()),
]
documented = urlpatterns[:1]
"""All versions are alike."""

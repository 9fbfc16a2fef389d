from __future__ import annotations

from django.urls import include, path, re_path

from runs.dialects.functiongraph import base, callbacks, executions, flow_views

_routes = [
    path("workflows", flow_views.FlowsView.as_view()),
    path("workflows/<str:flow_id>", flow_views.OneFlowView.as_view()),
    path("workflows/<str:flow_id>/executions", executions.ExecutionsView.as_view()),
    path("workflows/<str:flow_id>/sync-executions", executions.SyncView.as_view()),
    path("workflows/<str:flow_id>/executions-history", executions.HistoryView.as_view()),
    path("workflows/<str:flow_id>/executions/<str:execution_id>", executions.ExecutionView.as_view()),
    path("workflows/<str:flow_id>/executions/<str:execution_id>/terminate", executions.TerminateView.as_view()),
    path("workflows/<str:flow_id>/executions/<str:execution_id>/retry", executions.RetryView.as_view()),
    path("workflows/<str:flow_id>/callback", callbacks.CallbackView.as_view()),
]

urlpatterns = [
    path("v2/<str:project_id>/fgs/", include(_routes)),
    re_path(r"^v2/[^/]*/fgs(?:/.*)?$", base.NoSuchFlowRoute.as_view()),
]

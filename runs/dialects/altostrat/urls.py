from __future__ import annotations

from django.urls import path, re_path

from runs.dialects.altostrat import authorizations, base, logs, runs, trying, vault, workflows

urlpatterns = [
    path("workflows", workflows.WorkflowsView.as_view()),
    path("workflows/validate", workflows.ValidateView.as_view()),
    path("workflows/test-node", trying.TestNodeView.as_view()),
    path("workflows/vault", vault.VaultView.as_view()),
    path("workflows/vault/<id:item_id>", vault.VaultItemView.as_view()),
    path("workflows/sync/<id:workflow_id>", runs.SyncView.as_view()),
    path("workflows/webhooks/<id:token>", runs.WebhookView.as_view()),
    path("workflows/runs/<id:run_id>", runs.RunView.as_view()),
    path("workflows/runs/<id:run_id>/rerun", runs.RerunView.as_view()),
    path("workflows/runs/<id:run_id>/resume-from/<str:node_id>", runs.ResumeFromView.as_view()),
    path("workflows/logs/recent", logs.RecentLogsView.as_view()),
    path("workflows/authorization", authorizations.AuthorizationsView.as_view()),
    path("workflows/authorization/<id:authorization_id>", authorizations.AuthorizationView.as_view()),
    path("workflows/<id:workflow_id>", workflows.WorkflowView.as_view()),
    path("workflows/<id:workflow_id>/execute", runs.ExecuteView.as_view()),
    path("workflows/<id:workflow_id>/logs", logs.WorkflowLogsView.as_view()),
    path("workflows/<id:workflow_id>/executions", runs.ExecutionsView.as_view()),
    re_path(r"^workflows/.*$", base.NoSuchAltostratRoute.as_view()),
]

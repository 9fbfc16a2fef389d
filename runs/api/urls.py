from __future__ import annotations

from django.urls import path

from runs.api import building, bulk, execute, runs, steering

urlpatterns = [
    path("workflows/<id:workflow_id>/execute", execute.ExecuteView.as_view()),
    path("workflows/<id:workflow_id>/samples", building.SamplesView.as_view()),
    path("workflows/<id:workflow_id>/preview", building.PreviewView.as_view()),
    path("runs", runs.RunListView.as_view()),
    path("runs/bulk/suspend", bulk.BulkSuspendView.as_view()),
    path("runs/bulk/resume", bulk.BulkResumeView.as_view()),
    path("runs/bulk/terminate", bulk.BulkTerminateView.as_view()),
    path("runs/bulk/retry", bulk.BulkRetryView.as_view()),
    path("runs/bulk/purge", bulk.BulkPurgeView.as_view()),
    path("runs/<id:run_id>", runs.RunView.as_view()),
    path("runs/<id:run_id>/suspend", steering.SuspendView.as_view()),
    path("runs/<id:run_id>/resume", steering.ResumeView.as_view()),
    path("runs/<id:run_id>/terminate", steering.TerminateView.as_view()),
    path("runs/<id:run_id>/retry", steering.RetryView.as_view()),
    path("runs/<id:run_id>/purge", steering.PurgeView.as_view()),
]

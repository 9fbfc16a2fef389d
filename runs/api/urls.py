from __future__ import annotations

from django.urls import path

from runs.api import building, execute, runs

urlpatterns = [
    path("workflows/<id:workflow_id>/execute", execute.ExecuteView.as_view()),
    path("workflows/<id:workflow_id>/samples", building.SamplesView.as_view()),
    path("workflows/<id:workflow_id>/preview", building.PreviewView.as_view()),
    path("runs", runs.RunListView.as_view()),
    path("runs/<id:run_id>", runs.RunView.as_view()),
    path("runs/<id:run_id>/terminate", runs.TerminateView.as_view()),
]

from __future__ import annotations

from django.urls import path, re_path

from runs.dialects.conductor import (
    base,
    control_views,
    definition_views,
    read_views,
    start_views,
    state_views,
    task_definition_views,
    task_views,
    worker_views,
)


class EntryView(start_views.StartByNameView, read_views.WorkflowView, control_views.TerminateView):
    """`/api/workflow/{…}`: a workflow's name to start by, a run's id to read and to end."""

    problems = {"post": (409,), "delete": (409,)}


_RUN = "api/workflow/<str:workflow_id>"

# What is written out wins over names and ids.
urlpatterns = [
    path("api/token", start_views.TokenView.as_view()),
    path("api/workflow", start_views.StartView.as_view()),
    path("api/workflow/search", read_views.SearchView.as_view()),
    path("api/workflow/test", start_views.TestView.as_view()),
    path("api/workflow/start/<str:name>/<str:version>", start_views.StartVersionView.as_view()),
    path("api/workflow/execute/<str:name>/<str:version>", start_views.ExecuteView.as_view()),
    path("api/workflow/correlated/batch", read_views.CorrelatedBatchView.as_view()),
    path("api/workflow/running/<str:name>", read_views.RunningView.as_view()),
    path("api/workflow/bulk/pause", control_views.BulkPauseView.as_view()),
    path("api/workflow/bulk/resume", control_views.BulkResumeView.as_view()),
    path("api/workflow/bulk/restart", control_views.BulkRestartView.as_view()),
    path("api/workflow/bulk/retry", control_views.BulkRetryView.as_view()),
    path("api/workflow/bulk/terminate", control_views.BulkTerminateView.as_view()),
    path("api/workflow/bulk/remove", control_views.BulkRemoveView.as_view()),
    path("api/workflow/bulk/delete", control_views.BulkDeleteView.as_view()),
    path("api/workflow/<str:name>/correlated", read_views.CorrelatedManyView.as_view()),
    path("api/workflow/<str:name>/correlated/<str:correlation_id>", read_views.CorrelatedOneView.as_view()),
    path("api/workflow/<str:name>", EntryView.as_view()),
    path(f"{_RUN}/status", read_views.StatusView.as_view()),
    path(f"{_RUN}/tasks", read_views.TasksView.as_view()),
    path(f"{_RUN}/pause", control_views.PauseView.as_view()),
    path(f"{_RUN}/resume", control_views.ResumeView.as_view()),
    path(f"{_RUN}/restart", control_views.RestartView.as_view()),
    path(f"{_RUN}/retry", control_views.RetryView.as_view()),
    path(f"{_RUN}/rerun", control_views.RerunView.as_view()),
    path(f"{_RUN}/skiptask/<str:ref>", control_views.SkipTaskView.as_view()),
    path(f"{_RUN}/variables", state_views.VariablesView.as_view()),
    path(f"{_RUN}/state", state_views.StateView.as_view()),
    path(f"{_RUN}/remove", control_views.RemoveView.as_view()),
    path(f"{_RUN}/terminate-remove", control_views.TerminateRemoveView.as_view()),
    path("api/metadata/workflow", definition_views.DefinitionsView.as_view()),
    path("api/metadata/workflow/<str:name>", definition_views.DefinitionView.as_view()),
    path("api/metadata/workflow/<str:name>/<str:version>", definition_views.DefinitionVersionView.as_view()),
    path("api/metadata/taskdefs", task_definition_views.TaskDefsView.as_view()),
    path("api/metadata/taskdefs/<str:name>", task_definition_views.TaskDefView.as_view()),
    path("api/tasks", worker_views.UpdateTaskView.as_view()),
    path("api/tasks/update-v2", worker_views.UpdateTaskAndPollView.as_view()),
    path("api/tasks/poll/<str:task_type>", worker_views.PollView.as_view()),
    path("api/tasks/poll/batch/<str:task_type>", worker_views.PollBatchView.as_view()),
    path("api/tasks/<str:task_id>", worker_views.TaskView.as_view()),
    path("api/tasks/<str:task_id>/log", worker_views.TaskLogView.as_view()),
    path("api/tasks/<str:workflow_id>/<str:status>/signal", task_views.SignalView.as_view()),
    path("api/tasks/<str:workflow_id>/<str:status>/signal/sync", task_views.SignalSyncView.as_view()),
    path("api/tasks/<str:workflow_id>/<str:ref>/<str:status>", task_views.TaskByRefView.as_view()),
    path("api/tasks/<str:workflow_id>/<str:ref>/<str:status>/sync", task_views.TaskByRefSyncView.as_view()),
    re_path(r"^api/(?:workflow|token|metadata|tasks)(?:/.*)?$", base.NoSuchConductorRoute.as_view()),
]

from __future__ import annotations

from django.urls import path

from workflows.api import catalogue, credentials, exchange, pins, presence, schedules, versions, workflows

urlpatterns = [
    path("components", catalogue.ComponentListView.as_view()),
    path("credentials", credentials.CredentialListView.as_view()),
    path("credentials/<id:credential_id>", credentials.CredentialView.as_view()),
    path("tags", workflows.TagListView.as_view()),
    path("schedules", schedules.ScheduleListView.as_view()),
    path("schedules/preview", schedules.SchedulePreviewView.as_view()),
    path("schedules/timeline", schedules.TimelineView.as_view()),
    path("schedules/<id:schedule_id>/pause", schedules.PauseView.as_view()),
    path("schedules/<id:schedule_id>/resume", schedules.ResumeView.as_view()),
    path("templates", exchange.TemplateListView.as_view()),
    path("workflows", workflows.WorkflowListView.as_view()),
    path("workflows/import", exchange.ImportView.as_view()),
    path("workflows/validate", workflows.ValidateView.as_view()),
    path("workflows/<id:workflow_id>", workflows.WorkflowView.as_view()),
    path("workflows/<id:workflow_id>/publish", workflows.PublishView.as_view()),
    path("workflows/<id:workflow_id>/activate", workflows.ActivateView.as_view()),
    path("workflows/<id:workflow_id>/deactivate", workflows.DeactivateView.as_view()),
    path("workflows/<id:workflow_id>/pins", pins.PinsView.as_view()),
    path("workflows/<id:workflow_id>/export", exchange.ExportView.as_view()),
    path("workflows/<id:workflow_id>/presence", presence.PresenceView.as_view()),
    path("workflows/<id:workflow_id>/schedule/preview", schedules.WorkflowPreviewView.as_view()),
    path("workflows/<id:workflow_id>/differences", versions.DifferencesView.as_view()),
    path("workflows/<id:workflow_id>/versions", versions.VersionListView.as_view()),
    path("workflows/<id:workflow_id>/versions/<number:number>", versions.VersionView.as_view()),
]

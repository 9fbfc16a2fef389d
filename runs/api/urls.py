from __future__ import annotations

from django.urls import path

from runs.api import alerts, building, bulk, deliveries, events, execute, housekeeping, runs, schedules, steering

urlpatterns = [
    path("workflows/<id:workflow_id>/execute", execute.ExecuteView.as_view()),
    path("workflows/<id:workflow_id>/samples", building.SamplesView.as_view()),
    path("workflows/<id:workflow_id>/preview", building.PreviewView.as_view()),
    path("workflows/<id:workflow_id>/acknowledge", schedules.AcknowledgeView.as_view()),
    path("workflows/<id:workflow_id>/alerts", alerts.AlertListView.as_view()),
    path("workflows/<id:workflow_id>/alerts/settings", alerts.AlertSettingsView.as_view()),
    path("workflows/<id:workflow_id>/alerts/test", alerts.AlertTestView.as_view()),
    path("firings", schedules.FiringListView.as_view()),
    path("schedules/<id:schedule_id>/backfill", schedules.BackfillStartView.as_view()),
    path("schedules/<id:schedule_id>/backfill/preview", schedules.BackfillPreviewView.as_view()),
    path("housekeeping", housekeeping.HousekeepingListView.as_view()),
    path("housekeeping/<number:task_id>", housekeeping.HousekeepingTaskView.as_view()),
    path("backfills", schedules.BackfillListView.as_view()),
    path("backfills/<id:backfill_id>/pause", schedules.BackfillPauseView.as_view()),
    path("backfills/<id:backfill_id>/resume", schedules.BackfillResumeView.as_view()),
    path("backfills/<id:backfill_id>/cancel", schedules.BackfillCancelView.as_view()),
    path("workflows/<id:workflow_id>/listen", deliveries.ListenView.as_view()),
    path("workflows/<id:workflow_id>/listen/<id:listener_id>", deliveries.ListenerView.as_view()),
    path("deliveries", deliveries.DeliveryListView.as_view()),
    path("deliveries/replay", deliveries.ReplayView.as_view()),
    path("deliveries/<id:delivery_id>", deliveries.DeliveryView.as_view()),
    path("runs", runs.RunListView.as_view()),
    path("runs/bulk/suspend", bulk.BulkSuspendView.as_view()),
    path("runs/bulk/resume", bulk.BulkResumeView.as_view()),
    path("runs/bulk/terminate", bulk.BulkTerminateView.as_view()),
    path("runs/bulk/retry", bulk.BulkRetryView.as_view()),
    path("runs/bulk/purge", bulk.BulkPurgeView.as_view()),
    path("runs/<id:run_id>", runs.RunView.as_view()),
    path("events/<event:name>", events.CorrelationView.as_view()),
    path("runs/<id:run_id>/events/<event:name>", events.EventView.as_view()),
    path("runs/<id:run_id>/approvals/<node:node_id>", events.ApprovalView.as_view()),
    path("runs/<id:run_id>/suspend", steering.SuspendView.as_view()),
    path("runs/<id:run_id>/resume", steering.ResumeView.as_view()),
    path("runs/<id:run_id>/terminate", steering.TerminateView.as_view()),
    path("runs/<id:run_id>/retry", steering.RetryView.as_view()),
    path("runs/<id:run_id>/purge", steering.PurgeView.as_view()),
]

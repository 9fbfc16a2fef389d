"""Workflows as the API tells them: plain dicts, read in few queries also for a whole list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Project, User
from wire.prepared import Prepared
from workflows.annotations import annotations_of
from workflows.document import Document, read_document
from workflows.models import Node, Schedule, Version, Workflow
from workflows.node_settings import node_settings
from workflows.nodes.base import Node as Kind
from workflows.nodes.registry import REGISTRY
from workflows.nodes.schedule_trigger import ScheduleTrigger
from workflows.nodes.webhook_trigger import WebhookTrigger

RECENT_RUNS = 30

PATHS_OF_A_RECORD = ("draft", "published", "authorization__user", "updated_by")
_RUN_FIELDS = ("id", "status", "created_at", "started_at", "completed_at", "trigger_type", "is_draft")


def workflow_record(workflow: Workflow) -> dict[str, Any]:
    """The whole workflow, with the draft's nodes and edges."""
    return {
        **workflow_rows([workflow])[0],
        **read_document(workflow.draft),
        **annotations_of(workflow.draft),
    }


def record_for_run(workflow: Workflow, version: Version, document: Document) -> dict[str, Any]:
    """The workflow within a run's record: with the drawing of the `version` that ran, without other runs."""
    without: dict[str, Any] = {"runs": [], "success_rate": None, "p50_ms": None}
    return {**_Reader([workflow]).row(workflow), **document, **annotations_of(version), **without}


def workflow_rows(workflows: Sequence[Workflow]) -> list[dict[str, Any]]:
    """The same without nodes and edges, for lists."""
    reader = _Reader(workflows)
    return [{**reader.row(workflow), **_recent(workflow)} for workflow in workflows]


def tags_of(project: Project) -> list[str]:
    """In the order of the alphabet."""
    lists = Workflow.objects.for_project(project).values_list("tags", flat=True)
    return sorted({tag for tags in lists for tag in tags})


def actor(user: User | None) -> dict[str, Any] | None:
    return {"id": user.id, "email": user.email} if user else None


def version_record(version: Version, workflow: Workflow) -> dict[str, Any]:
    return {
        "number": version.number,
        "note": version.note,
        "created_at": version.created_at,
        "created_by": actor(version.created_by),
        "is_current": version.id == workflow.published_id,
    }


def duration_ms(started_at: datetime | None, completed_at: datetime | None) -> int | None:
    if started_at is None or completed_at is None:
        return None
    return round((completed_at - started_at).total_seconds() * 1000)


Triggers = list[tuple[Node, Kind]]

MAX_KNOWN_TRIGGERS = 1_000
_known_triggers: dict[str, Triggers] = {}


def _triggers_of(versions: Iterable[Version]) -> dict[str, Triggers]:
    """By version. A frozen one never changes, so each is read once in a process."""
    wanted = {version.id: version.state != Version.State.DRAFT for version in versions}
    unread = {id_: Triggers() for id_, is_frozen in wanted.items() if not (is_frozen and id_ in _known_triggers)}
    if unread:
        for node in Node.objects.filter(version__in=unread, kind__in=_trigger_names()).order_by("ordinal"):
            kind = REGISTRY.get(node.kind)
            if kind is not None and node.data.get("disabled") is not True:
                unread[node.version_id].append((node, kind))
    found = {id_: unread[id_] if id_ in unread else _known_triggers[id_] for id_ in wanted}
    if len(_known_triggers) > MAX_KNOWN_TRIGGERS:
        _known_triggers.clear()
    _known_triggers.update((id_, triggers) for id_, triggers in found.items() if wanted[id_])
    return found


def _schedules_of(*workflow_ids: str) -> QuerySet[Schedule]:
    return Schedule.objects.filter(workflow__in=workflow_ids)


def _alarmed(*workflow_ids: str) -> QuerySet[Workflow]:
    """Those with starts that did not happen in time: how many, and when the last was due."""
    alarmed = Workflow.objects.only("pk").filter(pk__in=workflow_ids, firings__alarm=True)
    return alarmed.annotate(alarms=Count("firings"), last_alarm=Max("firings__due_at"))


_schedules_of_one, _alarmed_one = Prepared(_schedules_of, 1), Prepared(_alarmed, 1)


class _Reader:
    """Reads for all the workflows of a list at once what lies in other tables."""

    def __init__(self, workflows: Iterable[Workflow]) -> None:
        self._due: dict[tuple[str, str], datetime] = {}
        self._paused: dict[tuple[str, str], str] = {}
        self._overdue: dict[str, datetime] = {}
        self._missed: dict[str, tuple[int, datetime]] = {}
        self._triggers = _triggers_of(version for each in workflows for version in _telling(each))
        if scheduled := [each.id for each in workflows if self._may_be_due(each)]:
            self._read_schedules(scheduled)
        # Most have none, which is known where it was asked together with the workflow.
        if alarmed := [each.id for each in workflows if getattr(each, "has_alarms", True)]:
            self._read_alarms(alarmed)

    def _may_be_due(self, workflow: Workflow) -> bool:
        """Only who draws a schedule, or has one of its own, has rows of them."""
        is_manual = workflow.schedule_type == Workflow.ScheduleType.MANUAL
        return not is_manual or any(isinstance(kind, ScheduleTrigger) for _, kind in self._current(workflow))

    def _read_schedules(self, ids: Sequence[str]) -> None:
        now = timezone.now()
        for row in _schedules_of_one.all(*ids) if len(ids) == 1 else _schedules_of(*ids):
            key = (row.workflow_id, row.node_id)
            if row.paused_at:
                self._paused[key] = row.pause_reason
            if row.next_due_at is None:
                continue
            self._due[key] = min(row.next_due_at, self._due.get(key, row.next_due_at))
            if now - row.next_due_at > timedelta(seconds=row.grace_seconds):
                self._overdue[row.workflow_id] = row.next_due_at

    def _read_alarms(self, ids: Sequence[str]) -> None:
        counted: Iterable[Any] = _alarmed_one.all(*ids) if len(ids) == 1 else _alarmed(*ids)
        self._missed = {each.pk: (each.alarms, each.last_alarm) for each in counted}

    def _alarm(self, workflow: Workflow) -> dict[str, Any] | None:
        """Starts that did not happen in time, until somebody says that they know."""
        missed, overdue = self._missed.get(workflow.id), self._overdue.get(workflow.id)
        if missed is None and overdue is None:
            return None
        return {
            "missed": missed[0] if missed else 0,
            "last_due_at": missed[1] if missed else None,
            "overdue_since": overdue,
        }

    def row(self, workflow: Workflow) -> dict[str, Any]:
        draft, published = workflow.draft, workflow.published
        schedule_type, schedule_value = self._schedule(workflow)
        return {
            "id": workflow.id,
            "key": workflow.key,
            "name": workflow.name,
            "description": workflow.description,
            "tags": workflow.tags,
            "max_concurrent_runs": workflow.max_concurrent_runs,
            "deadline_seconds": workflow.deadline_seconds,
            "run_days": workflow.run_days,
            "runs_kept": workflow.runs_kept,
            "node_limits": workflow.node_limits,
            "draft_revision": draft.revision,
            "published_version": published.number if published else None,
            "has_unpublished_changes": published is None or published.revision != draft.revision,
            "schedule_type": schedule_type,
            "schedule_value": schedule_value,
            "next_run_at": workflow.next_run_at,
            "alarm": self._alarm(workflow),
            "alert_workflow": workflow.alert_workflow_id,
            "is_active": workflow.is_active,
            "webhook_url": self._webhook_url(workflow),
            "triggers": [self._trigger(workflow, node, kind) for node, kind in self._current(workflow)],
            "created_at": workflow.created_at,
            "updated_at": workflow.updated_at,
            "updated_by": actor(workflow.updated_by),
            "authorization": _authorization(workflow),
        }

    def _current(self, workflow: Workflow) -> list[tuple[Node, Kind]]:
        """The triggers that count: the published version's; before there is one, the draft's."""
        return self._triggers[workflow.published_id or workflow.draft_id]

    def _schedule(self, workflow: Workflow) -> tuple[str, str | None]:
        """Its own schedule; without one, that of its first schedule trigger."""
        if workflow.schedule_type != Workflow.ScheduleType.MANUAL:
            return workflow.schedule_type, workflow.schedule_value
        for node, kind in self._current(workflow):
            said = _schedule_of(node, kind)
            if said:
                return said
        return workflow.schedule_type, None

    def _webhook_url(self, workflow: Workflow) -> str | None:
        """Also while the webhook is only drawn, so that its address can be handed on before it is published."""
        both = [*self._triggers.get(workflow.draft_id, ()), *self._current(workflow)]
        if any(isinstance(kind, WebhookTrigger) for _, kind in both):
            return f"{settings.PUBLIC_URL}/hooks/{workflow.hook_token}"
        return None

    def _trigger(self, workflow: Workflow, node: Node, kind: Kind) -> dict[str, Any]:
        return {
            "node_id": node.node_id,
            "kind": kind.kind,
            "summary": _summary(node, kind),
            "next_run_at": self._due.get((workflow.id, node.node_id)),
            "pause_reason": self._paused.get((workflow.id, node.node_id)),
        }


def _telling(workflow: Workflow) -> list[Version]:
    """The versions whose triggers count: the draft only where it differs from what is published."""
    draft, published = workflow.draft, workflow.published
    if published is None:
        return [draft]
    return [published] if published.revision == draft.revision else [published, draft]


def _summary(node: Node, kind: Kind) -> str:
    if isinstance(kind, ScheduleTrigger):
        said = _schedule_of(node, kind)
        if said is None:
            return ""
        schedule_type, value = said
        return {"cron": value, "interval": f"every {value}"}.get(schedule_type, f"{schedule_type} {value}")
    if isinstance(kind, WebhookTrigger):
        written = node_settings(kind, node.data)
        methods = written.get("methods")
        listed = [str(method) for method in methods] if isinstance(methods, list) else ["POST"]
        return f"{', '.join(listed)} /{str(written.get('path', '')).strip('/')}"
    return kind.title


def _schedule_of(node: Node, kind: Kind) -> tuple[str, str] | None:
    """As it is written in the node; a draft may hold anything."""
    if not isinstance(kind, ScheduleTrigger):
        return None
    written = node_settings(kind, node.data)
    schedule_type, value = written.get("schedule_type", "cron"), written.get("schedule_value")
    known = schedule_type in Workflow.ScheduleType.values
    return (schedule_type, value) if known and isinstance(value, str) and value else None


def _authorization(workflow: Workflow) -> dict[str, Any]:
    membership = workflow.authorization
    return {
        "id": membership.id,
        "user_id": membership.user_id,
        "email": membership.user.email,
        "created_at": membership.created_at,
    }


def _recent(workflow: Workflow) -> dict[str, Any]:
    """The last runs, and how they went. One small query by index for each workflow beats one over all their runs."""
    found = list(workflow.runs.order_by("-created_at", "-id").values(*_RUN_FIELDS)[:RECENT_RUNS])
    for run in found:
        run["duration_ms"] = duration_ms(run["started_at"], run["completed_at"])
    real = [run for run in found if not run.pop("is_draft")]
    ended = [run for run in real if run["status"] in ("completed", "failed")]
    completed = [run for run in ended if run["status"] == "completed"]
    times = [run["duration_ms"] for run in completed if run["duration_ms"] is not None]
    return {
        "runs": found,
        "success_rate": len(completed) / len(ended) if ended else None,
        "p50_ms": round(median(times)) if times else None,
    }


def _trigger_names() -> list[str]:
    triggers = [kind for kind in REGISTRY.all() if kind.is_trigger]
    return [name for kind in triggers for name in (kind.kind, *(alias.kind for alias in kind.aliases))]


def with_all_it_says(workflows: QuerySet[Workflow]) -> QuerySet[Workflow]:
    """Brings what a record needs."""
    alarmed = Workflow.objects.filter(pk=OuterRef("pk"), firings__alarm=True)
    return workflows.select_related(*PATHS_OF_A_RECORD).annotate(has_alarms=Exists(alarmed))

"""The filters of the workflow list, by allow-list: names from outside never reach the ORM."""

from __future__ import annotations

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from wire import strict_json
from workflows.api.schemas import WorkflowQuery
from workflows.models import Node, Workflow
from workflows.nodes.registry import REGISTRY


def filtered(rows: QuerySet[Workflow], query: WorkflowQuery) -> QuerySet[Workflow]:
    if query.search:
        rows = rows.filter(Q(name__icontains=query.search) | Q(pk=query.search) | Q(key=query.search))
    if query.tag:
        rows = rows.filter(tags__contains=strict_json.dumps(query.tag))  # with its quotes: whole tags only
    if query.is_active:
        rows = rows.filter(is_active=query.is_active == "true")
    if query.trigger:
        rows = _started_by(rows, query.trigger)
    if query.status:
        newest_first = Workflow.objects.filter(pk=OuterRef("pk")).order_by("-runs__created_at", "-runs__id")
        last_status = Subquery(newest_first.values("runs__status")[:1])
        rows = rows.annotate(last_status=last_status).filter(last_status=query.status)
    return rows


def _started_by(rows: QuerySet[Workflow], trigger: str) -> QuerySet[Workflow]:
    by_clock = Q(pk__in=_drawn_with("schedule_trigger")) | ~Q(schedule_type=Workflow.ScheduleType.MANUAL)
    by_hook = Q(pk__in=_drawn_with("webhook_trigger"))
    match trigger:
        case "schedule":
            return rows.filter(by_clock)
        case "webhook":
            return rows.filter(by_hook)
        case _:
            return rows.exclude(by_clock | by_hook)


def _drawn_with(name: str) -> QuerySet[Node, str | None]:
    """Workflows with such a trigger in what is published; before that, in the draft."""
    kind = REGISTRY.get(name)
    names = [name, *(alias.kind for alias in kind.aliases)] if kind else [name]
    current = Coalesce("version__workflow__published_id", "version__workflow__draft_id")
    nodes = Node.objects.filter(kind__in=names).annotate(current=current).filter(version_id=F("current"))
    return nodes.values_list("version__workflow_id", flat=True)

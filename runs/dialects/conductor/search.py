"""Conductor's search: `field op value` clauses joined by AND, as filters over one project's runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Project
from runs.dialects.conductor.records import STATUS
from runs.dialects.conductor.versions import version_number
from runs.models import BigValue, Run
from wire.problems import BadRequest
from wire.strict_json import dumps
from workflows.models import Version
from workflows.nodes.base import TASK_TIMEOUT

MAX_SIZE = 5_000
MAX_HITS = 10_000
MAX_CLAUSES = 20

_CLAUSE = re.compile(r"\s*([A-Za-z]+)\s*(=|>|<|\bIN\b)\s*(.*?)\s*", re.DOTALL)
_AND = re.compile(r"\s+AND\s+")
_STARTED = Coalesce("started_at", "created_at")
_UPDATED = Coalesce("completed_at", "started_at", "created_at")
_LATE = Q(status="failed") & (Q(error__contains='"code":"deadline"') | Q(error__contains=f'"code":"{TASK_TIMEOUT}"'))
_ORDERS: dict[str, Any] = {
    "startTime": _STARTED,
    "endTime": F("completed_at"),
    "updateTime": _UPDATED,
    "workflowId": F("id"),
    "priority": F("priority"),
    "correlationId": F("correlation_id"),
    "status": F("status"),
}


def newest_of_chains(project: Project) -> QuerySet[Run]:
    """Runs as clients know them: what a retry took the id of is no longer one."""
    runs = Run.objects.for_project(project).select_related("version", "workflow")
    return runs.exclude(Exists(Run.objects.filter(retry_of=OuterRef("pk"), handle__isnull=False)))


def search(project: Project, query: str | None, free_text: str | None, sort: str | None) -> QuerySet[Run]:
    """Raises BadRequest for what cannot be read."""
    runs = newest_of_chains(project).annotate(started=_STARTED, updated=_UPDATED)
    for clause in _AND.split(query.strip())[: MAX_CLAUSES + 1] if query and query.strip() != "*" else []:
        runs = runs.filter(_clause(project, clause))
    if free_text and free_text != "*":
        texts = Q(pk=free_text) | Q(handle=free_text) | Q(correlation_id=free_text)
        values = Q(trigger_payload__contains=free_text) | Q(output__contains=free_text)
        runs = runs.filter(texts | values | _in_a_big_value(free_text))
    return runs.order_by(*_order(sort), "-id")


def _in_a_big_value(free_text: str) -> Exists:
    """Input or output that the run's row only refers to."""
    mine = Q(reference=OuterRef("trigger_payload")) | Q(reference=OuterRef("output"))
    return Exists(BigValue.objects.filter(mine, text__contains=free_text))


def _clause(project: Project, text: str) -> Q:
    match = _CLAUSE.fullmatch(text)
    if match is None or match[1] not in (*_FIELDS, "version"):
        raise BadRequest.parameter("query", f"cannot be read at {text[:100]!r}.")
    field, operator, said = match.groups()
    values = [_bare(each) for each in (said.strip("() ").split(",") if operator == "IN" else [said])]
    found = Q()
    for value in values:
        found |= _version(project, operator, value) if field == "version" else _FIELDS[field](operator, value)
    return found


def _bare(value: str) -> str:
    return value.strip().strip("\"'()")


def _text(*names: str) -> Callable[[str, str], Q]:
    def condition(operator: str, value: str) -> Q:
        if operator in "<>":
            raise BadRequest.parameter("query", "only times and numbers are compared by < and >.")
        found = Q()
        for name in names:
            found |= Q(**{f"{name}__regex": _pattern(value)}) if "*" in value else Q(**{name: value})
        return found

    return condition


def _pattern(value: str) -> str:
    return "^" + ".*".join(re.escape(part) for part in value.split("*")) + "$"


def _moment(name: str) -> Callable[[str, str], Q]:
    def condition(operator: str, value: str) -> Q:
        try:
            moment = datetime.fromtimestamp(int(value) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            raise BadRequest.parameter("query", f"{value[:50]!r} is no time in milliseconds.") from None
        return Q(**{f"{name}{_COMPARED[operator]}": moment})

    return condition


def _number(name: str) -> Callable[[str, str], Q]:
    def condition(operator: str, value: str) -> Q:
        if not value.isdecimal() or len(value) > 9:
            raise BadRequest.parameter("query", f"{value[:50]!r} is no number.")
        return Q(**{f"{name}{_COMPARED[operator]}": int(value)})

    return condition


def _version(project: Project, operator: str, value: str) -> Q:
    """As the definitions have it, which is not our own number."""
    _number("number")(operator, value)  # refuses what is none
    compared = {"=": int.__eq__, "IN": int.__eq__, ">": int.__gt__, "<": int.__lt__}[operator]
    versions = Version.objects.filter(workflow__project=project).exclude(state=Version.State.DRAFT)
    return Q(version__in=[each.id for each in versions if compared(version_number(each), int(value))])


def _created_by(operator: str, value: str) -> Q:
    """It is among what the run keeps for this API."""
    if operator in "<>":
        raise BadRequest.parameter("query", "only times and numbers are compared by < and >.")
    if "*" not in value:
        return Q(extra__contains=f'"createdBy":{dumps(value)}')
    within = '[^"]*'.join(re.escape(part) for part in value.split("*"))
    return Q(extra__regex=f'"createdBy":"{within}"')


def _status(operator: str, value: str) -> Q:
    if value == "TIMED_OUT":
        return _LATE
    statuses = [ours for ours, theirs in STATUS.items() if theirs == value]
    if not statuses or operator in "<>":
        raise BadRequest.parameter("query", f"{value[:50]!r} is no status.")
    return Q(status__in=statuses) & ~_LATE if value == "FAILED" else Q(status__in=statuses)


_COMPARED = {"=": "", "IN": "", ">": "__gt", "<": "__lt"}
_FIELDS: dict[str, Callable[[str, str], Q]] = {
    "workflowId": _text("pk", "handle"),
    "correlationId": _text("correlation_id"),
    "workflowType": _text("workflow__key", "workflow__name"),
    "createdBy": _created_by,
    "status": _status,
    "startTime": _moment("started"),
    "endTime": _moment("completed_at"),
    "updateTime": _moment("updated"),
    "priority": _number("priority"),
}


def _order(sort: str | None) -> list[Any]:
    if not sort:
        return [_ORDERS["startTime"].desc()]
    field, _, direction = sort.partition(":")
    if field not in _ORDERS or direction.upper() not in ("", "ASC", "DESC"):
        raise BadRequest.parameter("sort", f"must be one of {', '.join(_ORDERS)}, with :ASC or :DESC.")
    expression = _ORDERS[field]
    return [expression.desc() if direction.upper() == "DESC" else expression.asc()]

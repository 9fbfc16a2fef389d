"""What the server does from time to time, for its administrator to see and to change."""

from __future__ import annotations

from typing import Any

from django_celery_beat.models import IntervalSchedule, PeriodicTask
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AnswerModel, ApiView, Moment, RequestModel, read_body
from accounts.services import is_administrator
from runs.serving import housekeeping
from wire.problems import Forbidden, NotFound

MOST_MINUTES = 7 * 24 * 60


class HousekeepingChange(RequestModel):
    enabled: bool | None = Field(None, description="Left out: stays as it is.")
    every_minutes: int | None = Field(None, ge=1, le=MOST_MINUTES)


class HousekeepingTask(AnswerModel):
    id: int
    name: str
    enabled: bool
    every_minutes: int
    last_run_at: Moment | None
    run_count: int


class HousekeepingList(AnswerModel):
    results: list[HousekeepingTask]


def _record(task: PeriodicTask) -> dict[str, Any]:
    every: IntervalSchedule = task.interval
    return {
        "id": task.pk,
        "name": task.name,
        "enabled": task.enabled,
        "every_minutes": every.every,
        "last_run_at": task.last_run_at,
        "run_count": task.total_run_count,
    }


class ServerView(ApiView):
    """Not of one project but of the server, hence its administrator's."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not is_administrator(self.identity.user):
            raise Forbidden("Only an owner of the first project looks after the server.")


class HousekeepingListView(ServerView):
    @extend_schema(
        operation_id="listHousekeeping", summary="What the server does from time to time", responses=HousekeepingList
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [_record(task) for task in housekeeping.tasks()]})


class HousekeepingTaskView(ServerView):
    problems = {"put": (404,)}

    @extend_schema(
        operation_id="changeHousekeeping",
        summary="Change how often, or switch it off",
        request=HousekeepingChange,
        responses=HousekeepingTask,
    )
    def put(self, request: Request, task_id: int) -> Response:
        """Beat hears of it within seconds."""
        body = read_body(HousekeepingChange, request)
        task = housekeeping.tasks().filter(pk=task_id).first()
        if task is None:
            raise NotFound("There is no such task.")
        changed = housekeeping.change(task, enabled=body.enabled, every_minutes=body.every_minutes)
        return Response(_record(changed))

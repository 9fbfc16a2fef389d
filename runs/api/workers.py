"""The processes that work on runs, for the server's administrator."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AnswerModel, Moment
from runs.api.housekeeping import ServerView
from runs.workers import worker_records


class Worker(AnswerModel):
    id: str
    is_alive: bool = Field(description="Its lease has not run out.")
    claims: bool = Field(
        description="It takes runs that wait. A web process only goes on with those that it took in itself."
    )
    runs_held: int
    host: str
    pid: int
    started_at: Moment
    lease_until: Moment
    code_version: str = Field(description="The project's version and commit that it runs.")
    engine_format: int
    node_kinds: list[str] = Field(description="All names of node kinds that it knows, aliases among them.")


class WorkerList(AnswerModel):
    results: list[Worker]


class WorkerListView(ServerView):
    @extend_schema(operation_id="listWorkers", summary="The processes that work on runs", responses=WorkerList)
    def get(self, request: Request) -> Response:
        """Those at work, and those that died within the last day; the newest first."""
        return Response({"results": worker_records()})

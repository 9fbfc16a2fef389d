"""The processes that work on runs, for the server's administrator."""

from __future__ import annotations

from typing import Literal

from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AnswerModel, Moment
from runs.api.housekeeping import ServerView
from runs.workers import untaken, worker_records


class Worker(AnswerModel):
    id: str
    state: Literal["alive", "lapsed", "stopped"] = Field(
        description="Its lease runs, has run out unrenewed, or was given back when it stopped."
    )
    claims: bool = Field(
        description="It takes runs that wait. A web process only goes on with those that it took in itself."
    )
    slots: int | None = Field(description="Runs that it works on at once.")
    runs_held: int
    host: str
    pid: int
    started_at: Moment
    heard_at: Moment | None = Field(description="When it renewed its lease last.")
    lease_until: Moment
    code_version: str = Field(description="The project's version and commit that it runs.")
    engine_format: int
    node_kinds: list[str] = Field(description="All names of node kinds that it knows, aliases among them.")


class Untaken(AnswerModel):
    """Runs of one version that have been ready for more than five seconds and that no worker can take."""

    workflow_id: str
    workflow_name: str
    version: int | None
    runs: int
    since: Moment
    reason: str


class WorkerList(AnswerModel):
    results: list[Worker]
    untaken: list[Untaken]


class WorkerListView(ServerView):
    @extend_schema(operation_id="listWorkers", summary="The processes that work on runs", responses=WorkerList)
    def get(self, request: Request) -> Response:
        """Those at work, and those that stopped or died within the last day, the newest first; and the runs that none
        of them can take."""
        return Response({"results": worker_records(), "untaken": untaken()})

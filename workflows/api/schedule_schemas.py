"""The bodies of the schedules API: what is asked and what is answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from accounts.api.base import AnswerModel, Moment, PageQuery, QueryModel, RequestModel
from workflows.timetable import CatchUp, Overlap, ScheduleType

MAX_PREVIEW = 100
Text = Annotated[str, StringConstraints(max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Count = Annotated[int, Field(ge=1, le=MAX_PREVIEW)]
Day = Annotated[date, WithJsonSchema({"type": "string", "format": "date"})]
ClockChangeWord = Literal["gap", "repeat"]


# --- asked ---


class SchedulePreviewQuery(QueryModel):
    """A schedule as a form holds it."""

    schedule_type: Text = "cron"
    schedule_value: Text = ""
    timezone: Text = Field("", description="Without one the project's.")
    starts_on: Text = ""
    ends_on: Text = ""
    jitter: int = 0
    count: Count = 10


class CountQuery(QueryModel):
    count: Count = 10


class ScheduleQuery(PageQuery):
    workflow: Text | None = None


class TimelineQuery(PageQuery):
    hours: Annotated[int, Field(ge=1, le=7 * 24)] = Field(24, description="How far to look ahead.")


class Pause(RequestModel):
    reason: Reason = ""


# --- answered ---


class Fire(AnswerModel):
    at: Moment
    local: str = Field(description="The same moment by the clock of the schedule's zone, with its offset.")
    timezone: str
    clock_change: ClockChangeWord | None = Field(
        description="`gap`: on that day the time does not exist. `repeat`: it comes twice."
    )
    note: str


class SchedulePreview(AnswerModel):
    words: str
    timezone: str
    results: list[Fire]


class WorkflowFire(Fire):
    node_id: str


class WorkflowFires(AnswerModel):
    results: list[WorkflowFire]


class Schedule(AnswerModel):
    id: str
    workflow_id: str
    workflow_name: str
    node_id: str
    words: str
    schedule_type: ScheduleType
    schedule_value: str
    timezone: str
    starts_on: Day | None
    ends_on: Day | None
    jitter: int
    catch_up: CatchUp
    overlap: Overlap
    grace: int
    is_active: bool
    next_due_at: Moment | None
    is_overdue: bool = Field(description="It should have started, its grace time is over, and no clock has looked.")
    paused_at: Moment | None
    pause_reason: str


class SchedulePage(AnswerModel):
    results: list[Schedule]
    next: str | None


class TimelineFire(AnswerModel):
    at: Moment
    clock_change: ClockChangeWord | None


class TimelineRow(Schedule):
    fires: list[TimelineFire]
    every_seconds: float | None = Field(description="Instead of the fires, where they are too many: how far apart.")


class Timeline(AnswerModel):
    since: Moment
    until: Moment
    results: list[TimelineRow]
    next: str | None

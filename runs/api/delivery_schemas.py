"""The bodies of the deliveries API: what is asked and what is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from accounts.api.base import AnswerModel, AnyJSON, Moment, PageQuery, RequestModel
from workflows.api.schemas import RunStatus

MAX_REPLAYS = 100

DeliveryOutcome = Literal["started", "duplicate", "filtered", "answered", "heard", "raised", "refused"]
DeliveryId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


# --- asked ---


class DeliveryQuery(PageQuery):
    workflow: str | None = Field(None, description="A workflow's id.")
    outcome: DeliveryOutcome | None = None
    since: Annotated[str | None, WithJsonSchema({"type": "string", "format": "date-time"})] = Field(
        None, description="Received at or after this moment."
    )
    until: Annotated[str | None, WithJsonSchema({"type": "string", "format": "date-time"})] = Field(
        None, description="Received before this moment."
    )
    search: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None,
        description="In the path; or the whole id of delivery or run, the sender's id, the address, or the code.",
    )


class Replay(RequestModel):
    ids: list[DeliveryId] = Field(min_length=1, max_length=MAX_REPLAYS)


# --- answered ---


class DeliveryHead(AnswerModel):
    id: str
    workflow_id: str | None = Field(description="Null: the address belonged to nobody.")
    workflow_name: str | None
    node_id: str | None
    outcome: DeliveryOutcome
    code: str | None = Field(description="Why it was refused, for programs.")
    reason: str | None
    status: int | None = Field(description="What was answered; null while the caller waits for the run.")
    run_id: str | None
    run_status: RunStatus | None
    replay_of: str | None
    delivery_id: str | None = Field(description="The sender's own id.")
    method: str
    path: str = Field(description="What follows the webhook's URL; the whole path where the address is unknown.")
    query: str
    client_address: str
    body_size: int
    received_at: Moment
    duration_ms: float = Field(description="From its arrival until it was decided what becomes of it.")


class Delivery(DeliveryHead):
    headers: dict[str, str] | None
    body: AnyJSON = Field(description="As the run got it; else the text that came.")
    body_is_raw: bool
    body_is_cut: bool


class DeliveryPage(AnswerModel):
    results: list[DeliveryHead]
    next: str | None


class ReplayError(AnswerModel):
    code: str
    message: str


class ReplayResult(AnswerModel):
    id: str
    delivery: DeliveryHead | None = Field(description="The new one.")
    error: ReplayError | None


class Replayed(AnswerModel):
    results: list[ReplayResult]


class Listener(AnswerModel):
    id: str
    url: str = Field(description="Where to send the test request; the trigger's path follows.")
    expires_at: Moment
    received_at: Moment | None
    node_id: str | None
    payload: AnyJSON
    refusal: str | None

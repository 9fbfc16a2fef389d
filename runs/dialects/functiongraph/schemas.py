"""FunctionGraph's bodies, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from accounts.api.base import AnswerModel, AnyJSON

Status = Literal["running", "success", "fail", "timeout", "cancel"]


class Error(AnswerModel):
    error_code: str = Field(min_length=1, max_length=36)
    error_msg: str = Field(min_length=2, max_length=512)
    request_id: str


class Empty(AnswerModel):
    """Nothing more to tell."""


class _Sent(BaseModel):
    model_config = ConfigDict(extra="allow")


class FlowBody(_Sent):
    """A flow's definition; docs/dialects/functiongraph.md says what of it is run here."""

    name: str
    start: str
    states: list[dict[str, Any]]
    description: str | None = None
    functions: list[dict[str, Any]] | None = None
    constants: dict[str, Any] | None = None
    retries: list[dict[str, Any]] | None = None
    triggers: list[dict[str, Any]] | None = None
    mode: str | None = None


class ExecuteBody(_Sent):
    input: dict[str, AnyJSON] = Field(description="What the first state gets as `$`.")
    headers: dict[str, AnyJSON] | None = Field(None, description="Kept with the run and shown in its detail.")


class DeleteBody(_Sent):
    workflow_urns: list[str]


class CallbackBody(_Sent):
    result: Literal["success", "fail"]
    error: str | None = None
    output: dict[str, AnyJSON] | None = None


class Started(AnswerModel):
    execution_id: str


class FlowInfo(AnswerModel):
    id: str
    workflow_urn: str
    name: str
    description: str
    created_time: str
    updated_time: str
    created_by: str
    enable_stream_response: bool


class Flow(FlowInfo):
    lts_group_id: str
    lts_stream_id: str
    definition: dict[str, AnyJSON]


class FlowList(AnswerModel):
    total: int
    size: int
    workflows: list[FlowInfo]


class Failed(AnswerModel):
    workflow_urn: str
    error_detail: str


class Deleted(AnswerModel):
    success: list[str]
    fail: list[Failed]


class Brief(AnswerModel):
    workflow_id: str
    workflow_urn: str
    execution_id: str
    status: Status
    begin_time: str
    end_time: str = ""
    last_update_time: str
    created_by: str


class BriefList(AnswerModel):
    executions: list[Brief]


class History(AnswerModel):
    total: int
    size: int
    executions: list[Brief]


class Attempt(AnswerModel):
    status: Status
    input: AnyJSON
    output: AnyJSON
    begin_time: int
    end_time: int = 0
    error_message: str = ""
    request_id: str


class StateDetail(AnswerModel):
    node_id: str
    node_name: str
    execution_id: str
    executions: list[Attempt]


class Detail(Brief):
    create_time: str = Field("", description="What the caller said in `X-Create-Time`.")
    headers: dict[str, AnyJSON]
    input: AnyJSON
    output: AnyJSON
    node_execution_details: list[StateDetail]


class StateError(AnswerModel):
    node_id: str
    error_message: str
    begin_time: str
    end_time: str


class Result(AnswerModel):
    execution_id: str
    status: Status
    output: AnyJSON
    errors: list[StateError]
    begin_time: str
    end_time: str | None

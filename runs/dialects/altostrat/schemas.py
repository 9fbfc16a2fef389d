"""Altostrat's bodies, for the OpenAPI document; the records themselves are plain dicts (records.py)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel, StringConstraints

from accounts.api.base import AnswerModel, AnyJSON, Moment, RequestModel
from workflows.api.schemas import ScheduleType, WorkflowEdge, WorkflowNode, WorkflowToCheck

RunStatus = Literal["pending", "running", "completed", "failed", "awaiting_ui_interaction"]


# --- asked ---


class Asked(RequestModel):
    """What else an object brings is for others and is passed over."""

    model_config = ConfigDict(strict=True, extra="ignore")


class WorkflowToSave(WorkflowToCheck):
    model_config = Asked.model_config

    authorization_id: str | None = None


class Execute(Asked):
    context: dict[str, AnyJSON] = Field(default_factory=dict)


class NodeToTest(Asked):
    node: WorkflowNode
    context: dict[str, AnyJSON] = Field(default_factory=dict)
    authorization_id: str | None = None


VaultName = Annotated[str, StringConstraints(min_length=3, max_length=50)]
VaultSecret = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class VaultItemToMake(Asked):
    name: VaultName
    secret: VaultSecret | None = None
    expires_at: Annotated[AwareDatetime, Field(strict=False)] | None = None


class VaultItemToChange(Asked):
    name: VaultName | None = None
    secret: VaultSecret | None = None
    expires_at: Annotated[AwareDatetime, Field(strict=False)] | None = None


class Payload(BaseModel):
    """Any JSON object; the flow sees it as `payload`."""

    model_config = ConfigDict(extra="allow")


# --- answered ---


class Fault(AnswerModel):
    node_id: str | None
    edge_id: str | None
    field: str | None
    message: str


class Error(AnswerModel):
    """Every error; one about the token holds `message` alone."""

    type: str = ""
    code: str = ""
    message: str
    doc_url: str = ""
    errors: list[Fault] = Field(default_factory=list)

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class Checked(AnswerModel):
    valid: bool
    errors: list[Fault]


class Authorization(AnswerModel):
    id: str
    user_id: str
    email: str
    created_at: Moment


class ListedAuthorization(AnswerModel):
    id: str
    user_id: str
    provider: str
    status: Literal["active", "inactive"]
    created_at: Moment


class AuthorizationList(RootModel[list[ListedAuthorization]]):
    """The project's members."""


class RunHead(AnswerModel):
    id: str
    status: RunStatus
    error_message: str | None
    started_at: Moment | None
    completed_at: Moment | None
    duration_in_seconds: int | None
    created_at: Moment


class WorkflowRow(AnswerModel):
    id: str
    name: str
    description: str | None
    schedule_type: ScheduleType
    schedule_value: str | None
    next_run_at: Moment | None
    is_active: bool
    webhook_url: str | None
    created_at: Moment
    updated_at: Moment
    authorization: Authorization
    runs: list[RunHead]


class WorkflowList(RootModel[list[WorkflowRow]]):
    """Without nodes and edges."""


class Workflow(WorkflowRow):
    nodes: list[WorkflowNode]
    edges: list[WorkflowEdge]


class Log(AnswerModel):
    id: str
    execution_id: str
    node_id: str
    component_id: str | None
    status: Literal["success", "error", "warning"]
    output: AnyJSON
    created_at: Moment


class ListedRun(RunHead):
    trigger_payload: AnyJSON
    logs: list[Log]


class Run(ListedRun):
    workflow: Workflow


class Links(AnswerModel):
    first: str | None
    last: str | None
    prev: str | None
    next: str | None


class Meta(AnswerModel):
    model_config = ConfigDict(serialize_by_alias=True, json_schema_serialization_defaults_required=True)

    current_page: int
    from_: int | None = Field(serialization_alias="from")
    last_page: int
    path: str
    per_page: int
    to: int | None
    total: int


class Page(AnswerModel):
    links: Links
    meta: Meta


class RunPage(Page):
    data: list[ListedRun]


class LogPage(Page):
    data: list[Log]


class TestedNode(AnswerModel):
    status: Literal["success", "error"]
    output: AnyJSON


class VaultItem(AnswerModel):
    id: str
    name: str
    expires_at: Moment | None
    created_at: Moment
    updated_at: Moment


class NewVaultItem(VaultItem):
    secret: str = Field("", description="Of a key that was made, and told here only.")

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class VaultList(RootModel[list[VaultItem]]):
    """Without the secrets."""


class NewRun(AnswerModel):
    message: str
    new_run: Run


class Accepted(AnswerModel):
    message: str
    run_id: str

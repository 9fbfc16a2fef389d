"""Conductor's bodies, for the OpenAPI document. What the vendor's objects hold beside these is not told here."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from accounts.api.base import AnyJSON


class Told(BaseModel):
    model_config = ConfigDict(extra="allow")


class Error(Told):
    status: int
    message: str
    instance: str
    retryable: bool


class KeyPair(BaseModel):
    keyId: str  # noqa: N815 - the name on the wire
    keySecret: str  # noqa: N815


class Token(BaseModel):
    token: str


class Input(RootModel[dict[str, AnyJSON]]):
    """What the run starts with."""


class TaskDef(Told):
    name: str
    retryCount: int | None = None  # noqa: N815
    retryLogic: str | None = None  # noqa: N815
    retryDelaySeconds: int | None = None  # noqa: N815
    timeoutSeconds: int | None = None  # noqa: N815
    responseTimeoutSeconds: int | None = None  # noqa: N815


class TaskDefs(RootModel[list[TaskDef]]):
    """Task types."""


class Task(Told):
    """An attempt of a node."""

    taskId: str  # noqa: N815
    taskType: str  # noqa: N815
    referenceTaskName: str  # noqa: N815
    status: str
    workflowInstanceId: str  # noqa: N815
    inputData: dict[str, AnyJSON]  # noqa: N815
    outputData: dict[str, AnyJSON]  # noqa: N815


class Tasks(RootModel[list[Task]]):
    """Tasks."""


class TaskResult(Told):
    """What a worker says of its task."""

    taskId: str  # noqa: N815
    workflowInstanceId: str | None = None  # noqa: N815
    workerId: str | None = None  # noqa: N815
    status: Literal["IN_PROGRESS", "COMPLETED", "FAILED", "FAILED_WITH_TERMINAL_ERROR"]
    outputData: dict[str, AnyJSON] | None = None  # noqa: N815
    reasonForIncompletion: str | None = None  # noqa: N815
    callbackAfterSeconds: int | None = None  # noqa: N815
    extendLease: bool | None = None  # noqa: N815


class SkipTask(Told):
    taskOutput: dict[str, AnyJSON] | None = None  # noqa: N815


class StateUpdate(Told):
    taskReferenceName: str | None = None  # noqa: N815
    taskResult: dict[str, AnyJSON] | None = None  # noqa: N815
    variables: dict[str, AnyJSON] | None = None


class TaskLog(BaseModel):
    log: str
    taskId: str  # noqa: N815
    createdTime: int  # noqa: N815


class TaskLogs(RootModel[list[TaskLog]]):
    """Lines."""


class Output(RootModel[dict[str, AnyJSON]]):
    """What the task puts out."""


class Mock(Told):
    status: Literal["IN_PROGRESS", "COMPLETED", "FAILED", "FAILED_WITH_TERMINAL_ERROR"] = "COMPLETED"
    output: dict[str, AnyJSON] | None = None


class StartRequest(BaseModel):
    """Names that are not here are passed over."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: int | None = None
    correlationId: str | None = None  # noqa: N815
    input: dict[str, AnyJSON] = Field(default_factory=dict)
    taskToDomain: dict[str, Any] | None = None  # noqa: N815
    priority: int = Field(0, ge=0, le=99)
    createdBy: str | None = None  # noqa: N815
    idempotencyKey: str | None = None  # noqa: N815
    idempotencyStrategy: str | None = None  # noqa: N815
    workflowDef: dict[str, AnyJSON] | None = None  # noqa: N815


class TestRequest(StartRequest):
    name: str | None = None  # type: ignore[assignment]  # an inline definition has one
    taskRefToMockOutput: dict[str, list[Mock]] | None = None  # noqa: N815
    subWorkflowTestRequest: dict[str, dict[str, AnyJSON]] | None = None  # noqa: N815


class RerunRequest(Told):
    reRunFromTaskId: str | None = None  # noqa: N815
    workflowInput: dict[str, AnyJSON] | None = None  # noqa: N815
    correlationId: str | None = None  # noqa: N815


class Workflow(Told):
    """A run."""

    workflowId: str  # noqa: N815
    workflowName: str  # noqa: N815
    workflowVersion: int  # noqa: N815
    status: Literal["RUNNING", "PAUSED", "COMPLETED", "FAILED", "TIMED_OUT", "TERMINATED"]
    input: dict[str, AnyJSON]
    output: dict[str, AnyJSON]


class Workflows(RootModel[list[Workflow]]):
    """Runs."""


class WorkflowsById(RootModel[dict[str, list[Workflow]]]):
    """Runs by correlation id."""


class WorkflowRun(Told):
    workflowId: str  # noqa: N815
    status: str
    requestId: str  # noqa: N815


class Status(Told):
    workflowId: str  # noqa: N815
    status: str


class Found(Told):
    totalHits: int  # noqa: N815
    results: list[dict[str, AnyJSON]]


class Ids(RootModel[list[str]]):
    """Ids of runs."""


class CorrelationIds(RootModel[list[str]]):
    """Correlation ids."""


class CorrelatedBatch(Told):
    correlationIds: list[str]  # noqa: N815
    workflowNames: list[str]  # noqa: N815


class BulkResponse(BaseModel):
    bulkErrorResults: dict[str, str]  # noqa: N815
    bulkSuccessfulResults: list[str]  # noqa: N815
    message: str


class WorkflowTask(Told):
    name: str
    taskReferenceName: str  # noqa: N815
    type: str | None = None


class WorkflowDef(Told):
    name: str
    version: int | None = None
    tasks: list[WorkflowTask]


class WorkflowDefs(RootModel[list[WorkflowDef]]):
    """Definitions."""

"""The bodies of the runs API: what is told."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from accounts.api.base import AnswerModel, AnyJSON, Moment
from workflows.api.schemas import NodeGroup, RunStatus, StickyNote, TriggerType, WorkflowEdge, WorkflowNode, WorkflowRow


class RunError(AnswerModel):
    """The first error that nothing handled."""

    model_config = ConfigDict(extra="allow")

    code: str
    message: str
    node_id: str | None


class LogError(AnswerModel):
    model_config = ConfigDict(extra="allow")

    code: str
    message: str
    field: str | None = None
    position: AnyJSON = None


class LogMessage(AnswerModel):
    model_config = ConfigDict(extra="allow")

    at: Moment
    level: str
    text: str


class NodeProgress(AnswerModel):
    """What the node said last of how far it is; while it runs this is renewed once a second at most."""

    fraction: float | None = Field(description="From 0 to 1, where it knows.")
    message: str


class Log(AnswerModel):
    """One attempt of one node."""

    id: str
    execution_id: str
    node_id: str
    component_id: str
    iteration: str
    attempt: int
    status: Literal["started", "completed", "failed", "interrupted", "terminated"]
    handle: str | None
    input: AnyJSON
    output: AnyJSON
    error: LogError | None
    messages: list[LogMessage]
    progress: NodeProgress | None
    created_at: Moment
    started_at: Moment
    completed_at: Moment | None
    duration_ms: int | None


class LogPage(AnswerModel):
    results: list[Log]
    next: str | None


class PassesSoFar(AnswerModel):
    """How far a container has come: passes that are over, and as many as are known of."""

    over: int
    known: int


class NodeState(AnswerModel):
    status: Literal["running", "waiting", "completed", "failed", "skipped", "interrupted", "terminated"]
    attempts: int
    started_at: Moment | None
    completed_at: Moment | None
    duration_ms: int | None
    handle: str | None
    error: LogError | None
    progress: NodeProgress | None = Field(description="Of a node at work that says how far it is.")
    passes: PassesSoFar | None = Field(description="Of a container.")
    iterations: dict[str, int] | None = Field(description="Of a node in a container: how many of them stand how.")
    is_given: bool = Field(description="It did not run: a run of a part of the draft took its output for given.")


class RunPart(AnswerModel):
    """What of the draft a run from the editor is about."""

    scope: Literal["all", "to", "only", "from"]
    node_id: str | None
    iteration: str


class TaskLease(AnswerModel):
    """A worker outside that has asked for the task."""

    worker: str | None = Field(description="What it calls itself.")
    polls: int = Field(description="How many times the task was given out.")
    polled_at: Moment = Field(description="When it was given out last.")
    until: Moment | None = Field(description="Without word from the worker by then another one may have it.")


class RunWait(AnswerModel):
    """Something for which the run waits."""

    node_id: str = Field(description="Empty where it is the run itself that is to start later.")
    iteration: str
    kind: Literal["timer", "backoff", "event", "approval", "child", "timeout", "task", "start"]
    until: Moment | None
    name: str | None = Field(description="The event's name, or the type of task that workers ask for.")
    correlation: str | None
    run_id: str | None = Field(description="The child run.")
    message: str | None = Field(description="What is to be decided.")
    approvers: list[str] | None
    link: str | None = Field(description="Where it is decided.")
    lease: TaskLease | None = Field(description="Of a task that a worker has asked for.")


class RunWaits(AnswerModel):
    results: list[RunWait]


class RunFields(AnswerModel):
    id: str
    run_id: str | None = Field(description="The caller's own id.")
    status: RunStatus
    trigger_type: TriggerType
    error_message: str | None
    error: RunError | None
    started_at: Moment | None
    completed_at: Moment | None
    duration_in_seconds: int | None
    duration_ms: int | None
    created_at: Moment
    deadline_at: Moment | None = Field(description="Not ended by then, it fails with the code `deadline`.")
    correlation_id: str | None
    priority: int
    metadata: dict[str, str]
    version: int | None
    is_draft: bool
    partial: RunPart | None
    retry_of: str | None
    parent_run_id: str | None
    reason: str | None = Field(description="Why it was suspended or terminated, or why it does not start.")
    terminated_by: str | None = Field(description="Whose wish its end was, by e-mail.")


class RunHead(RunFields):
    workflow_id: str
    workflow_name: str


class RunWorkflow(WorkflowRow):
    """The workflow as it is now, with the drawing of the version that ran."""

    nodes: list[WorkflowNode]
    edges: list[WorkflowEdge]
    notes: list[StickyNote]
    groups: list[NodeGroup]


class RunResponse(AnswerModel):
    """What a respond node said: the caller's answer, which may come before the end."""

    status: int
    headers: list[tuple[str, str]]
    body: AnyJSON
    more: bool = Field(description="What later respond nodes said was added to it.")


class Run(RunFields):
    trigger_payload: AnyJSON
    output: AnyJSON
    variables: dict[str, AnyJSON] = Field(description="As they stand now.")
    response: RunResponse | None
    workflow: RunWorkflow
    logs: list[Log]
    waits: list[RunWait]
    node_states: dict[str, NodeState] = Field(description="The nodes that were reached or skipped.")


class RunEvent(AnswerModel):
    """What a run was told."""

    name: str
    correlation: str | None
    payload: AnyJSON
    received_at: Moment
    delivered_at: Moment | None = Field(description="When a node took it; null while it lies in the inbox.")


class RunEventPage(AnswerModel):
    results: list[RunEvent]
    next: str | None


class EventRuns(AnswerModel):
    runs: list[str] = Field(description="The ids of the runs that were told.")


class RunPage(AnswerModel):
    results: list[RunHead]
    next: str | None


# --- in bulk ---


class BulkProblem(AnswerModel):
    status: int
    code: str
    detail: str


class BulkOutcome(AnswerModel):
    """What became of one of them. After a retry `run_id` is the new run."""

    id: str
    run_id: str | None
    was: RunStatus | None
    status: RunStatus | None = Field(description="As it stands now; null when it was purged or there is no such run.")
    problem: BulkProblem | None


class BulkOutcomes(AnswerModel):
    results: list[BulkOutcome]
    more: bool = Field(description="More runs fit the filter than were taken.")

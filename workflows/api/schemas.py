"""The bodies of the workflows API: what is asked and what is answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation, StringConstraints

from accounts.api.base import AnswerModel, AnyJSON, Moment, PageQuery, ProblemDetail, RequestModel
from workflows.nodes.lengths import LONGEST
from workflows.retention_bounds import MOST_RUN_DAYS, MOST_RUNS_KEPT

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(max_length=10_000)]
Note = Annotated[str, StringConstraints(max_length=10_000)]
ScheduleType = Literal["manual", "cron", "interval", "daily", "weekly", "monthly"]
ScheduleValue = Annotated[str, StringConstraints(max_length=200)]
RunStatus = Literal["pending", "running", "waiting", "suspended", "completed", "failed", "terminated"]
TriggerType = Literal["api", "manual", "webhook", "schedule", "workflow", "alert"]
CredentialKind = Literal["bearer", "basic", "header", "query", "signing"]


# --- the drawing: checked by workflows/graph.py, so these only describe it ---


class Position(BaseModel):
    x: float
    y: float


class Retry(BaseModel):
    count: int = Field(0, ge=0, le=20)
    delay: float = Field(1.0, description="Seconds before the next attempt.")
    backoff: Literal["fixed", "linear", "exponential"] = "fixed"


class NodeData(BaseModel):
    """The node's kind, its options, and flat beside them the settings of its kind (`GET /components`)."""

    model_config = ConfigDict(extra="allow")

    componentId: str  # noqa: N815 - the name on the wire
    label: str | None = None
    notes: str | None = None
    disabled: bool | None = None
    retry: Retry | None = None
    timeout: float | None = Field(None, description="Seconds for one attempt.")
    on_error: Literal["stop", "continue", "error"] | None = None
    repeat: Literal["safe", "keyed", "once"] | None = Field(
        None, description="What a repeat after a crash may do; without it the kind says."
    )
    parameters: dict[str, AnyJSON] | None = Field(None, description="The settings, nested instead of flat.")


class WorkflowNode(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    type: str | None = None
    position: Position | None = None
    parentId: str | None = None  # noqa: N815
    data: NodeData


class WorkflowEdge(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    source: str
    target: str
    sourceHandle: str | None = Field(None, description="The exit of `source`; null is `out`.")  # noqa: N815
    targetHandle: str | None = None  # noqa: N815


NoteColour = Literal["yellow", "green", "blue", "red", "grey"]
AnnotationId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Place(RequestModel):
    x: float = Field(ge=-1e7, le=1e7)
    y: float = Field(ge=-1e7, le=1e7)


class StickyNote(RequestModel):
    """Words on the canvas, in Markdown; takes no part in a run."""

    id: AnnotationId
    text: Annotated[str, StringConstraints(max_length=10_000)]
    position: Place
    width: float = Field(ge=80, le=4_000)
    height: float = Field(ge=40, le=4_000)
    colour: NoteColour = "yellow"


class NodeGroup(RequestModel):
    """Nodes that are shown, moved and folded together; takes no part in a run."""

    id: AnnotationId
    title: Annotated[str, StringConstraints(max_length=200)]
    nodes: list[Annotated[str, StringConstraints(max_length=200)]] = Field(max_length=1_000)
    collapsed: bool = False
    colour: NoteColour = "grey"


Notes = Annotated[list[StickyNote], Field(max_length=200)]
Groups = Annotated[list[NodeGroup], Field(max_length=200)]
Tags = Annotated[list[Tag], Field(max_length=20)]
Nodes = SkipValidation[list[WorkflowNode]]
Edges = SkipValidation[list[WorkflowEdge]]


# --- asked ---

_INCOMPLETE = "Accept missing or wrong settings for now; publishing will not."


MaxConcurrentRuns = Annotated[
    int | None,
    Field(ge=1, le=10_000, description="How many of its runs may have begun and not ended; the others wait in order."),
]


DeadlineSeconds = Annotated[
    int | None,
    Field(
        ge=1,
        le=int(LONGEST.total_seconds()),
        description="Its runs fail with the code `deadline` if they have not ended so long after they may begin; "
        "`deadline_seconds` at a start comes first.",
    ),
]


RunDays = Annotated[
    int | None,
    Field(
        ge=0,
        le=MOST_RUN_DAYS,
        description="Days after which its ended runs are deleted; 0: never; null: as the server is set.",
    ),
]


RunsKept = Annotated[
    int | None,
    Field(
        ge=0,
        le=MOST_RUNS_KEPT,
        description="How many of its latest runs are kept, 0: all; null: as the server is set.",
    ),
]


class WorkflowToCheck(RequestModel):
    name: Name = ""
    description: Description | None = None
    nodes: Nodes = Field(default_factory=list)
    edges: Edges = Field(default_factory=list)
    schedule_type: ScheduleType = "manual"
    schedule_value: ScheduleValue | None = None
    is_active: bool = False


class WorkflowChanges(WorkflowToCheck):
    """What a save may bring."""

    notes: Notes = Field(default_factory=list)
    groups: Groups = Field(default_factory=list)
    tags: Tags = Field(default_factory=list)
    max_concurrent_runs: MaxConcurrentRuns = None
    deadline_seconds: DeadlineSeconds = None
    run_days: RunDays = None
    runs_kept: RunsKept = None
    allow_incomplete: bool = Field(False, description=_INCOMPLETE)


class WorkflowCreate(WorkflowChanges):
    name: Name


class WorkflowUpdate(WorkflowChanges):
    draft_revision: int | None = Field(None, description="What the changes were made from; 409 if it passed.")


class Publication(RequestModel):
    note: Note = ""


class CredentialCreate(RequestModel):
    name: Name
    kind: CredentialKind
    data: dict[str, AnyJSON] = Field(
        description="bearer: token. basic: username, password. header, query: name, value. "
        "signing: key, and while it is changed previous_key. Never told again."
    )


class CredentialUpdate(RequestModel):
    name: Name | None = None
    kind: CredentialKind | None = None
    data: dict[str, AnyJSON] | None = Field(None, description="Left out: the secret stays as it is.")


class WorkflowQuery(PageQuery):
    search: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="In the name, or the whole id or key."
    )
    is_active: Literal["true", "false"] | None = None
    trigger: Literal["schedule", "webhook", "manual"] | None = Field(
        None, description="What starts it; `manual`: neither a schedule nor a webhook."
    )
    status: RunStatus | None = Field(None, description="Of its last run.")
    tag: Annotated[str, StringConstraints(max_length=40)] | None = None


# --- answered ---


class Actor(AnswerModel):
    id: str
    email: str


class Authorization(AnswerModel):
    id: str
    user_id: str
    email: str
    created_at: Moment


class WorkflowTrigger(AnswerModel):
    node_id: str
    kind: str
    summary: str
    next_run_at: Moment | None
    pause_reason: str | None = Field(description="Null unless its schedule is paused.")


class ScheduleAlarm(AnswerModel):
    """Starts by the clock that did not happen within their grace time."""

    missed: int = Field(description="How many of them nobody has acknowledged.")
    last_due_at: Moment | None
    overdue_since: Moment | None = Field(description="Due since then, and no clock has looked yet.")


class RecentRun(AnswerModel):
    id: str
    status: RunStatus
    created_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    duration_ms: int | None
    trigger_type: TriggerType


class NodeLimits(AnswerModel):
    """Bounds for every node: seconds at work, seconds of one delay, and items of one loop."""

    node_seconds: int
    delay_seconds: int
    items: int


class WorkflowRow(AnswerModel):
    id: str
    key: str = Field(description="Unique in the project, made from the first name.")
    name: str
    description: str | None
    tags: list[str]
    max_concurrent_runs: int | None
    deadline_seconds: int | None
    run_days: int | None
    runs_kept: int | None
    node_limits: NodeLimits | None = Field(description="Of a workflow that was saved by an API that has such limits.")
    draft_revision: int
    published_version: int | None
    has_unpublished_changes: bool
    schedule_type: ScheduleType
    schedule_value: str | None
    next_run_at: Moment | None
    alarm: ScheduleAlarm | None
    alert_workflow: str | None = Field(description="What is started when it fails, stalls or misses a start.")
    is_active: bool
    webhook_url: str | None
    triggers: list[WorkflowTrigger]
    created_at: Moment
    updated_at: Moment
    updated_by: Actor | None
    authorization: Authorization
    runs: list[RecentRun] = Field(description="The last 30, newest first.")
    success_rate: float | None = Field(description="Of those that completed or failed, without runs of drafts.")
    p50_ms: int | None


class Workflow(WorkflowRow):
    nodes: list[WorkflowNode]
    edges: list[WorkflowEdge]
    notes: list[StickyNote]
    groups: list[NodeGroup]


class WorkflowPage(AnswerModel):
    results: list[WorkflowRow]
    next: str | None


class TagList(AnswerModel):
    results: list[str]


class Validation(AnswerModel):
    valid: bool
    errors: list[ProblemDetail]


class WorkflowVersion(AnswerModel):
    number: int
    note: str
    created_at: Moment
    created_by: Actor | None
    is_current: bool


class WorkflowVersionDetail(WorkflowVersion):
    nodes: list[WorkflowNode]
    edges: list[WorkflowEdge]
    notes: list[StickyNote]
    groups: list[NodeGroup]


class WorkflowVersionPage(AnswerModel):
    results: list[WorkflowVersion]
    next: str | None


class Credential(AnswerModel):
    id: str
    name: str
    kind: CredentialKind
    created_at: Moment
    updated_at: Moment
    used_by: int = Field(description="How many workflows name it.")


class CredentialPage(AnswerModel):
    results: list[Credential]
    next: str | None


class ComponentAlias(AnswerModel):
    kind: str
    title: str


class DynamicHandles(AnswerModel):
    setting: str
    key: str


class Component(AnswerModel):
    kind: str
    title: str
    category: Literal["trigger", "flow", "data", "action"]
    description: str
    icon: str
    keywords: list[str]
    aliases: list[ComponentAlias]
    is_trigger: bool
    is_container: bool
    loop_roots: list[str] = Field(description="What expressions in it read of a pass: `item`, `index`.")
    repeat: Literal["safe", "keyed", "once"]
    handles: list[str]
    dynamic_handles: DynamicHandles | None
    can_fail: bool
    settings_schema: dict[str, Any] = Field(alias="schema", description="JSON Schema 2020-12 of its settings.")


class ComponentList(AnswerModel):
    results: list[Component]

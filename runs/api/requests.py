"""The bodies of the runs API: what is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from accounts.api.base import AnyJSON, PageQuery, QueryModel, RequestModel
from workflows.api.pins import NodeId, PinnedOutput
from workflows.api.schemas import (
    RunStatus,
    TriggerType,
)
from workflows.nodes.lengths import LONGEST

MAX_WAIT_SECONDS = 60
MAX_METADATA = 50
MAX_BULK = 200

CorrelationId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MetadataKey = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MetadataValue = Annotated[str, StringConstraints(max_length=1000)]
Reason = Annotated[str, StringConstraints(max_length=1000)]
Iteration = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,5}(\.[0-9]{1,5})*)?$", max_length=200)]


def _at_most_fifty(metadata: dict[str, str]) -> dict[str, str]:
    if len(metadata) > MAX_METADATA:
        raise ValueError(f"There may be {MAX_METADATA} keys.")
    return metadata


Metadata = Annotated[dict[MetadataKey, MetadataValue], AfterValidator(_at_most_fifty)]

MAX_SECONDS = int(LONGEST.total_seconds())


def _read_moment(text: object) -> datetime:
    if not isinstance(text, str):
        raise ValueError("Write it as text, such as 2030-01-31T09:00:00Z.")
    return datetime.fromisoformat(text)


def _not_too_late(moment: datetime) -> datetime:
    if moment > datetime.now(UTC) + LONGEST:
        raise ValueError(f"A run may start {LONGEST.days} days ahead at most.")
    return moment


StartMoment = Annotated[AwareDatetime, BeforeValidator(_read_moment), AfterValidator(_not_too_late)]


class ReadQuery(QueryModel):
    logs: Literal["true", "false"] = Field("true", description="false: leaves the logs out; they can be read in pages.")


class ExecuteQuery(ReadQuery):
    wait: Annotated[str | None, WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_WAIT_SECONDS})] = Field(
        None, description="Seconds to wait for the run's end: 200 with the finished record, else 202."
    )


class Partial(RequestModel):
    """What of the draft is run. Pinned outputs always stand in for the work of their nodes, in a container in every
    pass. Of a node in a container the part ends with its pass."""

    scope: Literal["all", "to", "only", "from"] = Field(
        "all", description="Everything, what leads up to the node, the node alone, or the node and what follows."
    )
    node_id: NodeId | None = None
    iteration: Iteration = Field(
        "", description="Of a node in containers: in which of their passes, such as `3.0`; the first without."
    )
    outcomes: dict[NodeId, PinnedOutput] = Field(
        default_factory=dict, max_length=2000, description="Taken for given, before pins and what came out last."
    )

    @model_validator(mode="after")
    def _of_a_node(self) -> Self:
        if (self.scope == "all") != (self.node_id is None):
            raise ValueError("A part is named by its `node_id`, everything by none.")
        return self


class Execute(RequestModel):
    context: dict[str, AnyJSON] = Field(
        default_factory=dict, description="What the run starts with: its `trigger_payload`."
    )
    version: Annotated[int, Field(ge=1, le=10**9)] | Literal["draft"] | None = Field(
        None, description="A published version, or the draft as it is now; without it the newest published one."
    )
    correlation_id: CorrelationId | None = None
    priority: int = Field(0, ge=0, le=99, description="Higher ones start first.")
    metadata: Metadata = Field(default_factory=dict, max_length=MAX_METADATA)
    run_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = Field(
        None, description="The caller's own id for the run; 409 `run_id_taken` if there is one."
    )
    deadline_seconds: int | None = Field(
        None,
        ge=1,
        le=MAX_SECONDS,
        description="From its start on; a run that has not ended by then fails with the code `deadline`.",
    )
    start_at: StartMoment | None = Field(
        None, description="Not before this moment, at most 366 days ahead; until then the run is pending."
    )
    delay_seconds: int | None = Field(None, ge=0, le=MAX_SECONDS, description="The same, counted from now.")
    partial: Partial | None = Field(None, description="For trying out the draft: on pinned outputs, or a part of it.")

    @model_validator(mode="after")
    def _of_the_draft(self) -> Self:
        if self.partial is not None and self.version != "draft":
            raise ValueError("Only the draft can be run in part: say `version: draft`.")
        return self

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.start_at is not None and self.delay_seconds is not None:
            raise ValueError("Say either `start_at` or `delay_seconds`.")
        return self


class Terminate(RequestModel):
    output: AnyJSON = Field(None, description="Becomes the run's output.")
    reason: Reason = ""


class Suspend(RequestModel):
    reason: Reason = ""


class Resume(RequestModel):
    """Nothing is to be said."""


class NodeInRun(RequestModel):
    """A node, and in a container in which pass it was."""

    node_id: NodeId
    iteration: Iteration = Field("", description="As the log says it, such as `3`, or `3.0` in a loop in a loop.")


class RunRetry(RequestModel):
    context: dict[str, AnyJSON] | None = Field(None, description="Another `trigger_payload`; without it the same.")
    version: Annotated[int, Field(ge=1, le=10**9)] | Literal["draft", "newest", "same"] = Field(
        "same", description="What the run ran, or another published version, the newest, or the draft as it is now."
    )
    from_failed: bool = Field(
        False, description="Keeps what was recorded and begins with the nodes that have no outcome."
    )
    begin_at: NodeInRun | None = Field(
        None,
        description="Begins with this node: it and what follows run again, every other outcome is kept. With "
        "`context`, what was kept came of the earlier payload.",
    )

    @model_validator(mode="after")
    def _begins_once(self) -> Self:
        if self.from_failed and self.begin_at is not None:
            raise ValueError("Say either `from_failed` or `begin_at`.")
        return self


class Purge(RequestModel):
    force: bool = Field(False, description="Terminates the run first if it has not ended.")


class Decide(RequestModel):
    decision: Literal["approved", "rejected"]
    comment: Reason = ""
    iteration: Annotated[str, StringConstraints(max_length=200)] = Field("", description="In a loop: which pass.")


class RaiseEvent(RequestModel):
    correlation: CorrelationId
    payload: AnyJSON = None


class RunFilter(QueryModel):
    workflow: str | None = Field(None, description="A workflow's id.")
    status: RunStatus | None = None
    trigger: TriggerType | None = None
    since: Annotated[str | None, WithJsonSchema({"type": "string", "format": "date-time"})] = Field(
        None, description="Made at or after this moment."
    )
    until: Annotated[str | None, WithJsonSchema({"type": "string", "format": "date-time"})] = Field(
        None, description="Made before this moment."
    )
    correlation_id: str | None = None


class RunQuery(PageQuery, RunFilter):
    """A list's filters and its page."""


# --- in bulk ---

RunIds = Annotated[list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]], Field(min_length=1)]


class BulkFilter(RunFilter):
    """The list's filters."""

    metadata: dict[MetadataKey, MetadataValue] = Field(default_factory=dict, max_length=MAX_METADATA)


class Bulk(RequestModel):
    """Which runs are meant: by `ids` (ours or the caller's own), or by `filter`."""

    ids: Annotated[RunIds, Field(max_length=MAX_BULK)] | None = None
    filter: BulkFilter | None = None
    limit: int = Field(
        MAX_BULK,
        ge=1,
        le=MAX_BULK,
        description="With `filter`: how many at most, the newest ones. `more` tells of others.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("Say either `ids` or `filter`.")
        return self


class BulkSuspend(Suspend, Bulk):
    pass


class BulkResume(Resume, Bulk):
    pass


class BulkTerminate(Terminate, Bulk):
    pass


class BulkRetry(RunRetry, Bulk):
    pass


class BulkPurge(Purge, Bulk):
    pass

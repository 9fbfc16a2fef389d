"""What the editor asks while a workflow is being built: what came out last, and what expressions come to."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import (
    AnswerModel,
    AnyJSON,
    Moment,
    QueryModel,
    RequestModel,
    query_parameters,
    read_body,
    read_query,
)
from runs.api.answers import LogError
from runs.api.requests import Iteration
from runs.preview import Question, preview
from runs.samples import samples_record
from workflows.api.pins import NodeId, PinnedOutput
from workflows.api.workflows import WorkflowsView

MAX_SETTINGS = 50


class Sample(AnswerModel):
    """What a node put out last."""

    value: AnyJSON
    is_shortened: bool = Field(description="Only the beginning of a large value is told.")
    schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema of the value.")
    handle: str
    at: Moment
    run_id: str | None
    is_pinned: bool
    stale: str | None = Field(description="Why it no longer follows from the draft.")


class Pass(AnswerModel):
    """One pass of a container."""

    number: int = Field(description="From 0.")
    known: int = Field(description="How many passes there were.")
    value: AnyJSON = Field(description="What it began with: the item.")
    is_shortened: bool


class SamplesQuery(QueryModel):
    node_id: NodeId | None = None
    iteration: Iteration = Field(
        "", description="Of the containers around the node: which pass is told of, such as `3.0`; the first without."
    )


class Samples(AnswerModel):
    draft_revision: int
    last_run_id: str | None
    payload: AnyJSON = Field(description="What the last run started with.")
    is_shortened: bool
    nodes: dict[str, Sample]
    passes: dict[str, Pass] = Field(description="By container, the pass that is told of, where it has had that many.")


class PreviewQuestion(RequestModel):
    node_id: NodeId
    iteration: Iteration = Field("", description="In which pass of the containers around it; the first without.")
    settings: dict[str, AnyJSON] = Field(max_length=MAX_SETTINGS, description="By name, as they are being written.")
    payload: AnyJSON = Field(None, description="Instead of what the last run started with.")
    outcomes: dict[NodeId, PinnedOutput] = Field(
        default_factory=dict, max_length=2000, description="Instead of what these nodes put out last."
    )


class PreviewResult(AnswerModel):
    value: AnyJSON
    is_shortened: bool
    error: LogError | None


class PreviewAnswer(AnswerModel):
    results: dict[str, PreviewResult]


class SamplesView(WorkflowsView):
    @extend_schema(
        operation_id="readSamples",
        summary="What the draft's nodes put out last",
        parameters=query_parameters(SamplesQuery),
        responses=Samples,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """The pinned output of each node, else the newest one of the last 20 runs; and why it may be stale."""
        asked = read_query(SamplesQuery, request)
        return Response(samples_record(self.find(workflow_id), asked.node_id or "", asked.iteration))


class PreviewView(WorkflowsView):
    problems = {"post": (429,)}

    @extend_schema(
        operation_id="previewSettings",
        summary="What settings come to",
        request=PreviewQuestion,
        responses=PreviewAnswer,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Works out the expressions in the sandbox, as a run would, on what is known. Nothing runs or is stored."""
        workflow = self.find(workflow_id)
        body = read_body(PreviewQuestion, request)
        outcomes = {node_id: pin.as_pinned() for node_id, pin in body.outcomes.items()}
        question = Question(body.node_id, body.settings, body.payload, outcomes, body.iteration)
        return Response({"results": preview(workflow, question)})

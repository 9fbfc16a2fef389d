"""Pinned outputs, read and changed by the editor."""

from __future__ import annotations

from typing import Annotated, Any

from drf_spectacular.utils import extend_schema
from pydantic import Field, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AnswerModel, AnyJSON, Moment, RequestModel, read_body
from workflows.api.schemas import Actor
from workflows.api.workflows import WorkflowsView
from workflows.models import Pin as PinRow
from workflows.models import Workflow
from workflows.nodes.base import OUT
from workflows.pins import Pinned, pins_of, set_pins
from workflows.records import actor

NodeId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Handle = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PinnedOutput(RequestModel):
    value: AnyJSON
    handle: Handle = Field(OUT, description="The exit by which the value leaves.")

    def as_pinned(self) -> Pinned:
        return Pinned(self.value, self.handle)


class PinChanges(RequestModel):
    pins: dict[NodeId, PinnedOutput | None] = Field(
        max_length=2000, description="By node id; null takes the pin away. Nodes that are not named stay as they are."
    )


class Pin(AnswerModel):
    node_id: str
    value: AnyJSON
    handle: str
    updated_at: Moment
    updated_by: Actor | None


class PinList(AnswerModel):
    results: list[Pin]


class PinsView(WorkflowsView):
    @extend_schema(operation_id="listPins", summary="Pinned outputs of the draft", responses=PinList)
    def get(self, request: Request, workflow_id: str) -> Response:
        """What the editor's runs take for given. Runs of published versions never do."""
        return Response(_list(self.find(workflow_id)))

    @extend_schema(operation_id="savePins", summary="Pin and unpin outputs", request=PinChanges, responses=PinList)
    def put(self, request: Request, workflow_id: str) -> Response:
        workflow = self.find(workflow_id)
        body = read_body(PinChanges, request)
        changes = {node_id: pin.as_pinned() if pin else None for node_id, pin in body.pins.items()}
        set_pins(workflow, changes, self.caller.user)
        return Response(_list(workflow))


def _list(workflow: Workflow) -> dict[str, Any]:
    return {"results": [_record(pin) for pin in pins_of(workflow)]}


def _record(pin: PinRow) -> dict[str, Any]:
    return {
        "node_id": pin.node_id,
        "value": pin.value,
        "handle": pin.handle,
        "updated_at": pin.updated_at,
        "updated_by": actor(pin.updated_by),
    }
